"""The service channel against the city stand-in over a real socket, with every bad habit it is known for."""

from __future__ import annotations

import dataclasses
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from messages import CITY_PENALTY, CODE, COMPANY, DEPARTMENT, KEY, a_message, a_registry, an_item, declared, states

from sandbox.city import serve_city
from sandbox.city_checks import TABLES
from xinyong import platforms
from xinyong.errors import MessageRefused, PlatformUnavailable
from xinyong.platforms import Answer
from xinyong.platforms.service import Counts, Problem, ServiceAdapter, batch_body, judged
from xinyong.platforms.session import Session
from xinyong.settings import Connection
from xinyong.signing import HmacSm3, Sm2


@pytest.fixture
def registry(tmp_path):
    return a_registry(tmp_path)


@pytest.fixture
def city(tmp_path, registry):
    access = {"department": "dept", "department_code": CODE, "secret": "s3cret", "signing_key": KEY}
    handle = serve_city(tmp_path, registry, **access, slow_seconds=1.5)
    yield handle
    handle.stop()


@pytest.fixture
def service(city):
    return a_service(city.url)


def a_service(url, secret="s3cret", key=KEY):
    session = Session("city", url, "dept", secret, timeout=1.0)
    return ServiceAdapter(session, CODE, {"penalty": "XZCF", "licence": "XZXK"}, HmacSm3(key))


def test_a_message_is_told_and_its_receipts_are_read(service):
    message = a_message(an_item(1), an_item(2))
    assert service.ask(message) is None
    service.send(message)
    assert service.ask(message) == [Answer(1, "accepted"), Answer(2, "accepted")]


def test_a_message_signed_with_sm2_is_taken_by_a_platform_that_verifies_it(tmp_path, registry):
    key = Sm2(bytes(range(32)))
    access = {"department": "dept", "department_code": CODE, "secret": "s3cret", "signing_key": KEY}
    handle = serve_city(tmp_path, registry, **access, verifier=key)
    try:
        service = a_service(handle.url)
        with pytest.raises(MessageRefused, match="HTTP 403"):
            service.send(a_message(an_item(1)))
        service.signer = key
        service.send(a_message(an_item(1)))
        assert states(service.ask(a_message(an_item(1)))) == ["accepted"]
    finally:
        handle.stop()


def test_a_listed_item_is_rejected_with_code_field_and_text(service):
    message = a_message(an_item(7, payload=CITY_PENALTY | {"CF_JDRQ": "2026-11-20"}), an_item(9))
    service.send(message)
    rejected, accepted = service.ask(message)
    assert rejected == Answer(7, "rejected", "10004", "CF_JDRQ", "【CF_JDRQ】：不是标准的日期格式]")
    assert accepted == Answer(9, "accepted")


def test_an_unknown_subject_is_rejected_as_unlinked(service):
    message = a_message(an_item(payload=CITY_PENALTY | {"CF_XDR_MC": "没有登记的公司"}))
    service.send(message)
    assert service.ask(message)[0].code == "4"


def test_a_quiet_day_is_said_explicitly(service):
    message = a_message()
    service.send(message)
    assert service.ask(message) == []


def test_the_listing_follows_additions_updates_and_withdrawals(service):
    first, second = an_item(1), an_item(2)
    service.send(a_message(first, second, number=1))
    changed = dataclasses.replace(second, operation="update", content_hash="c" * 64)
    service.send(a_message(dataclasses.replace(first, operation="withdraw"), changed, number=2))
    assert service.listing("penalty") == {second.natural_key: "c" * 64}
    assert service.listing("licence") == {}


@pytest.mark.parametrize(
    ("habit", "found"),
    [
        pytest.param("down", "no answer", id="down"),
        pytest.param("error_500", "HTTP 500", id="500"),
        pytest.param("busy_429", "HTTP 429 that asks for a pause of 1 s", id="429"),
        pytest.param("html", "an HTML page", id="html"),
    ],
)
def test_without_an_effect_the_message_is_unknown_and_can_be_sent_again(city, service, habit, found):
    city.city.habits.expect(habit)
    message = a_message(an_item())
    with pytest.raises(PlatformUnavailable, match=found):
        service.send(message)
    assert service.ask(message) is None
    service.send(message)
    assert states(service.ask(message)) == ["accepted"]


@pytest.mark.parametrize("habit", ["slow", "loses_answer", "broken_json"])
def test_after_a_lost_answer_asking_finds_the_receipts(city, service, habit):
    city.city.habits.expect(habit)
    message = a_message(an_item(1), an_item(2, payload=CITY_PENALTY | {"CF_SY": None}))
    with pytest.raises(PlatformUnavailable, match="asked for before it is sent again"):
        service.send(message)
    while service.ask(message) is None:  # the slow platform may still be at work
        pass
    assert states(service.ask(message)) == ["accepted", "rejected"]


def test_a_batch_is_posted_once_however_bad_the_answer(city, service):
    city.city.habits.expect("error_500", times=2)
    with pytest.raises(PlatformUnavailable):
        service.send(a_message(an_item()))
    assert city.city.habits.take("POST /api/batches") == "error_500"


@pytest.mark.parametrize("habit", ["down", "error_500", "busy_429"])
def test_asking_is_repeated_by_itself(city, service, habit):
    message = a_message(an_item())
    service.send(message)
    city.city.habits.expect(habit, on="GET /api/problems")
    assert states(service.ask(message)) == ["accepted"]


@pytest.mark.parametrize("habit", ["html", "broken_json"])
def test_an_unreadable_receipt_says_so(city, service, habit):
    message = a_message(an_item())
    service.send(message)
    city.city.habits.expect(habit, on="GET /api/batches")
    with pytest.raises(PlatformUnavailable, match="Expected: an answer in JSON"):
        service.ask(message)


def test_half_a_batch_is_settled_by_asking_for_each_record(city, service):
    city.city.habits.expect("accepts_half")
    message = a_message(an_item(1), an_item(2))
    service.send(message)
    accepted, missing = service.ask(message)
    assert accepted == Answer(1, "accepted")
    assert (missing.state, missing.code) == ("unknown", "absent")


def test_a_problem_listed_twice_is_one_problem(city, service):
    message = a_message(an_item(1, payload=CITY_PENALTY | {"CF_SY": None}), an_item(2))
    service.send(message)
    city.city.habits.expect("repeats_problems", on="GET /api/problems")
    assert states(service.ask(message)) == ["rejected", "accepted"]


def test_an_ended_token_is_renewed_once(city, service):
    service.send(a_message(an_item(), number=1))
    city.city.forget_tokens()
    service.send(a_message(an_item(2), number=2))
    city.city.token_seconds = 0.0
    city.city.forget_tokens()
    with pytest.raises(PlatformUnavailable, match="HTTP 401"):
        service.send(a_message(an_item(3), number=3))


def test_a_refused_secret_is_named_but_not_shown(city):
    with pytest.raises(PlatformUnavailable, match="POST /token") as caught:
        a_service(city.url, secret="wr0ng").send(a_message(an_item()))
    assert "wr0ng" not in str(caught.value)


def test_a_wrong_signature_refuses_the_message(city):
    with pytest.raises(MessageRefused, match="HTTP 403"):
        a_service(city.url, key=b"o" * 32).send(a_message(an_item()))


def test_another_content_under_the_same_key_is_refused(service):
    service.send(a_message(an_item(1), key="same"))
    with pytest.raises(MessageRefused, match="HTTP 409"):
        service.send(a_message(an_item(2), key="same"))


def test_a_code_for_the_whole_message_refuses_it_in_words(city):
    service = a_service(city.url)
    service.table_codes = {"penalty": "XZQZ"}
    with pytest.raises(MessageRefused, match=r"code 3002 \(目录编码不存在\)"):
        service.send(a_message(an_item()))


def test_nobody_listening_is_an_unavailable_platform(city):
    service = a_service(city.url)
    city.server.shutdown()
    city.server.server_close()
    with pytest.raises(PlatformUnavailable, match="no answer") as caught:
        service.ask(a_message(an_item()))
    assert COMPANY["name"] not in str(caught.value)


def test_counts_and_list_that_disagree_leave_the_rest_unknown():
    message = a_message(an_item(1), an_item(2), an_item(3))
    listed = Problem(position=1, key=message.items[0].natural_key, code="2")
    for counts in (
        Counts(errorCode=200, totalSize=3, successSize=3),
        Counts(errorCode=200, totalSize=2, successSize=1, failSize=1),
    ):
        assert states(judged(message, counts, [listed])) == ["rejected", "unknown", "unknown"]


def test_a_problem_of_another_record_settles_nothing():
    message = a_message(an_item(1), an_item(2))
    counts = Counts(errorCode=200, totalSize=2, successSize=1, failSize=1)
    stray = Problem(position=1, key="somebody else", code="2")
    assert states(judged(message, counts, [stray])) == ["unknown", "unknown"]


def test_a_message_is_always_the_same_bytes_and_a_withdrawal_carries_no_fields():
    message = a_message(an_item(operation="withdraw"))
    assert batch_body(message, "XZCF", CODE) == batch_body(message, "XZCF", CODE)
    assert b"CF_SY" not in batch_body(message, "XZCF", CODE)


def test_the_catalogue_and_a_connection_make_an_adapter(city):
    port = city.server.server_address[1]
    access = Connection("city", "http", "127.0.0.1", port, "dept", "s3cret", "/", {}, "")
    service = platforms.adapter(declared("city"), DEPARTMENT, access, HmacSm3(KEY))
    message = a_message(an_item())
    service.send(message)
    assert states(service.ask(message)) == ["accepted"]
    assert "s3cret" not in repr(service)


@pytest.mark.parametrize("record_type", ["penalty", "licence"])
def test_what_the_city_requires_is_declared_and_required(record_type):
    taken = declared("city").records[record_type]
    table = TABLES[taken.table_code]
    assert set(table.required) | {table.uscc} == set(taken.required)
    assert set(table.dates) <= set(taken.columns)


def test_a_certificate_that_is_not_valid_is_said(tmp_path, city):
    """The platform answers over TLS with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=3650))
    pem = tmp_path / "city.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(private + built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    city.server.socket = context.wrap_socket(city.server.socket, server_side=True)
    with pytest.raises(PlatformUnavailable, match="a certificate that is not valid"):
        a_service(city.url.replace("http://", "https://")).send(a_message(an_item(1)))

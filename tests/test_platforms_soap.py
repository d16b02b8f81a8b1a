"""The service channel in SOAP envelopes, against the older face of the city stand-in."""

from __future__ import annotations

import http.server
import threading
from xml.etree import ElementTree

import pytest
from deliveries import a_penalty, day, take_in
from messages import CITY_PENALTY, CODE, DEPARTMENT, KEY, a_message, a_registry, an_item, declared, states
from telling import declared as city_declared
from telling import known_subject, published_night, town_running

from sandbox import city_soap
from sandbox.city import serve_city
from xinyong import platforms, stages
from xinyong.errors import MessageRefused, PlatformUnavailable
from xinyong.platforms import Answer
from xinyong.platforms.session import Session
from xinyong.platforms.soap import SoapSession, envelope, question
from xinyong.settings import Connection
from xinyong.signing import HmacSm3

SOAP = {"form": "soap", "timeout_seconds": "1"}


@pytest.fixture
def city(tmp_path):
    access = {"department": "dept", "department_code": CODE, "secret": "s3cret", "signing_key": KEY}
    handle = serve_city(tmp_path, a_registry(tmp_path), **access, slow_seconds=1.5)
    yield handle
    handle.stop()


def a_service(port, secret="s3cret", key=KEY):
    access = Connection("city", "http", "127.0.0.1", port, "dept", secret, "/", {}, "")
    platform = declared("city").model_copy(update={"options": SOAP})
    return platforms.adapter(platform, DEPARTMENT, access, HmacSm3(key))


@pytest.fixture
def service(city):
    return a_service(city.server.server_address[1])


def test_a_message_is_told_listed_and_asked_for_as_over_json(service):
    assert isinstance(service.session, SoapSession)
    first, second, third = an_item(1), an_item(2, payload=CITY_PENALTY | {"CF_SY": None}), an_item(3)
    message = a_message(first, second, third)
    assert service.ask(message) is None
    assert service.send(message) is None, "a rejected row: the problem list must be read"
    assert service.ask(message)[1] == Answer(2, "rejected", "2", "CF_SY", "【CF_SY】：不能为空]")
    assert states(service.ask(message)) == ["accepted", "rejected", "accepted"]
    assert service.listing("penalty") == {one.natural_key: one.content_hash for one in (first, third)}


def test_signs_that_mean_something_in_xml_or_that_xml_cannot_hold_arrive_unchanged(service, city):
    odd = '甲<b>&amp;"乙"]]>\r\n\u2028\x07\uffff𠮷'
    item = an_item(1, payload=CITY_PENALTY | {"CF_SY": odd})
    assert states(service.send(a_message(item))) == ["accepted"]
    assert city.city.store.fields("XZCF", item.natural_key)["CF_SY"] == odd


@pytest.mark.parametrize("habit", ["loses_answer", "slow", "broken_json"])
def test_after_a_lost_answer_the_message_is_asked_for_and_not_sent_twice(city, service, habit):
    city.city.habits.expect(habit)
    message = a_message(an_item(1))
    with pytest.raises(PlatformUnavailable, match="asked for before it is sent again"):
        service.send(message)
    while service.ask(message) is None:  # the slow platform may still be at work
        pass
    assert states(service.ask(message)) == ["accepted"]


def test_half_a_batch_is_settled_by_asking_for_each_record(city, service):
    city.city.habits.expect("accepts_half")
    message = a_message(an_item(1), an_item(2))
    service.send(message)
    assert [(one.state, one.code) for one in service.ask(message)] == [("accepted", None), ("unknown", "absent")]


@pytest.mark.parametrize(
    ("habit", "found"), [("html", "no `return` in it"), ("error_500", "HTTP 500"), ("busy_429", "a pause of 1 s")]
)
def test_a_page_for_people_or_an_error_tells_nothing(city, service, habit, found):
    city.city.habits.expect(habit)
    with pytest.raises(PlatformUnavailable, match=found):
        service.send(a_message(an_item(1)))
    if habit == "error_500":
        city.city.habits.expect(habit, on="GET /api/batches")
        assert service.ask(a_message(an_item(1))) is None, "asking is repeated by itself"


def test_what_is_refused_is_said_without_the_secret(city, service):
    port = city.server.server_address[1]
    with pytest.raises(MessageRefused, match="code 403"):
        a_service(port, key=b"o" * 32).send(a_message(an_item(1)))
    with pytest.raises(PlatformUnavailable, match="code 401") as caught:
        a_service(port, secret="wr0ng").send(a_message(an_item(1)))
    assert "wr0ng" not in str(caught.value)
    assert "s3cret" not in repr(service)
    service.send(a_message(an_item(1), key="same"))
    with pytest.raises(MessageRefused, match="code 409") as refused:
        service.send(a_message(an_item(2), key="same"))
    assert refused.value.is_key_used


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x><return>&b;</return></x>'
OTHER_FILE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x><return>&f;</return></x>'


class Hostile(http.server.BaseHTTPRequestHandler):
    """Answers whatever its server holds."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, format, *args):
        """Say nothing."""


def test_a_hostile_or_empty_answer_is_no_answer():
    with http.server.HTTPServer(("127.0.0.1", 0), Hostile) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            for answer in (LAUGHS, OTHER_FILE, "<x><return>no JSON</return></x>", "<x/>", "\x00", ""):
                server.answer = answer.encode()
                with pytest.raises(PlatformUnavailable, match="Expected: an envelope that returns JSON"):
                    a_service(server.server_address[1]).ask(a_message(an_item(1)))
        finally:
            server.shutdown()


def test_the_stand_in_reads_no_hostile_envelope():
    assert city_soap.call(LAUGHS.encode()).operation == city_soap.UNREADABLE
    assert city_soap.call(b"<a/>").question() == ([city_soap.UNREADABLE], {})


def test_every_question_has_an_operation_of_its_own_and_quotes_are_escaped():
    assert question("/api/records/XZCF/a%2Fb%7C1", {}) == ("queryRecord", {"tableCode": "XZCF", "key": "a/b|1"})
    assert question("/api/records/XZCF", {"page": "2"}) == ("listRecords", {"tableCode": "XZCF", "page": "2"})
    written = envelope("upload", '{"a":"<&>"}', {"rwbh": "1"})
    assert b"{&quot;a&quot;:&quot;&lt;&amp;&gt;&quot;}" in written
    assert ElementTree.fromstring(written).find(".//arg0").text == '{"a":"<&>"}'


def test_one_key_of_the_platform_file_switches_a_night_to_envelopes(environment, monkeypatch):
    with town_running(environment, monkeypatch) as town, city_declared("city", options={"form": "soap"}):
        tokens = []
        monkeypatch.setattr(Session, "_new_token", lambda session: tokens.append(session) or "")
        known_subject()
        take_in("enforcement_penalty", day(1), [a_penalty(1), a_penalty(2)])
        stages.aggregate(day(1))
        assert published_night("city", day(1)) == []
        assert len(town.shown()) == 2
        assert tokens == [], "nobody asked for a token"

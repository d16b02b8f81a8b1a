"""A receiver checks the chain with one file and no trust: whatever was tampered with is named at its first place."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from xinyong import chain
from xinyong.chain import body_hash, first_broken, hmac_sm3, manifest, replayed, sm2
from xinyong.signing import HmacSm3, Sm2, new_sm2_key

SECRET = b"k" * 32
SM2 = Sm2(bytes(range(32)))


def an_item(position, operation="add", key="a", content="1", state="accepted"):
    """Return an item as the export writes it."""
    return {
        "position": position,
        "record_type": "penalty",
        "record_id": f"00000000-0000-0000-0000-{position:012}",
        "operation": operation,
        "reason": "expired" if operation == "withdraw" else None,
        "natural_key": key,
        "content_hash": content * 64,
        "payload": {"CF_NR": content},
        "state": state,
    }


def a_chain(signer, *bodies, form=2):
    """Return signed messages with these items."""
    found, previous = [], ""
    for number, items in enumerate(bodies, start=1):
        message = {
            "platform": "city",
            "number": number,
            "business_date": f"2026-11-{number:02}",
            "kind": "data" if items else "nothing_to_report",
            "form": form,
            "algorithm": signer.algorithm,
            "body_hash": body_hash(items, form),
            "previous_hash": previous,
            "items": items,
        }
        previous = signer.sign(manifest(message, previous))
        found.append(message | {"signature": previous})
    return found


@pytest.fixture(params=["HMAC-SM3", "SM2"])
def signed(request):
    """A chain of four messages and the check of its signatures."""
    bodies = [an_item(1), an_item(2, key="b")], [], [an_item(1, "withdraw")], [an_item(1, "update", "b", "2")]
    if request.param == "SM2":
        return a_chain(SM2, *bodies), sm2(SM2.public_key)
    return a_chain(HmacSm3(SECRET), *bodies), hmac_sm3(SECRET)


def test_a_sound_chain_holds_from_every_number_on(signed):
    messages, verify = signed
    for first in range(4):
        assert first_broken(messages[first:], verify) is None


def changed_item(messages):
    messages[2]["items"][0]["natural_key"] = "c"


def changed_payload(messages):
    messages[3]["items"][0]["payload"] = {"CF_NR": "3"}
    messages[3]["body_hash"] = body_hash(messages[3]["items"])


def changed_date(messages):
    messages[1]["business_date"] = "2026-12-01"


def dropped(messages):
    del messages[1]


def turned_round(messages):
    messages[1], messages[2] = messages[2], messages[1]


def items_turned_round(messages):
    messages[0]["items"].reverse()


def slipped_in(messages):
    messages[2:2] = [{**messages[2], "previous_hash": messages[1]["signature"], "items": []}]


TAMPERINGS = {
    "an item changed": (changed_item, 3, "its items do not give its body_hash"),
    "a payload changed, and the hash with it": (changed_payload, 4, "its signature does not belong to it"),
    "a date changed": (changed_date, 2, "its signature does not belong to it"),
    "a message dropped": (dropped, 3, "number 2 was expected here"),
    "messages re-ordered": (turned_round, 3, "number 2 was expected here"),
    "items re-ordered": (items_turned_round, 1, "its items do not give its body_hash"),
    "a message slipped in": (slipped_in, 3, "its items do not give its body_hash"),
}


@pytest.mark.parametrize(("tampering", "number", "reason"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_the_first_broken_message_is_named_with_what_is_wrong(signed, tampering, number, reason):
    messages, verify = signed
    tampering(messages)
    found = first_broken(messages, verify)
    assert (found.number, found.reason[: len(reason)]) == (number, reason)


def test_another_key_breaks_the_first_message(signed):
    messages, _ = signed
    for verify in (hmac_sm3(b"o" * 32), sm2(new_sm2_key().public_key)):
        assert first_broken(messages, verify).number == 1


def test_without_a_key_the_order_and_the_items_are_still_checked(signed):
    messages, _ = signed
    assert first_broken(messages, None) is None
    changed_item(messages)
    assert first_broken(messages, None).number == 3


def test_a_consumer_that_kept_the_last_signature_sees_that_the_past_was_written_anew(signed):
    messages, verify = signed
    kept = messages[1]["signature"]
    assert first_broken(messages[2:], verify, kept) is None
    assert first_broken(messages[2:], verify, "00" * 32).number == 3


def test_messages_of_the_first_form_are_understood():
    messages = a_chain(HmacSm3(SECRET), [an_item(1)], [], form=1)
    assert first_broken(messages, hmac_sm3(SECRET)) is None
    changed_item([{}, {}, messages[0]])
    assert first_broken(messages, hmac_sm3(SECRET)).number == 1


def test_replaying_passes_over_what_the_platform_did_not_take(signed):
    messages, _ = signed
    assert replayed(messages) == {("penalty", "b"): {"CF_NR": "2"}}
    messages[3]["items"][0]["state"] = "rejected"
    assert replayed(messages) == {("penalty", "b"): {"CF_NR": "1"}}


def written(folder, messages):
    path = folder / "messages.jsonl"
    path.write_text("".join(json.dumps(message, ensure_ascii=False) + "\n" for message in messages), "utf-8")
    return path


def test_the_file_alone_is_enough_for_a_receiver(tmp_path):
    """It is copied out of the project and run in a directory of its own, as a receiver would run it."""
    messages = a_chain(SM2, [an_item(1)], [an_item(1, "withdraw")])
    script = shutil.copy(Path(chain.__file__), tmp_path / "chain.py")
    command = [sys.executable, str(script), str(written(tmp_path, messages)), "--public-key", SM2.public_key]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    said = "messages 1 to 2 hold together (signatures included). The last one given is 2, of 2026-11-02.\n"
    assert (ran.returncode, ran.stdout) == (0, said), ran.stderr
    changed_item([{}, {}, messages[1]])
    written(tmp_path, messages)
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout[:34]) == (1, "BROKEN at message 2: its items do ")


def test_a_file_can_be_checked_without_a_key(tmp_path, capsys):
    assert chain.main([str(written(tmp_path, a_chain(SM2, [an_item(1)])))]) == 0
    assert "signatures not checked" in capsys.readouterr().out


def checked(capsys, *arguments):
    """Run the tool; return how it ended and the last thing it said."""
    code = chain.main([str(one) for one in arguments])
    said = capsys.readouterr()
    return code, (said.out + said.err).strip()


def test_what_came_before_and_whether_it_was_seen_is_said(tmp_path, capsys):
    messages = a_chain(HmacSm3(SECRET), [an_item(1)], [], [an_item(1, "withdraw")], [])
    tail, key = written(tmp_path, messages[2:]), ("--secret", base64.b64encode(SECRET).decode())
    held, last = "messages 3 to 4 hold together (signatures included).", "The last one given is 4, of 2026-11-04."
    assert checked(capsys, tail, *key) == (0, f"{held} What came before 3 was not given. {last}")
    kept = ("--previous", messages[1]["signature"])
    followed = f"{held} They follow the signature that you kept of 2. {last}"
    assert checked(capsys, tail, *key, *kept) == (0, followed)
    alone = checked(capsys, written(tmp_path, messages[:1]), *key)[1]
    assert alone.startswith("message 1 holds (signatures included).")


def without(name):
    def lacking(text):
        first, *others = text.splitlines()
        message = json.loads(first)
        item = message["items"][0]
        (message if name in message else item).pop(name)
        return "\n".join([json.dumps(message), *others])

    return lacking


UNREADABLE = {
    "nothing": (lambda _: "", "no message was given"),
    "only empty lines": (lambda _: "\n\n", "no message was given"),
    "a letter": (lambda text: f"{text}Dear colleagues\n", "line 3 is not JSON"),
    "a cut line": (lambda text: text[:-9], "line 2 is not JSON"),
    "another encoding": (lambda text: text.encode() + "行".encode("gb18030"), "line 3 is not JSON"),
    "a list": (lambda text: f"{text}[]\n", "line 3 is no whole message: it is no JSON object"),
    "no number": (without("number"), "line 1 is no whole message: its `number` is missing or not of the kind int"),
    "no payload": (without("payload"), "line 1 is no whole message: `payload` is missing in item 1"),
}


@pytest.mark.parametrize(("change", "problem"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_message_is_named_by_its_line_and_never_holds(tmp_path, capsys, change, problem):
    file = written(tmp_path, a_chain(HmacSm3(SECRET), [an_item(1)], []))
    changed = change(file.read_text("utf-8"))
    file.write_bytes(changed if isinstance(changed, bytes) else changed.encode())
    code, said = checked(capsys, file, "--secret", base64.b64encode(SECRET).decode())
    assert code == 2
    assert said.startswith(f"NOT CHECKED: {problem}")


def test_what_is_no_public_key_is_refused():
    with pytest.raises(ValueError, match="128 hexadecimal digits"):
        sm2("04abcd")
    with pytest.raises(ValueError, match="a digit of it was changed or lost"):
        sm2(SM2.public_key[:-1] + ("1" if SM2.public_key.endswith("0") else "0"))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (["--secret", "a b"], "--secret is not usable"),
        (["--public-key", "04abcd"], "--public-key is not usable: an SM2 public key is 128 hexadecimal digits"),
    ],
    ids=["a secret", "a public key"],
)
def test_a_key_that_is_not_usable_is_said_and_nothing_is_checked(tmp_path, capsys, given, problem):
    code, said = checked(capsys, written(tmp_path, a_chain(SM2, [an_item(1)])), *given)
    assert code == 2 and said.startswith(f"NOT CHECKED: {problem}")


def test_a_file_that_is_not_there_is_said(tmp_path, capsys):
    code, said = checked(capsys, tmp_path / "nowhere.jsonl")
    assert (code, "nowhere.jsonl cannot be read: No such file" in said) == (2, True)

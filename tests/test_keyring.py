"""Secrets that are made once and read by their owner only."""

from __future__ import annotations

import base64
import stat
from pathlib import Path
from urllib.parse import urlsplit

from xinyong import keyring
from xinyong.signing import Sm2


def test_secrets_are_made_once(tmp_path: Path) -> None:
    path = tmp_path / "run" / "secrets.json"
    assert keyring.kept(path) == keyring.kept(path)


def test_two_worlds_share_no_secret(tmp_path: Path) -> None:
    one, other = keyring.kept(tmp_path / "one.json"), keyring.kept(tmp_path / "other.json")
    assert not set(one.values()) & set(other.values())


def test_keys_are_as_long_as_the_library_wants_them(tmp_path: Path) -> None:
    found = keyring.kept(tmp_path / "secrets.json")
    assert [len(base64.b64decode(found[f"XINYONG_{name}_KEY"])) for name in ("SEALING", "HASHING", "SIGNING")] == [
        64,
        32,
        32,
    ]


def test_secrets_of_an_earlier_version_stay_and_gain_the_key_of_the_portal(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    keyring.write_private(path, '{"XINYONG_SEALING_KEY": "kept"}')
    found = keyring.kept(path)
    assert list(found) == ["XINYONG_SEALING_KEY", "AIRFLOW_CONN_XINYONG_SIGNING"]
    assert found["XINYONG_SEALING_KEY"] == "kept"
    assert keyring.kept(path) == found
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_key_of_the_portal_is_one_that_signs(tmp_path: Path) -> None:
    private = urlsplit(keyring.kept(tmp_path / "secrets.json")["AIRFLOW_CONN_XINYONG_SIGNING"]).password
    assert Sm2(bytes.fromhex(private or "")).public_key.startswith("04")


def test_a_file_that_others_could_read_is_replaced_by_one_they_cannot(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    path.write_text("old")
    path.chmod(0o644)
    keyring.write_private(path, "new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o600)
    assert [file.name for file in tmp_path.iterdir()] == ["passwords.json"]

"""Settings: read on demand, named with their meaning when they are missing, and never shown."""

from __future__ import annotations

import base64

import pytest

from tests.conftest import TEST_KEYS
from xinyong.errors import SettingsError
from xinyong.settings import PROJECT, connection, settings


@pytest.fixture
def complete(monkeypatch):
    """Every required setting; a test takes away or spoils what it is about."""
    monkeypatch.setenv("XINYONG_DATABASE_URL", "postgresql+psycopg2://me:hush@db/credit")
    for name, key in TEST_KEYS.items():
        monkeypatch.setenv(name, key)
    return monkeypatch


def refusal(read=settings, *arguments):
    with pytest.raises(SettingsError) as refused:
        read(*arguments)
    return str(refused.value)


def test_folders_stand_in_the_project_unless_the_environment_says_otherwise(complete, tmp_path):
    found = settings()
    assert (found.root, found.var, found.sql_dir) == (PROJECT, PROJECT / "var", PROJECT / "sql")
    complete.setenv("XINYONG_VAR", str(tmp_path))
    complete.setenv("XINYONG_CATALOGUE", str(tmp_path / "c"))
    complete.setenv("XINYONG_EXPECTATIONS", str(tmp_path / "e"))
    found = settings()
    assert (found.var, found.catalogue_dir, found.expectations_dir) == (tmp_path, tmp_path / "c", tmp_path / "e")


def test_secrets_are_no_part_of_what_is_shown(complete):
    complete.setenv("AIRFLOW_CONN_XINYONG_CITY", "http://dept:hush@city/")
    shown = repr(settings()) + repr(connection("city"))
    assert "hush" not in shown and "key" not in shown


@pytest.mark.parametrize("name", ["XINYONG_DATABASE_URL", *(name for name in TEST_KEYS if "_KEY" in name)])
@pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
def test_a_missing_setting_is_named_with_its_meaning_and_where_it_is_explained(complete, name, value):
    complete.delenv(name) if value is None else complete.setenv(name, value)
    message = refusal()
    assert message.startswith(f"The environment lacks {name} (") and ".env.example" in message and "make up" in message


@pytest.mark.parametrize(
    ("key", "found"),
    [
        pytest.param("short", "found 0 bytes", id="no base64"),
        pytest.param(base64.b64encode(bytes(31)).decode(), "found 31 bytes", id="too short"),
        pytest.param("密" * 40, "found 0 bytes", id="no ASCII"),
    ],
)
def test_an_unusable_key_is_refused_without_being_shown(complete, key, found):
    complete.setenv("XINYONG_HASHING_KEY", key)
    message = refusal()
    assert message.startswith(
        f"XINYONG_HASHING_KEY is not usable: {found}, expected base64 of at least 32 random bytes"
    )
    assert key not in message and "xinyong key" in message


def test_a_longer_key_is_used_whole(complete):
    keys = [base64.b64encode(bytes(32) + end).decode() for end in (b"a", b"b")]
    found = []
    for key in keys:
        complete.setenv("XINYONG_HASHING_KEY", key)
        found.append(settings().hashing_key)
    assert found[0] != found[1] and len(found[0]) == 32


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            "postgresql://u:p%40ss@db:5433/cases", ("postgresql", "db", 5433, "u", "p@ss", "/cases"), id="database"
        ),
        pytest.param(
            "http://:token@127.0.0.1:8123/api", ("http", "127.0.0.1", 8123, "", "token", "/api"), id="service"
        ),
        pytest.param("file:///srv/%E6%94%BE/drop", ("file", "", None, "", "", "/srv/放/drop"), id="folder"),
    ],
)
def test_a_connection_is_read_as_airflow_writes_it(monkeypatch, url, expected):
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_THERE", url)
    found = connection("there")
    assert (found.kind, found.host, found.port, found.login, found.password, found.path) == expected


def test_what_stands_behind_a_question_mark_is_extra(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_CITY", "http://city/?signature=HMAC-SM3")
    assert connection("city").extra == {"signature": "HMAC-SM3"}


def test_a_missing_connection_names_its_variable():
    assert refusal(connection, "nowhere").startswith(
        "The environment lacks AIRFLOW_CONN_XINYONG_NOWHERE (where `nowhere`"
    )


@pytest.mark.parametrize("url", ["http://me:hush@city:port/", "http://me:hush@[::1/"], ids=["port", "brackets"])
def test_an_unreadable_address_is_refused_without_its_secret(monkeypatch, url):
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_CITY", url)
    message = refusal(connection, "city")
    assert message.startswith("AIRFLOW_CONN_XINYONG_CITY is not usable") and "hush" not in message

"""The approvals service over a real socket: its habits of every night, and the worse ones it can be told to have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import story
from sandbox.approvals import ApprovalsHandle, serve_approvals
from sandbox.systems import ApprovalsSource
from sandbox.world import World

SECRET = "for-tests-only"


@pytest.fixture
def service(world: World) -> Iterator[ApprovalsHandle]:
    """A service before its first date."""
    handle = serve_approvals(ApprovalsSource(world.var), secret=SECRET, hang_seconds=0.3)
    yield handle
    handle.stop()


def token(service: ApprovalsHandle, secret: str = SECRET) -> requests.Response:
    body = {"clientId": "xinyong", "clientSecret": secret}
    return requests.post(f"{service.url}/token", json=body, timeout=5)


def get(service: ApprovalsHandle, page: int, key: str, size: int = 100) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return requests.get(f"{service.url}/licences", {"page": page, "size": size}, headers=headers, timeout=5)


def key_of(service: ApprovalsHandle) -> str:
    return str(token(service).json()["accessToken"])


def listing(service: ApprovalsHandle, size: int = 100) -> tuple[list[dict[str, Any]], list[int]]:
    """Read all pages as a patient client does; return the items and every status met."""
    key, page, items, met = key_of(service), 1, [], []
    while True:
        answer = get(service, page, key, size)
        met.append(answer.status_code)
        if answer.status_code == 401:
            key = key_of(service)
        elif answer.status_code == 200:
            data = answer.json()["data"]
            items += data["items"]
            if page >= data["pages"]:
                return items, met
            page += 1


def test_a_patient_client_reads_every_licence_once(world: World, service: ApprovalsHandle) -> None:
    world.prepare(story.day_of(1))
    items, met = listing(service)
    assert len({item["id"] for item in items}) == len(items) == 300
    assert [item["id"] for item in items] == sorted(item["id"] for item in items)
    assert met == [200, 429, 200, 401, 500, 200]


def test_429_says_when_to_come_back(world: World, service: ApprovalsHandle) -> None:
    world.prepare(story.day_of(1))
    key = key_of(service)
    get(service, 1, key)
    answer = get(service, 2, key)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")


def test_without_token_nothing_is_said(world: World, service: ApprovalsHandle) -> None:
    world.prepare(story.day_of(1))
    assert get(service, 1, "made-up").status_code == 401
    assert token(service, "wrong").json()["code"] == "BAD_CLIENT"


def test_each_date_has_the_same_habits_again(world: World, service: ApprovalsHandle) -> None:
    world.prepare(story.day_of(2))
    first = listing(service)
    world.prepare(story.day_of(3))
    assert listing(service) == first


def test_a_deleted_licence_is_gone_from_the_pages(world: World, service: ApprovalsHandle) -> None:
    world.prepare(story.day_of(1))
    before, _ = listing(service)
    world.prepare(story.day_of(2))
    now, _ = listing(service, 7)
    assert {item["id"] for item in before} - {item["id"] for item in now} == {"XK00000010"}


def test_a_changed_licence_says_when(world: World, service: ApprovalsHandle) -> None:
    world.prepare(story.day_of(1))
    before = {item["id"]: item for item in listing(service)[0]}
    world.prepare(story.day_of(2))
    changed = [item for item in listing(service)[0] if item["id"] in before and item != before[item["id"]]]
    assert changed and all(item["updatedAt"].startswith("2026-11-25T09:30:00+08:00") for item in changed)


def test_after_the_last_page_comes_an_empty_one(world: World, service: ApprovalsHandle) -> None:
    world.prepare(story.day_of(1))
    assert get(service, 99, key_of(service)).json()["data"]["items"] == []


@pytest.mark.parametrize("day", [None, story.day_of(4)], ids=["before the first date", "on the fourth night"])
def test_it_can_be_down(world: World, service: ApprovalsHandle, day: date | None) -> None:
    if day:
        world.prepare(day)
    assert token(service).status_code == 503
    assert get(service, 1, "any").status_code == 503


def test_it_comes_back_on_the_fifth_night(world: World, service: ApprovalsHandle) -> None:
    world.prepare(story.day_of(4))
    assert token(service).status_code == 503
    world.prepare(story.day_of(5))
    assert len(listing(service)[0]) == len(world.feed(story.APPROVALS, story.day_of(5)))


@pytest.mark.parametrize(
    ("mood", "status"),
    [("error_500", 500), ("too_many_429", 429), ("down", 503), ("html", 200), ("broken_json", 200)],
)
def test_misbehaviour_ends_after_its_times(world: World, service: ApprovalsHandle, mood: str, status: int) -> None:
    world.prepare(story.day_of(1))
    key = key_of(service)
    service.approvals.requests = 10  # past the moods of every night
    service.approvals.misbehave(mood, times=1)
    answer = get(service, 1, key)
    assert answer.status_code == status
    if status == 200:
        with pytest.raises(requests.JSONDecodeError):
            answer.json()
    assert get(service, 1, key).json()["code"] == 0


def test_a_page_may_repeat_or_vanish(world: World, service: ApprovalsHandle) -> None:
    world.prepare(story.day_of(1))
    key = key_of(service)
    first = get(service, 1, key).json()["data"]["items"]
    service.approvals.requests = 10
    service.approvals.misbehave("repeat_page", page=2)
    assert get(service, 2, key).json()["data"]["items"] == first
    service.approvals.misbehave("vanish_page", page=3)
    data = get(service, 3, key).json()["data"]
    assert (data["items"], data["total"]) == ([], 300)


def test_it_may_hang(world: World, service: ApprovalsHandle) -> None:
    world.prepare(story.day_of(1))
    key = key_of(service)
    service.approvals.misbehave("timeout", times=1)
    with pytest.raises(requests.Timeout):
        requests.get(f"{service.url}/licences", headers={"Authorization": f"Bearer {key}"}, timeout=0.1)


def test_other_processes_change_its_mood_over_the_wire(world: World, service: ApprovalsHandle) -> None:
    world.prepare(story.day_of(1))
    control = service.url.replace("/api", "/control")
    told = requests.post(control, json={"clientSecret": SECRET, "mode": "error_500", "times": 1}, timeout=5)
    assert told.json() == {"mode": "error_500"}
    assert get(service, 1, key_of(service)).status_code == 500
    assert requests.post(control, json={"clientSecret": "no", "mode": "down"}, timeout=5).status_code == 404


def test_an_unknown_mood_is_refused(service: ApprovalsHandle) -> None:
    with pytest.raises(ValueError, match="'gloomy' is not known"):
        service.approvals.misbehave("gloomy")


def test_a_page_number_must_be_a_number(world: World, service: ApprovalsHandle, tmp_path: Path) -> None:
    world.prepare(story.day_of(1))
    answer = requests.get(f"{service.url}/licences?page=two", timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")

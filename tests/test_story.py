"""Five nights in a row behave as the sandbox's story says; the first one also with real enterprises."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from deliveries import day, rows
from portals import found_by, subject_page
from whole_nights import night, world_running

from sandbox import reregistration
from sandbox.national_store import NationalStore
from sandbox.rehearsal import reach
from sandbox.rehearsal.points import Watch, watched
from tests.conftest import PROJECT
from xinyong import history, stages
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.settings import connection

REGISTRY = PROJECT.parent / "shared" / "data" / "enterprises.csv"
SHOWN_AT = ("city", "national", "portal")
ENDINGS = {
    "annulment": ("revoked", 2),
    "repair": ("repaired", 3),
    "upheld": ("objection_upheld", 4),
}
LISTED, LIFTED, OVER = "明工信失〔2026〕21号", "明工信失〔2025〕4号", "明工信失〔2023〕8号"
TROUBLED = {"approvals_licence": "unavailable", "safety_licence_legacy": "unreadable", "safety_penalty": "refused"}


@pytest.fixture(scope="module")
def nights(postgres, migrated_database, tmp_path_factory):
    """The five nights, run once for all tests of this file; what they left behind can still be queried."""
    running = world_running(postgres, migrated_database, tmp_path_factory.mktemp("story"), records=500)
    with running as world, watched(Watch()) as watch:
        yield {number: night(world, day(number)) for number in range(1, 6)} | {"world": world, "met": watch.met}


def test_every_place_that_leaves_a_trace_is_met_by_these_nights_or_has_a_reason(nights):
    """A night is killed at each of them by `make rehearse`; a new place must be met there too, or excused."""
    assert [str(site) for site in reach.unmet(nights["met"])] == []


@pytest.mark.parametrize("number", range(1, 6))
def test_every_night_balances(nights, number):
    ledger = nights[number].ledger
    assert [row.feed for row in ledger.feeds if not row.balances] == []
    assert [row.platform for row in ledger.platforms if not row.balances] == []
    assert ledger.balances


@pytest.mark.parametrize("number", range(1, 6))
def test_confirmed_messages_give_the_desired_state_and_every_item_has_its_fate(nights, number):
    for row in nights[number].ledger.platforms:
        assert (row.desired_hash, row.open) == (row.published_hash, 0)
        assert row.published_count == row.desired_count > 0
        assert not row.listing_difference


@pytest.mark.parametrize("number", [1, 2, 5])
def test_every_planted_defect_is_found_under_its_rule_and_none_besides(nights, number):
    assert nights[number].found - nights[number].planted == set()
    assert nights[number].planted - nights[number].found == set()


def test_the_first_night_takes_everything_in_and_tells_only_additions(nights):
    first = nights[1]
    assert first.problems == {}
    assert {row.outcome for row in first.ledger.feeds} == {"stored"}
    assert all(row.accepted > 0 for row in first.ledger.feeds)
    assert all(row.quarantined > 0 for row in first.ledger.feeds if row.feed != "registry_subject")
    assert {operation for told in first.told.values() for operation, _ in told} == {"add"}
    assert len({rule for *_, rule in first.planted}) >= 15


def test_the_second_night_changes_adds_and_withdraws_with_a_reason_each(nights):
    assert nights[2].problems == {}
    for platform, told in nights[2].told.items():
        operations = Counter(operation for operation, _ in told)
        assert operations["add"] > 0, platform
        assert operations["update"] > 0 or platform == "national", "what changed is not in the node's template"
    reasons = {reason for told in nights[2].told.values() for operation, reason in told if operation == "withdraw"}
    assert reasons == {"revoked", "expired", "superseded"}, "annulled, over, or under another name at the node"
    assert {row.feed: row.ended for row in nights[2].ledger.feeds if row.ended} == {
        "approvals_licence": 1,
        "enforcement_penalty": 1,
        "registry_subject": 1,
    }, "two decisions, and an enterprise that was merged into another"


def test_a_record_corrected_at_its_source_closes_its_quarantine_entry_and_is_published(nights):
    closed = rows(
        "SELECT entry.feed, entry.closed_on, entry.reason, entry.record_id, entry.record_type "
        "FROM quality.quarantine AS entry WHERE entry.state = 'fixed_at_source' AND entry.reason = 'corrected'"
    )
    assert {when for _, when, *_ in closed} == {day(2)}
    assert len({feed for feed, *_ in closed}) == 6
    fixed = nights[1].found - nights[2].found
    assert len(fixed) > 0 and fixed == nights[1].planted - nights[2].planted


def _stored(one):
    """Return the hashes of what is stored, without what platforms show."""
    return {name: value for name, value in one.hashes.items() if not name.startswith("publi")}


def test_the_third_night_says_to_every_platform_that_there_is_nothing_to_report(nights):
    third = nights[3]
    assert third.problems == {}
    assert {row.outcome for row in third.ledger.feeds} == {"unchanged"}
    assert {name: told for name, told in third.told.items() if told} == {
        name: [("withdraw", "repaired")] for name in SHOWN_AT
    }, "but for the repair that a person granted"
    assert _stored(third) == _stored(nights[2])
    assert rows("SELECT count(*) FROM landing.batch WHERE business_date = :when", when=day(3)) == [(0,)]


def test_the_fourth_night_withdraws_nothing_because_of_missing_empty_or_shrunken_deliveries(nights):
    fourth = nights[4]
    outcomes = {row.feed: row.outcome for row in fourth.ledger.feeds}
    assert {feed: outcomes[feed] for feed in TROUBLED} == TROUBLED
    assert outcomes["enforcement_penalty"] == "stored"
    assert fourth.problems.keys() == TROUBLED.keys()
    ended = "SELECT count(*) FROM warehouse.licence WHERE ending IS NOT NULL AND feed <> 'approvals_licence'"
    assert rows(ended) == [(0,)]
    assert rows("SELECT count(*) FROM warehouse.penalty WHERE ending IS NOT NULL AND feed = 'safety_penalty'") == [(0,)]
    withdrawn = {reason for told in fourth.told.values() for operation, reason in told if operation == "withdraw"}
    assert withdrawn <= {"expired", "objection_upheld", "repaired"}
    assert fourth.hashes["warehouse.licence"] == nights[3].hashes["warehouse.licence"]


def test_the_others_work_is_done_on_the_fourth_night(nights):
    assert nights[4].feed("enforcement_penalty").accepted > 0
    assert any(operation in ("add", "update") for told in nights[4].told.values() for operation, _ in told)


def test_the_fifth_night_recovers(nights):
    fifth = nights[5]
    assert fifth.problems == {}
    assert {row.outcome for row in fifth.ledger.feeds} <= {"stored", "unchanged"}
    assert all(fifth.feed(feed).received > nights[4].feed(feed).received for feed in TROUBLED)


def test_no_identity_number_is_told_to_a_platform_or_kept_in_the_clear(nights):
    leaks = (
        "SELECT count(*) FROM publication.item WHERE payload::text ~ '[1-9][0-9]{5}(19|20)[0-9]{9}[0-9X]([^0-9A-Z]|$)'"
    )
    assert rows(leaks) == [(0,)]
    assert rows("SELECT count(*) FROM warehouse.penalty WHERE cf_xdr_zjhm ~ '^[0-9]{17}[0-9X]$'") == [(0,)]


def test_no_penalty_of_a_natural_person_is_told_to_anyone(nights):
    people = (
        "SELECT count(*) FROM publication.item AS item JOIN warehouse.penalty AS penalty USING (record_id) "
        "WHERE penalty.cf_xdr_lb = '自然人'"
    )
    assert rows(people) == [(0,)]
    assert rows("SELECT count(*) > 0 FROM warehouse.penalty_current WHERE cf_xdr_lb = '自然人'") == [(True,)]


def decisions(nights, kind):
    """Return the penalties about which persons decided so during the story."""
    decided = [one for number in range(1, 6) for one in nights["world"].acts(day(number)) if one.document != LIFTED]
    return [one.document for one in decided if one.kind == kind]


def shows(world, document):
    """Say which platforms show a document, by their own books and pages and not by ours."""
    with closing(sqlite3.connect(world.var / "sandbox" / "city.sqlite")) as city:
        at_city = city.execute(f"SELECT count(*) FROM record WHERE state = '1' AND key LIKE '%|{document}|%'")
        found = {"city": at_city.fetchone()[0]}
    with closing(sqlite3.connect(Path(connection("national").path) / "node.sqlite")) as node:
        at_node = node.execute("SELECT count(*) FROM record WHERE is_shown AND document = ?", (document,))
        found["national"] = at_node.fetchone()[0]
    pages = (path for path in Path(connection("portal").path).rglob("*") if path.suffix != ".sqlite")
    found["portal"] = sum(document.encode() in page.read_bytes() for page in pages if page.is_file())
    return {platform for platform, count in found.items() if count}


@pytest.mark.parametrize(("kind", "reason", "on"), [(kind, *ending) for kind, ending in ENDINGS.items()])
def test_what_a_person_decided_is_withdrawn_at_all_three_platforms_and_proven(nights, kind, reason, on):
    (document,) = decisions(nights, kind)
    assert shows(nights["world"], document) == set()
    (case,) = [one for one in stages.cases(only_open=False) if (one.kind, one.document) == (kind, document)]
    assert (case.closed_on, case.waiting_for) == (day(on), [])
    assert tuple(case.platforms) == SHOWN_AT
    proofs = {one.platform: (one.operation, one.reason, one.proof) for one in stages.case(case.act_id)[1]}
    assert proofs == {
        "city": ("withdraw", reason, "receipt_and_listing"),
        "national": ("withdraw", reason, "receipt"),
        "portal": ("withdraw", reason, "receipt_and_listing"),
    }


def test_the_objection_was_marked_on_the_portal_before_it_was_upheld(nights):
    (document,) = decisions(nights, "objection")
    told = rows(
        "SELECT operation, payload ->> '异议标注', business_date FROM publication.item JOIN publication.message "
        "USING (platform, number) WHERE platform = 'portal' AND natural_key LIKE :key ORDER BY number",
        key=f"%|{document}|%",
    )
    assert told == [("add", None, day(1)), ("update", "异议处理中", day(2)), ("withdraw", "异议处理中", day(4))]
    assert [one.closed_on for one in stages.cases(only_open=False) if one.kind == "objection"] == [day(4)]


def test_what_expired_is_gone_from_all_three_platforms_on_its_day(nights):
    told = (
        "SELECT DISTINCT natural_key, business_date FROM publication.item AS item JOIN publication.message "
        "USING (platform, number) WHERE reason = 'expired' AND item.record_type = 'penalty' AND platform = 'city'"
    )
    expired = dict(rows(told))
    assert set(expired.values()) == {day(2), day(5)}
    for key in expired:
        assert shows(nights["world"], key.split("|")[1]) == set()


def told_about(document):
    """Return on which dates which platform was told what about a document."""
    query = (
        "SELECT platform, operation, reason, business_date FROM publication.item JOIN publication.message "
        "USING (platform, number) WHERE natural_key LIKE :key ORDER BY business_date, platform, number, position"
    )
    return rows(query, key=f"%|{document}|%")


@pytest.mark.parametrize(
    ("document", "listed", "gone"),
    [
        pytest.param(LISTED, 2, None, id="listed on the second night"),
        pytest.param(LIFTED, 1, ("repaired", 4), id="lifted by a person after more than a year"),
        pytest.param(OVER, 1, ("expired", 5), id="listed for three years"),
    ],
)
def test_who_is_on_the_list_is_shown_by_the_portal_alone_until_repaired_or_three_years_are_over(
    nights, document, listed, gone
):
    takers = [platform for platform, one in catalogue().platforms.items() if "untrustworthy_subject" in one.records]
    assert takers == ["portal"]
    ended = [("portal", "withdraw", gone[0], day(gone[1]))] if gone else []
    assert told_about(document) == [("portal", "add", None, day(listed)), *ended]
    assert shows(nights["world"], document) == (set() if gone else {"portal"})


def test_what_the_clerk_takes_out_of_the_list_after_the_repair_ends_there_and_nobody_is_told_again(nights):
    ended = "SELECT ending FROM warehouse.untrustworthy_subject WHERE ending IS NOT NULL"
    assert rows(f"{ended} AND rdwh = :document", document=LIFTED) == [("revoked",)]
    assert nights[5].feed("credit_untrustworthy").ended == 1


def test_the_repair_of_the_list_is_proven_by_the_one_platform_that_showed_it(nights):
    (case,) = [one for one in stages.cases(only_open=False) if one.document == LIFTED]
    assert (case.kind, case.closed_on, list(case.platforms)) == ("repair", day(4), ["portal"])
    assert [one.proof for one in stages.case(case.act_id)[1]] == ["receipt_and_listing"]


def documents_about(nights, place):
    """Return the documents about an enterprise to which something happened on night 2."""
    feeds = [nights["world"].feed(feed, day(1)) for feed in reregistration.FEEDS]
    return [feed.record(place).fields[feed.document] for feed in feeds]


def at_the_node():
    """Return whom the national node shows with which code, by document."""
    with closing(NationalStore(Path(connection("national").path) / "node.sqlite")) as node:
        rows_shown = node.shown()
    numbers = [row.get("许可文件编号") or row["处罚决定书文号"] for row in rows_shown]
    assert len(set(zip(numbers, (row["统一社会信用代码"] for row in rows_shown), strict=True))) == len(numbers)
    return {number: (row["企业名称"], row["统一社会信用代码"]) for number, row in zip(numbers, rows_shown, strict=True)}


def subjects_called(*names):
    with connected() as found:
        return {tuple(history.subjects_called(found, name)) for name in names}


def test_an_enterprise_is_found_by_its_new_and_its_former_name_and_by_its_code(nights):
    cast = nights["world"].base.cast
    (one,) = subjects_called(cast.renamed.name, cast.new_name, cast.renamed.code)
    assert len(one) == 1
    names = "SELECT sub_mc FROM warehouse.subject WHERE record_id::text = :one ORDER BY known_at"
    assert rows(names, one=one[0]) == [(cast.renamed.name,), (cast.new_name,)]
    counted = "SELECT record_count FROM warehouse.dossier WHERE subject_id::text = :one"
    assert rows(counted, one=one[0]) == [(len(reregistration.FEEDS) + 1,)], "one dossier, with what came since"


def test_the_page_of_a_renamed_enterprise_shows_the_new_name_and_is_found_by_the_former(nights):
    cast, folder = nights["world"].base.cast, Path(connection("portal").path)
    page = subject_page(folder, cast.renamed.code)
    assert f"<h1><bdi>{cast.new_name}</bdi></h1>" in page
    assert f"决定书上的其他名称</dt><dd><bdi>{cast.renamed.name}</bdi>" in page
    only_before = cast.renamed.name[2:4]
    assert only_before not in cast.new_name
    assert cast.new_name in found_by(folder, only_before)


def test_a_merged_enterprise_is_found_as_the_one_it_was_merged_into(nights):
    cast = nights["world"].base.cast
    assert len(subjects_called(cast.merged.code, cast.successor.code)) == 1
    counted = (
        "SELECT sub_mc, record_count FROM warehouse.dossier JOIN warehouse.subject_current AS one "
        "ON one.record_id = dossier.subject_id WHERE sub_shxym IN (:merged, :successor)"
    )
    found = rows(counted, merged=cast.merged.code, successor=cast.successor.code)
    assert found == [(cast.successor.name, len(reregistration.FEEDS))]


@pytest.mark.parametrize(
    "place", [reregistration.RENAMED_PLACE, reregistration.MERGED_PLACE], ids=["renamed", "merged"]
)
def test_only_the_node_that_shows_whom_the_base_names_is_told_and_shows_nothing_twice(nights, place):
    cast, shown = nights["world"].base.cast, at_the_node()
    now = {
        reregistration.RENAMED_PLACE: (cast.new_name, cast.renamed.code),
        reregistration.MERGED_PLACE: (cast.successor.name, cast.successor.code),
    }
    again = [("national", "withdraw", "superseded", day(2)), ("national", "add", None, day(2))]
    told = {document: told_about(document) for document in documents_about(nights, place)}
    at_node = {document: any(one[0] == "national" for one in ones) for document, ones in told.items()}
    assert sum(at_node.values()) >= 1
    for document, ones in told.items():
        first = [one for one in ones if one[3] == day(1)]
        assert {one[1] for one in first} == {"add"}
        assert ones == first + (again if at_node[document] else [])
        assert shown.get(document) == (now[place] if at_node[document] else None)


def test_no_case_is_left_open(nights):
    assert stages.cases() == []


@pytest.mark.proofs
@pytest.mark.skipif(not REGISTRY.exists(), reason="the file of real enterprises is not beside the project")
def test_the_first_night_behaves_the_same_with_real_enterprises(postgres, migrated_database, tmp_path):
    with world_running(postgres, migrated_database, tmp_path, registry=REGISTRY) as world:
        first = night(world, day(1))
    assert first.problems == {}
    assert first.ledger.balances
    assert first.found == first.planted

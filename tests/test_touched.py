"""A delta looks at what was touched and at nothing else, and finds what comparing everything would find (law 4)."""

from __future__ import annotations

import random
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from deliveries import FIRST, a_licence, a_penalty, a_subject, changed, day, execute, rows, take_in
from staged import COMPANY
from telling import NAME, PLATFORMS, answered, key_of, messages, taken_in, told

from xinyong import stages, touched, verification
from xinyong.acts import Act, ActError
from xinyong.catalogue import catalogue
from xinyong.database import connected, run, script
from xinyong.reconcile import find_delta, open_gate_of, reconcile
from xinyong.signing import signer
from xinyong.touched import Sight
from xinyong.warehouse import restate, store_again

pytestmark = pytest.mark.usefixtures("environment")

ITEMS = (
    "SELECT record_type, record_id, operation, reason, natural_key, encode(content_hash, 'hex'), is_linked FROM delta"
)
ASKED = "SELECT platform, record_type, record_id FROM publication.asked WHERE platform = :platform"
DECISIONS = ["annulment", "retraction", "objection", "dismissed", "upheld", "disclosure", "reversal"]
KINDS = ["罚款", "警告;罚款", "通报批评", "限制从业", "吊销许可证件"]


@contextmanager
def looking(platform, when):
    """Open the gate as a night does, and let nothing of it stay."""
    with connected() as connection, connection.begin_nested() as nothing:
        found = touched.sight(connection, catalogue().platforms[platform])
        open_gate_of(connection, catalogue().platforms[platform], when)
        yield connection, found
        nothing.rollback()


def found(platform, when, is_whole):
    """Return the delta of a platform, by looking at everything or at what was touched."""
    with looking(platform, when) as (connection, now):
        find_delta(connection, catalogue().platforms[platform], None if is_whole else now)
        return {tuple(str(cell) for cell in row) for row in connection.execute(sa.text(ITEMS))}


def asked(platform, when, record_type="penalty"):
    """Return the records that a delta looks at, or None when it looks at all."""
    with looking(platform, when) as (connection, now):
        if not touched.ask(connection, catalogue().platforms[platform], record_type, now):
            return None
        some = connection.execute(sa.text(ASKED), {"platform": platform})
        return {str(one.record_id) for one in some if one.record_type == record_type}


def ids(*numbers):
    """Return the records of these penalties."""
    query = "SELECT DISTINCT cast(record_id AS text) FROM warehouse.penalty WHERE cf_wsh = :document"
    return {record for at in numbers for (record,) in rows(query, document=f"闽明工信罚〔2026〕{at}号")}


def many(number, **changes):
    return [a_penalty(at, **changes) for at in range(1, number + 1)]


def shown(*numbers, platform="city", **changes):
    """Let a platform show penalties, and let everything it follows from be seen."""
    taken_in(day(1), [a_penalty(at, **changes) for at in numbers])
    for _ in range(2):
        told(platform, day(1))
        answered(platform)
    told(platform, day(1))


def test_a_first_delta_looks_at_everything_and_the_next_one_at_what_was_written_about():
    taken_in(day(1), many(6))
    assert asked("city", day(1)) is None
    told("city", day(1))
    assert asked("city", day(1)) == set()
    answered("city")
    assert asked("city", day(2)) == ids(*range(1, 7))
    told("city", day(2))
    taken_in(day(2), [a_penalty(1, cf_sy="更正"), *many(5)[1:]])
    assert asked("city", day(2)) == ids(1, 6)


def test_a_subject_touches_its_records():
    shown(1, 2)
    take_in("registry_subject", FIRST, [a_subject(NAME, COMPANY)])
    stages.aggregate(FIRST)
    assert asked("city", day(1)) == ids(1, 2), "linked"
    told("city", day(1))
    take_in("registry_subject", day(2), [a_subject(f"{NAME}（更名）", COMPANY)])
    assert asked("city", day(2)) == ids(1, 2), "renamed"


def test_days_touch_what_ends_and_what_begins_on_them_and_nothing_else():
    penalties = [a_penalty(1, cf_jdrq="2025-11-30"), a_penalty(2, cf_gsjzq="2026-12-01"), a_penalty(3)]
    taken_in(day(1), [*penalties, a_penalty(4, cf_jdrq="2026-12-03")])
    told("city", day(1))
    answered("city")
    told("city", day(1))
    assert [asked("city", day(at)) for at in (6, 7, 8, 10)] == [set(), ids(1), ids(1, 2), ids(1, 2, 4)]


def test_an_act_touches_its_record_when_it_is_recorded_and_when_it_takes_effect():
    shown(1, 2)
    act = Act("annulment", "闽明工信罚〔2026〕1号", "张科长", "行政处罚法", "撤1", day(3))
    stages.record_act(act, day(3))
    assert asked("city", day(1)) == ids(1)
    assert told("city", day(1))[2:] == []
    assert asked("city", day(2)) == set()
    assert told("city", day(3)) == [("withdraw", "revoked", key_of(1))]


def test_whatever_decides_otherwise_than_before_makes_a_delta_look_at_everything():
    shown(1, 2)
    assert asked("city", day(1)) == set()
    city = catalogue().platforms["city"]
    with connected() as connection:
        sights = [touched.sight(connection, one) for one in (city, city.model_copy(update={"again": ("2",)}))]
    assert sights[0].definitions["penalty"] != sights[1].definitions["penalty"]
    execute("UPDATE operation.feed SET precedence = precedence + 10")
    assert asked("city", day(1)) is None


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE publication.published",
        "UPDATE publication.compared SET logical_date = logical_date + 400",
        "UPDATE publication.compared SET seen = '9000000000000:9000000000000:'",
        "DELETE FROM publication.compared",
        "CREATE OR REPLACE FUNCTION warehouse.another() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
    ids=["a table was emptied", "a later date", "another server's transactions", "never compared", "a function"],
)
def test_what_cannot_be_known_makes_a_delta_look_at_everything(statement):
    shown(1)
    assert asked("city", day(1)) == set()
    execute(statement)
    assert asked("city", day(1)) is None


def test_a_new_rule_set_makes_a_delta_look_at_everything_on_its_day():
    shown(1)
    sets = catalogue().severities
    newer = sets["order_36"].model_copy(update={"name": "newer", "in_force_from": day(5)})
    other = replace(catalogue(), severities=sets | {"newer": newer})
    with connected() as connection:
        touched.create_view(connection, other, other.platforms["city"], other.records["penalty"])
    told("city", day(1))
    assert [asked("city", day(at)) for at in (4, 5)] == [set(), None]


def test_very_many_records_are_looked_at_together(monkeypatch):
    shown(1, 2, 3)
    taken_in(day(2), many(3, cf_sy="更正"))
    assert asked("city", day(2)) == ids(1, 2, 3)
    monkeypatch.setattr(touched, "AT_MOST", 2)
    assert asked("city", day(2)) is None
    assert [operation for operation, *_ in told("city", day(2))] == ["update"] * 3


def test_what_a_running_transaction_writes_is_looked_at_by_the_delta_after_it():
    taken_in(day(1), many(2))
    told("city", day(1))
    answered("city")
    with connected() as running:
        running.execute(sa.text("UPDATE warehouse.penalty SET cf_sy = '更正' WHERE cf_wsh LIKE '%〕1号'"))
        assert told("city", day(2)) == []
        told("national", day(2))
        told("portal", day(2))
    assert asked("city", day(3)) == ids(1)
    assert told("city", day(3)) == [("update", None, key_of(1))]


def test_what_all_platforms_have_seen_is_forgotten_whatever_else_runs_on_the_server(empty_database_url):
    kept = "SELECT count(*) FROM publication.touched"
    with connected(empty_database_url) as elsewhere:
        elsewhere.execute(sa.text("SELECT pg_current_xact_id()"))  # open, and older than all that follows
        shown(1, 2)
        assert rows(kept) == [(0,)]
        execute("UPDATE warehouse.penalty SET cf_sy = '更正'")
        told("portal", day(1))
        assert rows(kept) > [(0,)], "the city platform has not seen it"
        told("city", day(1))
        told("portal", day(1))
        assert rows(kept) == [(0,)]


def test_a_delta_can_be_asked_to_look_at_everything():
    shown(1)
    execute("ALTER TABLE publication.published DISABLE TRIGGER USER")
    execute("DELETE FROM publication.published")
    assert told("city", day(1))[1:] == [], "nothing noted it"
    with connected() as connection:
        platform = catalogue().platforms["city"]
        reconcile(connection, platform, day(1), signer("HMAC-SM3", b"k" * 32), whole=True)
    assert [size for *_, size, _ in messages("city")][-1] == 1


def test_what_a_proof_finds_untold_makes_the_next_delta_look_at_everything():
    shown(1, 2)
    execute("ALTER TABLE publication.published DISABLE TRIGGER USER")
    execute("DELETE FROM publication.published WHERE natural_key LIKE '%〕1号%'")
    assert told("city", day(2)) == [], "nothing noted it"
    with connected() as connection:
        open_gate_of(connection, catalogue().platforms["city"], day(2))
        verification.keep(connection, catalogue().platforms["city"], day(2))
    assert asked("city", day(2)) is None
    assert told("city", day(3)) == [("add", None, key_of(1))]
    answered("city")
    told("city", day(3))
    assert asked("city", day(3)) == set()
    execute("DELETE FROM publication.published WHERE natural_key LIKE '%〕2号%'")
    with connected() as connection:
        assert verification.verify(connection, catalogue().platforms["city"], None, day(3)).untold
    assert asked("city", day(3)) is None


class Story:
    """Nights as they come: what arrives, what people decide, what platforms answer, drawn by a seed."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.when = FIRST
        self.penalties = {at: {} for at in range(1, 7)}
        self.licences = {at: (0, f"{FIRST}T09:00:00+08:00", "2099-12-31") for at in range(1, 4)}
        self.looked = []
        bounds = catalogue().feeds["enforcement_penalty"].bounds.model_copy(update={"max_deletions_percent": 100})
        self.declared = changed("enforcement_penalty", bounds=bounds)

    def live(self, nights):
        for _ in range(nights):
            for happens in self.draw.sample([self.deliver, self.license, self.register, self.decide], 2):
                happens()
            self.draw.choice([self.correct, self.tamper, self.decide, lambda: None])()
            if self.draw.random() < 0.8:
                stages.aggregate(self.when)
            for platform in PLATFORMS:
                self.compare(platform)
            self.when += timedelta(days=self.draw.choice([0, 1, 1, 1, 2, 31, 366]))

    def compare(self, platform):
        """Hold the narrow delta against the whole one; then let the night go on with it."""
        whole = found(platform, self.when, True)
        assert found(platform, self.when, False) == whole, f"{platform} on {self.when}"
        self.looked.append((asked(platform, self.when) is not None, len(whole)))
        stages.reconcile(platform, self.when)
        for _ in range(self.draw.choice([0, 1, 1, 2])):
            state, code = self.draw.choice([("accepted", None)] * 4 + [("rejected", "4"), ("rejected", "absent")])
            answered(platform, state, code, self.draw.choice([None, key_of(self.draw.choice([*self.penalties]))]))
        if self.draw.random() < 0.8:
            with connected() as connection:
                run(connection, "timeliness/note_receipts", platform=platform, business_date=self.when)

    def deliver(self):
        for at in self.draw.sample(range(1, 9), 2):
            if at in self.penalties and self.draw.random() < 0.3:
                del self.penalties[at]
                continue
            ends = self.when + timedelta(days=self.draw.choice([1, 3, 400]))
            decided = self.when - timedelta(days=self.draw.choice([-2, 0, 30, 364, 365, 366, 1095]))
            self.penalties[at] = self.draw.choice(
                [
                    {"cf_sy": f"更正{self.draw.random()}"},
                    {"cf_cflb": self.draw.choice(KINDS), "cf_jdrq": str(decided)},
                    {"cf_gsjzq": str(ends), "cf_yxq": str(ends)},
                    {"cf_sy": None},
                ]
            )
        self.penalties.setdefault(1, {})
        delivered = [a_penalty(at, **says) for at, says in sorted(self.penalties.items())]
        take_in("enforcement_penalty", self.when, delivered, self.declared)

    def license(self):
        at = self.draw.choice([*self.licences])
        ends = self.when + timedelta(days=self.draw.choice([0, 1, 20]))
        version = self.licences[at][0] + 1
        self.licences[at] = (version, f"{self.when}T10:00:{version:02}+08:00", str(ends))
        licences = [
            a_licence(at, told_at, xk_nr=f"内容{version}", xk_yxqzi=ends)
            for at, (version, told_at, ends) in sorted(self.licences.items())
        ]
        take_in("approvals_licence", self.when, licences)

    def register(self):
        names = self.draw.choice([[NAME], [f"{NAME}（{self.when:%m%d}）"], []])
        known = [a_subject(name, COMPANY) for name in names]
        bounds = catalogue().feeds["registry_subject"].bounds.model_copy(update={"max_deletions_percent": 100})
        other = a_subject("另一家企业", "91350402MA0000019H", sub_gszc="350402100000025")
        take_in("registry_subject", self.when, [*known, other], changed("registry_subject", bounds=bounds))

    def decide(self):
        kind = self.draw.choice(
            ["annulment", "retraction", "objection", "dismissed", "upheld", "disclosure", "reversal"]
        )
        at, by = self.draw.choice([*self.penalties]), self.draw.choice([0, 0, 1, 2])
        sought, number = f"闽明工信罚〔2026〕{at}号", f"文{self.draw.random()}"
        if kind == "reversal":
            known = [number for (number,) in rows("SELECT act_id FROM warehouse.act ORDER BY 1")]
            sought = str(self.draw.choice(known or [1]))
        closed = {"disclosure": "government_only"} if kind == "disclosure" else {}
        effective = self.when + timedelta(days=by)
        act = Act(kind, sought, "张科长", "行政处罚法", number, effective, **closed)
        with suppress(ActError):  # what is not possible now; the story goes on without it
            stages.record_act(act, effective)

    def correct(self):
        feed = self.declared.feeds["enforcement_penalty"]
        with connected() as connection:
            if self.draw.random() < 0.5:
                restate(connection, self.declared, feed, sorted(ids(*self.penalties)))
                return
            known = connection.execute(
                sa.text("SELECT min(known_at) FROM landing.batch WHERE feed = :f"), {"f": feed.name}
            )
            if since := known.scalar():
                store_again(connection, self.declared, feed, since)

    def tamper(self):
        """Lose or change what receipts confirmed behind the pipeline's back, and mend half of it by a plan."""
        harm = self.draw.choice(
            ["DELETE FROM publication.published", "UPDATE publication.published SET content_hash = 'x'"]
        )
        execute(f"{harm} WHERE position = 1 AND platform = 'city'")
        if self.draw.random() < 0.5:
            return
        with connected() as connection:
            city = catalogue().platforms["city"]
            held = verification.verify(connection, city, None, self.when)
        if held.findings:
            with connected() as connection:
                number = verification.plan(connection, held, "林", self.when)
                verification.apply(connection, city, number, "林", self.when)


def test_on_generated_nights_what_was_touched_gives_what_comparing_everything_gives():
    story = Story(7)
    story.live(4)
    narrow = [count for is_narrow, count in story.looked if is_narrow]
    assert len(narrow) > len(story.looked) / 2, "most deltas look at few records"
    assert sum(narrow) > 10, "and find something"


@pytest.mark.proofs
@pytest.mark.parametrize("seed", range(4))
def test_on_many_generated_nights_it_does_so_too(seed):
    story = Story(seed)
    story.live(15)
    assert len(story.looked) == 15 * len(PLATFORMS)
    assert any(is_narrow for is_narrow, _ in story.looked)


def test_both_places_know_the_same_limit():
    assert f"LIMIT {touched.AT_MOST + 1}) AS counted) > {touched.AT_MOST} THEN" in script("functions/touched")


def test_a_sight_names_what_decides_per_record_type():
    with looking("city", day(1)) as (_, now):
        assert isinstance(now, Sight)
        assert now.definitions.keys() == catalogue().platforms["city"].records.keys()

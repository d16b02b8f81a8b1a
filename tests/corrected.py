"""
What persons correct in a drawn life: planned, applied and rolled back on the real path, and noted for the model.

A correction may be refused (it would change nothing, another one rests on it); then nothing may have changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from random import Random

import sqlalchemy as sa
from histories import BREAKABLE, CASES, FIRST, NIGHTS, case_of, rows_of, sifted_by
from lived import CONTENT, Life, document, extract, key_of
from model import Delivery, Restated

from xinyong import correction, restatement
from xinyong.correction import Asked, CorrectionError
from xinyong.restatement import RestatementError, Wanted

DAY = FIRST + timedelta(days=NIGHTS + 2)  # on which persons correct


@dataclass
class Applied:
    """A correction that was carried out, and what taking it back gives back."""

    correction_id: int
    kind: str
    feed: str
    judged: dict[int, str] = field(default_factory=dict)  # by batch, the rules it was judged by before
    restated: tuple[Restated, ...] = ()
    read: list[tuple] = field(default_factory=list)  # the deliveries it brought, by feed and moment
    replaced: list[tuple] = field(default_factory=list)
    meant_by: tuple = ()  # the restatements themselves
    rule: str = ""  # the contents that its rule sets aside


class CorrectedLife(Life):
    """A life in which persons correct something now and then."""

    def __init__(self, connection, plan):
        super().__init__(connection, plan)
        self.done = []  # kind, what became of it, and why

    def happen(self, number):
        """Let one event of the plan happen."""
        event, kill = self.plan.events[number], dict(self.plan.kills).get(number, 0)
        if event.what == "come":
            self.take_in(self.plan.deliveries[event.number], kill)
        elif event.what == "apply":
            self._apply(event.number, kill)
        elif event.number in self.applied:
            self._roll_back(event.number, kill)

    def _apply(self, number, kill):
        wanted = self.plan.corrections[number]
        dice = Random(wanted.seed)
        made = {"restate": self._restate, "re-judge": self._rejudge, "re-extract": self._re_extract}
        made["retract"] = self._retract
        made[wanted.kind](number, wanted.feed, dice, kill)

    def _carried_out(self, kind, feed, parameters, kill):
        """Plan and apply; None when the plan is refused, because it would change nothing or may not be."""
        asked = Asked(kind, feed, parameters, "林", "录入有误")
        try:
            planned = self.step(lambda: correction.plan(self.connection, self.found, asked, DAY), kill).correction
        except CorrectionError as error:
            self.done.append((kind, "refused", str(error)))
            return None
        given = (planned.correction_id, planned.plan_hash, "陈", "已核对", DAY, None)
        done = self.step(lambda: correction.apply(self.connection, self.found, *given), kill).correction
        self.done.append((kind, "applied", ""))
        return done.correction_id

    def _judging(self, feed, since):
        """Remember by which rules the batches since a moment were judged, and that today's judge them now."""
        judged = {}
        for batch_id, held in self.batches.items():
            if held.feed == feed and held.known >= since and not held.silenced:
                judged[batch_id], held.broken = held.broken, self.rules[feed]
        return judged

    def _restate(self, number, feed, dice, kill):
        told = self._restatable(feed, dice.random())
        field = CONTENT[self.plan.record_type][0].upper()
        wanted = [Wanted(document(self.plan.record_type, one.key), field, one.meant) for one in told]
        if not wanted:
            return
        try:
            resolve = (self.connection, self.found, self.found.feeds[feed], wanted)
            found = {key_of(one.document): one for one in self.step(lambda: restatement.resolve(*resolve))}
        except RestatementError as error:
            self.done.append(("restate", "refused", str(error)))
            return
        given = {"restatements": [one.as_dict() for one in found.values()]}
        if correction_id := self._carried_out("restate", feed, given, kill):
            restated = tuple(replace(one, since=found[one.key].since) for one in told)
            judged = self._judging(feed, min(one.since for one in restated))
            self.applied[number] = Applied(
                correction_id, "restate", feed, judged, restated, meant_by=(*found.values(),)
            )

    def _restatable(self, feed, seed):
        """Choose some records that are live or stand set aside, and say what is meant instead."""
        story = next(one for one in self.inputs().stories() if one.source.name == feed)
        live = {key: last.content for key in story.claims if not (last := story.last(key)).ending}
        before, chosen = {one.key for one in story.restated}, []
        for key, content in sorted((live | story.aside).items()):
            dice = Random(f"{seed} {key}")
            if key not in before and key < 2 * CASES and dice.random() < 0.2:
                meant = "m" if (content or "").endswith("a") else dice.choice("am")
                chosen.append(Restated(feed, key, content, f"{key // 2} {meant}", None))
        return chosen

    def _rejudge(self, number, feed, dice, kill):
        """Let a rule set other contents aside, and judge again since a date or everything."""
        before, since = self.rules[feed], dice.choice([None, *self._days(feed)])
        rule = dice.choice(BREAKABLE)
        self.rules[feed] = before.replace(rule, "") + rule
        own = [one for one in self.batches.values() if one.feed == feed and not one.silenced]
        moments = [one.known for one in own if since is None or one.day >= since]
        correction_id = None
        if moments:
            correction_id = self._carried_out("re-judge", feed, {"since": since and since.isoformat()}, kill)
        if correction_id is None:
            self.rules[feed] = before
            return
        judged = self._judging(feed, min(moments))
        self.applied[number] = Applied(correction_id, "re-judge", feed, judged, rule="" if rule in before else rule)

    def _days(self, feed):
        return sorted({one.day for (name, _), one in self.come.items() if name == feed})

    def _re_extract(self, number, feed, dice, kill):
        days = self._days(feed)
        if not days:
            return
        source = next(one for one in self.plan.sources if one.name == feed)
        first = dice.choice(days)
        last = min(first + timedelta(days=dice.randint(0, 1)), days[-1])
        dates = [first + timedelta(days=at) for at in range((last - first).days + 1)]
        seed = dice.random()
        delivered = self.delivered = {day: self._delivered_again(source, day, seed) for day in dates}
        parameters = {"first": first.isoformat(), "last": last.isoformat()}
        correction_id = self._carried_out("re-extract", feed, parameters, kill)
        if correction_id is None:
            return
        applied = self.applied[number] = Applied(correction_id, "re-extract", feed)
        query = (
            "SELECT business_date, batch_id, is_new FROM operation.correction_intake "
            "WHERE correction_id = :c ORDER BY business_date"
        )
        with self.connection.begin():
            found = self.connection.execute(sa.text(query), {"c": correction_id}).all()
        for day, batch_id, _ in found:
            self._note_batch(batch_id, feed, day, delivered[day])
        self._note_copies()
        for day, batch_id, is_new in found:
            self._note_reading(applied, day, batch_id, is_new, delivered[day])

    def _note_reading(self, applied, day, batch_id, is_new, rows):
        """Note what a further reading of a date says; what was folded into an earlier batch before is told no more."""
        told = [key for key, one in self.come.items() if key[0] == applied.feed and one.day == day]
        folded = [key for key in told if self.batches[self.owner[key]].day != day]
        if is_new:
            applied.replaced += [(key, self.come.pop(key), self.owner.pop(key)) for key in folded]
        if is_new or not told:
            applied.read.append(self._note(Delivery(applied.feed, day, rows), batch_id))

    def _delivered_again(self, source, day, seed):
        """Say what a source delivers of a date by now: what it did then, with some rows of another delivery."""
        told = [one for (feed, _), one in sorted(self.come.items()) if feed == source.name and one.day <= day]
        dice = Random(f"{seed} {day}")
        then = told[-1].rows if told else ()
        if then and dice.random() < 0.3:
            return then
        other = rows_of(source, dice.randrange(2**32), f"again {dice.randrange(10**6)}")
        changed = {CASES, *(case for case in range(CASES) if dice.random() < 0.3)}
        kept = [row for row in then if case_of(row) not in changed]
        return sifted_by(self.plan.cases, (*kept, *(row for row in other if case_of(row) in changed)))

    def _retract(self, number, feed, dice, kill):
        standing = [key for key, one in self.batches.items() if one.feed == feed and not one.silenced]
        if not standing:
            return
        batch_id = dice.choice(standing)
        correction_id = self._carried_out("retract", feed, {"batch_id": batch_id}, kill)
        if correction_id:
            self.batches[batch_id].silenced.add(number)
            self.applied[number] = Applied(correction_id, "retract", feed)

    def _roll_back(self, number, kill):
        applied = self.applied[number]
        given = (applied.correction_id, "王", "更正有误", DAY, None)
        try:
            self.step(lambda: correction.rollback(self.connection, self.found, *given), kill)
        except CorrectionError as error:
            self.done.append((applied.kind, "kept", str(error)))
            return
        self.done.append((applied.kind, "rolled back", ""))
        del self.applied[number]
        self._given_back(number, applied)

    def _given_back(self, number, applied):
        """Note what a correction that was taken back had changed."""
        feed, judged = applied.feed, applied.judged
        later = {
            one
            for other in self.applied.values()
            if other.correction_id > applied.correction_id
            for one in other.judged
        }
        for batch_id, held in self.batches.items():
            held.silenced.discard(number)
            if held.silenced or held.feed != feed:
                continue
            if batch_id in judged and batch_id not in later:
                held.broken = judged[batch_id]
            elif applied.restated and held.known >= min(one.since for one in applied.restated):
                held.broken = self.rules[feed]
        for key in applied.read:
            del self.come[key], self.owner[key]
        for key, delivery, owner in applied.replaced:
            self.come[key], self.owner[key] = delivery, owner
        self.rules[feed] = "".join(one for one in self.rules[feed] if one not in applied.rule)

    def deliver(self, feed, day):
        """Return what the source of a feed says of a date when it is read again."""
        return extract(feed, self.delivered[day])

    def closed_at_sight(self):
        """
        List the entries that their last batch closed by a restatement, or their only one because a rule was taken back.

        They are the trace of what stood set aside for a while. To a life in order the restatement is known before the
        delivery, and the rule never was: the row is not set aside, and an entry it had before ends as it did.
        """
        query = (
            "SELECT entry.feed, entry.record_id, entry.content_hash FROM quality.quarantine AS entry "
            "LEFT JOIN quality.restatement AS said USING (feed, record_id, content_hash) "
            "WHERE entry.closed_by_batch_id = entry.last_batch_id AND (said.feed IS NOT NULL "
            "OR entry.state = 'released' AND entry.first_batch_id = entry.last_batch_id)"
        )
        with self.connection.begin():
            return [row._asdict() for row in self.connection.execute(sa.text(query))]

    def leave_out(self, entries):
        """Remove quarantine entries before lives are compared."""
        query = (
            "DELETE FROM quality.quarantine "
            "WHERE feed = :feed AND record_id = :record_id AND content_hash = :content_hash"
        )
        with self.connection.begin():
            for entry in entries:
                self.connection.execute(sa.text(query), entry)

    def has_order(self):
        """
        Say whether a life in order can say the same.

        There, content that comes again is no batch of its own; so no other rule and no restatement may hold from its
        second coming on.
        """
        said = self.inputs()
        for feed in self.rules:
            own = sorted((one for one in said.deliveries if one.feed == feed), key=lambda one: one.known)
            begin = [one.since for one in said.restated if one.feed == feed]
            for before, after in pairwise(own):
                is_parted = before.broken != after.broken or any(before.known < at <= after.known for at in begin)
                if before.rows == after.rows and is_parted:
                    return False
        return True

    def in_order(self, live):
        """Return the life in which all that speaks by now came in order, once, and nothing had to be corrected."""
        said, restated = self.inputs(), [(one.feed, one.meant_by) for one in self.applied.values() if one.meant_by]
        life = live(replace(self.plan, events=(), kills=()))
        with self.connection.begin():
            for feed, restatements in restated:
                restatement.record(self.connection, self.found.feeds[feed], restatements, "林", "录入有误", DAY)
        for one in sorted(said.deliveries, key=lambda one: one.known):
            life.rules[one.feed] = one.broken
            known = one.known - timedelta(seconds=life._readings(one.feed, one.day))
            life.take_in(one, known=known)
        return life

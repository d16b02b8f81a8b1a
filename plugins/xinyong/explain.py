"""
Explain one record (law 10): source row → batch → verdicts → versions → acts → messages → receipts.

Identity numbers are shown in their masked form only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from xinyong.cases import Case, Confirmation, cases, confirmations
from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.catalogue.records import RecordType
from xinyong.database import Fragment, run
from xinyong.errors import XinyongError
from xinyong.tables import IDENTITY_PARTS, identity_columns


class UnknownRecord(XinyongError):
    """Raised when nothing in warehouse or quarantine fits what was sought."""


def explain(connection: sa.Connection, catalogue: Catalogue, sought: str) -> RenderableType:
    """Return the whole trace of the records that `sought` (a document number or record id) names."""
    trees: list[Tree] = []
    for record_type in catalogue.records.values():
        document: sa.ColumnElement[str] = sa.literal_column(f"version.{record_type.document.lower()}")
        names = {"history": f"warehouse.{record_type.name}", "document": Fragment.of(document)}
        ids = run(connection, "explain/find", names, sought=sought.strip()).scalars().all()
        trees += [_record(connection, catalogue, record_type, str(record_id)) for record_id in ids]
        trees += _taken_out(connection, catalogue, record_type, sought.strip(), set(map(str, ids)))
    trees += _set_aside(connection, catalogue, sought.strip())
    if not trees:
        raise UnknownRecord(
            f"No record is called `{sought}`. Looked in: {', '.join(catalogue.records)} and quarantine. Expected: a "
            "document number such as 闽明工信罚〔2026〕1号, or a record id. Check the spelling; brackets do not matter."
        )
    return Group(*trees)


def _record(connection: sa.Connection, catalogue: Catalogue, record_type: RecordType, record_id: str) -> Tree:
    names = {"history": f"warehouse.{record_type.name}"}
    versions = run(connection, "explain/versions", names, record_id=record_id).all()
    content = versions[-1].content
    title = f"{content[record_type.document.lower()]} · {content[record_type.party.name.lower()]}"
    tree = Tree(_named(f"{record_type.title.zh} {title}", record_id))
    for number, version in enumerate(versions, 1):
        _version(connection, catalogue, record_type, tree, number, version)
    _acts(connection, catalogue, tree, record_id)
    _corrections(connection, tree, record_id)
    _links(connection, record_type, tree, record_id)
    _messages(connection, catalogue, tree, record_id)
    return tree


def _named(what: str, record_id: object) -> Text:
    """Name a record; what people wrote in it is text, whatever signs it holds."""
    return Text.assemble((what, "bold"), "  ", (str(record_id), "dim"))


def _corrections(connection: sa.Connection, tree: Tree, record_id: str) -> None:
    """Add which corrections changed the record, by whom and why."""
    for one in run(connection, "explain/corrections", record_id=record_id):
        told = f"correction {one.correction_id} ({one.kind}): {one.operation} on {one.applied_on} by {one.applied_by}"
        back = f"; rolled back on {one.rolled_back_on} by {one.rolled_back_by}" if one.rolled_back_on else ""
        tree.add(Text(f"{told}: {one.reason}{back}"))


def _taken_out(
    connection: sa.Connection, catalogue: Catalogue, record_type: RecordType, sought: str, known: set[str]
) -> list[Tree]:
    """Show records of which a correction left no version: they were never true, and their trace is all that is."""
    values = {"record_type": record_type.name, "document": record_type.document.lower()}
    trees = []
    for row in run(connection, "explain/find_corrected", sought=sought, **values):
        if str(row.record_id) in known:
            continue
        tree = Tree(_named(f"{record_type.title.zh} {row.document}", row.record_id))
        tree.add("no version is left: what was said of it was retracted as wrong")
        _corrections(connection, tree, str(row.record_id))
        _messages(connection, catalogue, tree, str(row.record_id))
        trees.append(tree)
    return trees


def _links(connection: sa.Connection, record_type: RecordType, tree: Tree, record_id: str) -> None:
    """Say under which key a record was told before and is told now."""
    values = {"record_type": record_type.name, "record_id": record_id, "known_before": "infinity"}
    for link in run(connection, "history/links", **values):
        is_old = link.record_id == record_id
        other = link.successor_id if is_old else link.record_id
        names = {"history": f"warehouse.{record_type.name}"}
        content = run(connection, "explain/versions", names, record_id=other).all()[-1].content
        word = "told under another key since" if is_old else "continues what was told until"
        document = content[record_type.document.lower()]
        tree.add(Text.assemble(f"{word} {link.business_date}: ", _named(document, other)))


def _acts(connection: sa.Connection, catalogue: Catalogue, tree: Tree, record_id: str) -> None:
    """Add what persons decided about the record, and what became of it."""
    for one in cases(connection, catalogue, only_open=False, record_id=record_id):
        title = catalogue.acts.kinds[one.kind].title.zh
        acted = f": {title} ({one.kind}) from {one.effective_on} on"
        branch = tree.add(Text.assemble((f"act {one.act_id}", "bold"), acted))
        for line in case_lines(one, confirmations(connection, one.act_id), one.known_on):
            branch.add(line)


def case_lines(one: Case, confirmed: Sequence[Confirmation], day: date) -> list[str]:
    """Say who decided, on which basis, by when, and what each platform confirmed."""
    lines = [f"by {one.person}, {one.document_number}; basis: {one.basis}; recorded on {one.known_on}"]
    if one.reason:
        lines.append(f"reason: {one.reason}")
    if one.disclosure:
        lines.append(f"class {one.disclosure} for {', '.join(one.fields) if one.fields else 'the whole record'}")
    lines += [_confirmed_line(got) for got in confirmed]
    if one.without_mark:
        lines.append(f"no place for the mark of an objection: {', '.join(one.without_mark)}")
    if one.reversed_by:
        before = f"finished on {one.finished_on}, " if one.finished_on else ""
        return [*lines, f"{before}taken back on {one.reversed_on} by act {one.reversed_by}"]
    answered = f"; answered by act {one.answered_by} on {one.answered_on}" if one.answered_by else ""
    clocks = f"platforms due {one.due_on}{f', answer due {one.answer_due_on}' if one.answer_due_on else ''}{answered}"
    waits = f"waits for {', '.join(one.waiting_for)}" if one.waiting_for else one.state(day)
    return [*lines, f"{clocks}; {f'closed on {one.closed_on}' if one.closed_on else waits}"]


def _confirmed_line(got: Confirmation) -> str:
    told = (
        f"message {got.number} ({got.idempotency_key}), item {got.position}: "
        f"{got.operation}{f' ({got.reason})' if got.reason else ''}; {got.proof.replace('_', ' ')}"
    )
    if got.is_after:
        return f"{got.platform} confirmed on {got.confirmed_on}: {told}"
    return f"{got.platform} compared on {got.confirmed_on}: the act changed nothing there; before it {told}"


def _version(
    connection: sa.Connection, catalogue: Catalogue, record_type: RecordType, tree: Tree, number: int, version: Any
) -> None:
    until = f"{version.valid_to:%Y-%m-%d %H:%M}" if version.valid_to else "now"
    branch = tree.add(f"version {number}: valid {version.valid_from:%Y-%m-%d %H:%M} – {until}")
    branch.add(f"source time {version.source_at:%Y-%m-%d %H:%M}, known since {version.known_at:%Y-%m-%d %H:%M}")
    branch.add(f"batch {version.batch_id} of {version.feed}, {version.business_date}: {version.origin}")
    if version.ending:
        branch.add(Text.assemble((f"ended as {version.ending}", "yellow"), f": {version.ending_reason}"))
        return
    subject = str(version.subject_id) if version.subject_id else ("not linked", "yellow")
    branch.add(Text.assemble("subject ", subject, f"; content {version.content_hash[:16]}…"))
    _row(connection, catalogue.feeds.get(version.feed), record_type, branch, version)


def _row(connection: sa.Connection, feed: Feed | None, record_type: RecordType, branch: Tree, at: Any) -> None:
    """Add the row as received, where cleaning changed it, and the verdicts on it."""
    if feed is None:
        branch.add(Text("its feed left the catalogue", "dim"))
        return
    received = branch.add(f"source row {at.row_number} as received")
    stored = getattr(at, "content", {})
    for name, value in landed_row(connection, feed, record_type, at.batch_id, at.row_number).items():
        cleaned = stored.get(name)
        changed = f"  → {cleaned}" if cleaned is not None and str(cleaned) != value else ""
        received.add(Text.assemble(f"{name}: {value}", (changed, "dim")))
    judged = run(connection, "explain/judged", batch_id=at.batch_id).all()
    verdicts = branch.add(
        "verdicts: " + ", ".join(f"{one.rule_count} rules {one.state} in the batch" for one in judged)
    )
    broken = run(connection, "explain/verdicts", batch_id=at.batch_id, row_number=at.row_number).all()
    for one in broken:
        rule = (f"{one.rule_code} {one.severity}", "yellow")
        verdicts.add(Text.assemble(rule, f": {one.says}  ", (str(one.basis), "dim")))
    if not broken:
        verdicts.add(Text("this row broke none", "green"))


def landed_row(
    connection: sa.Connection, feed: Feed, record_type: RecordType, batch_id: int, row_number: int
) -> dict[str, str]:
    """Return a row as received, by landed column; identity numbers masked, sealed parts left out."""
    sealed = [f"{name}_{part}" for name in identity_columns(feed, record_type) for part in IDENTITY_PARTS]
    hidden = ["batch_id", "row_number", *sealed]
    values = {"batch_id": batch_id, "row_number": row_number, "hidden": hidden}
    row = run(connection, "explain/landed_row", {"landing": f"landing.{feed.name}"}, **values).scalar_one_or_none()
    return {name: str(value) for name, value in (row or {}).items()}


def _messages(connection: sa.Connection, catalogue: Catalogue, tree: Tree, record_id: str) -> None:
    rows = run(connection, "explain/messages", record_id=record_id).all()
    branch = tree.add("messages and receipts" if rows else "messages: no platform was told of it")
    for row in rows:
        title = catalogue.platforms[row.platform].title.zh if row.platform in catalogue.platforms else row.platform
        reason = f" ({row.reason})" if row.reason else ""
        shown = ", shown now" if row.is_shown else ""
        message = branch.add(
            f"{title}, {row.business_date}: message {row.number} ({row.idempotency_key}), item {row.position}: "
            f"{row.operation}{reason}"
        )
        error = f": {row.error_code} {row.error_field or ''} {row.error_text or ''}" if row.error_code else ""
        on = f" on {row.answered_on}" if row.answered_on else ""
        message.add(Text.assemble(f"receipt: {row.state}{on}{error}", (shown, "green")))


def _set_aside(connection: sa.Connection, catalogue: Catalogue, sought: str) -> list[Tree]:
    trees = []
    for entry in run(connection, "explain/find_set_aside", sought=sought, record_id=sought):
        record_type = catalogue.records[entry.record_type]
        told = (
            f" {record_type.title.zh} {entry.document or '(no document number)'} · "
            f"{entry.party or '(no party)'}: {entry.state} since {entry.opened_on}, section {entry.section}"
        )
        tree = Tree(Text.assemble(("set aside", "bold yellow"), told))
        if entry.person:
            tree.add(f"{entry.state} by {entry.person}: {entry.reason}")
        if entry.closed_on:
            closing = f"batch {entry.closed_by_batch_id}, {entry.closing_date}: {entry.closing_origin}"
            tree.add(f"closed on {entry.closed_on}: {entry.reason}, by {closing}")
        _row(connection, catalogue.feeds.get(entry.feed), record_type, tree, entry)
        trees.append(tree)
    return trees

"""
Tables that follow the catalogue: one landing table per feed, one history table per record type, their views.

They only ever grow: a new field adds a column. A column that left the catalogue stays, empty from then on;
nothing that holds data is dropped here.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.operations.ops import AddColumnOp, AlterColumnOp, CreateTableOp, MigrateOperation, ModifyTableOps
from sqlalchemy.dialects.postgresql import BYTEA, JSONB, UUID

from xinyong import gate, touched
from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.catalogue.records import RecordType
from xinyong.database import Fragment, run, script
from xinyong.errors import WarehouseError
from xinyong.partitions import divide_history
from xinyong.publicity import current_view
from xinyong.settings import root

IDENTITY_PARTS = ("sealed", "hash", "verdict")


def metadata(catalogue: Catalogue) -> sa.MetaData:
    """Return every table that follows the catalogue."""
    made = sa.MetaData()
    for feed in catalogue.feeds.values():
        landing_table(made, feed, catalogue.records[feed.record_type])
    for record_type in catalogue.records.values():
        history_table(made, record_type)
    return made


def landing_table(made: sa.MetaData, feed: Feed, record_type: RecordType) -> sa.Table:
    """Rows as received: text throughout, identity numbers in three sealed parts beside their masked form."""
    columns = [sa.Column(name, sa.Text) for name in feed.landing_columns]
    for name in identity_columns(feed, record_type):
        columns += _identity_parts(name)
    return sa.Table(
        feed.name,
        made,
        sa.Column("batch_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("row_number", sa.Integer, primary_key=True, autoincrement=False),
        *columns,
        sa.Column("unknown_columns", JSONB),
        schema="landing",
        postgresql_partition_by="LIST (batch_id)",
    )


def history_table(made: sa.MetaData, record_type: RecordType) -> sa.Table:
    """Versions of records: when the source says it began, when we learnt it, and how it ended."""
    return sa.Table(
        record_type.name,
        made,
        sa.Column("record_id", UUID, primary_key=True),
        sa.Column("batch_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("row_number", sa.Integer, nullable=False),
        sa.Column("feed", sa.Text, nullable=False),
        sa.Column("subject_id", UUID),
        sa.Column("source_id", sa.Text),
        sa.Column("source_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True)),
        sa.Column("ending", sa.Text),
        sa.Column("ending_reason", sa.Text),
        sa.Column("ending_basis", sa.Text),
        sa.Column("ending_person", sa.Text),
        sa.Column("content_hash", BYTEA, nullable=False),
        *field_columns(record_type),
        schema="warehouse",
        postgresql_partition_by="HASH (record_id)",
    )


def field_columns(record_type: RecordType) -> list[sa.Column[Any]]:
    """Return the typed columns of a record type's fields, in template order."""
    columns: list[sa.Column[Any]] = []
    for code, field in record_type.fields.items():
        kinds: dict[str, sa.types.TypeEngine[Any]] = {
            "date": sa.Date(),
            "amount": sa.Numeric(),
            "text": sa.Text(),
            "identity": sa.Text(),
        }
        columns.append(sa.Column(code.lower(), kinds[field.type]))
        if field.type == "identity":
            columns += _identity_parts(code.lower())
    return columns


def field_names(record_type: RecordType) -> list[str]:
    """Return the names of those columns."""
    return [column.name for column in field_columns(record_type)]


def identity_columns(feed: Feed, record_type: RecordType) -> list[str]:
    """Return the landed columns that carry identity numbers: those of identity fields and those declared."""
    fields = set(record_type.columns("identity"))
    return [name for name in feed.landing_columns if name in fields or name in feed.identity]


def _identity_parts(name: str) -> list[sa.Column[Any]]:
    kinds: dict[str, sa.types.TypeEngine[Any]] = {"sealed": BYTEA(), "hash": BYTEA(), "verdict": sa.Text()}
    return [sa.Column(f"{name}_{part}", kinds[part]) for part in IDENTITY_PARTS]


def follow_catalogue(connection: sa.Connection, catalogue: Catalogue) -> None:
    """Create what the catalogue declares and the database lacks; record each step; refuse what would lose data."""
    context = MigrationContext.configure(connection, opts=_comparison(catalogue))
    steps = produce_migrations(context, metadata(catalogue)).upgrade_ops
    operations = Operations(context)
    for step in _flat(steps.ops if steps else []):
        if not isinstance(step, CreateTableOp | AddColumnOp):
            raise WarehouseError(_refusal(step))
        operations.invoke(step)
        run(connection, "migrations/record_change", ddl=_describe(step))
    divide_history(connection, catalogue)
    _source_ids(connection, catalogue)
    for path in sorted((root() / "sql" / "functions").glob("*.sql")):
        connection.execute(sa.text(script(f"functions/{path.stem}")))
    renew_views(connection, catalogue)


def differences(connection: sa.Connection, catalogue: Catalogue) -> list[str]:
    """Return what still differs between the catalogue's tables and the database; nothing after a migration."""
    context = MigrationContext.configure(connection, opts=_comparison(catalogue))
    steps = produce_migrations(context, metadata(catalogue)).upgrade_ops
    return [_describe(step) for step in _flat(steps.ops if steps else [])]


def _comparison(catalogue: Catalogue) -> dict[str, Any]:
    """Compare the catalogue's own tables only; columns that left the catalogue stay, and indexes are made elsewhere."""
    own = {(table.schema, table.name) for table in metadata(catalogue).tables.values()}

    def include_name(name: str | None, kind: str, parents: Any) -> bool:
        return kind != "table" or (parents["schema_name"], name) in own  # the others are not even looked at

    def include(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
        return kind != "index" and not (kind == "column" and reflected and other is None)

    names = {"include_schemas": True, "include_name": include_name}
    return names | {"include_object": include, "compare_type": True}


def _flat(steps: Any) -> list[MigrateOperation]:
    flat: list[MigrateOperation] = []
    for step in steps:
        flat += _flat(step.ops) if isinstance(step, ModifyTableOps) else [step]
    return flat


def _describe(step: MigrateOperation) -> str:
    if isinstance(step, CreateTableOp):
        return f"create table {step.schema}.{step.table_name}"
    if isinstance(step, AddColumnOp):
        return f"add column {step.schema}.{step.table_name}.{step.column.name}"
    if isinstance(step, AlterColumnOp):
        column = f"{step.schema}.{step.table_name}.{step.column_name}"
        return f"change the type of column {column} from {step.existing_type} to {step.modify_type}"
    return repr(step.to_diff_tuple())


def _refusal(step: MigrateOperation) -> str:
    return (
        f"The catalogue asks for a change that could lose data: {_describe(step)}. Expected: new tables and new "
        "fields only. Give the field a new code, or write a migration under plugins/xinyong/migrations/versions."
    )


def _source_ids(connection: sa.Connection, catalogue: Catalogue) -> None:
    """Index the ids of incremental feeds: a batch of theirs looks up under which key an id was known."""
    for feed in catalogue.feeds.values():
        if feed.change == "incremental" and feed.source_id:
            name = Fragment.of(sa.literal(feed.name))
            names = {"history": f"warehouse.{feed.record_type}", "index": f"ids_of_{feed.name}", "feed_name": name}
            run(connection, "warehouse/index_source_ids", names)


def renew_views(connection: sa.Connection, catalogue: Catalogue) -> None:
    """Renew what readers and publishers see, which holds no data; the gate's views depend on the current records'."""
    touched.watch(connection, catalogue)
    run(connection, "operation/forget_feeds")
    for feed in catalogue.feeds.values():
        run(
            connection,
            "operation/name_feed",
            feed=feed.name,
            record_type=feed.record_type,
            section=feed.section,
            precedence=feed.precedence,
        )
    for name in catalogue.records:
        run(connection, "warehouse/drop_current_view", {"record_type": name})
    for record_type in catalogue.records.values():
        current_view(connection, catalogue, record_type)
    run(connection, "warehouse/grant_reader")
    gate.create_views(connection, catalogue)

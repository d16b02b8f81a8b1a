"""The tables of the portal's store: one SQLite file beside the public folder and never in it."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

_IS_SHOWN = sa.column("hash").is_not(None)  # withdrawn records are kept for ever and must slow down no question
RECORD = sa.Table(
    "kept_record",
    METADATA,
    sa.Column("record_type", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),  # of the message that touched it last
    sa.Column("hash", sa.Text),
    sa.Column("payload", sa.JSON(none_as_null=True)),  # none: withdrawn, and its content is gone
    sa.Column("name", sa.Text),
    sa.Column("code", sa.Text),
    sa.Column("document", sa.Text),
    sa.Column("decided_on", sa.Text),
    sa.Column("document_bucket", sa.Text),
    sa.Column("document_part", sa.Integer),
    # Where it is shown, or was: a withdrawn record must be missing there.
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("subject_page", sa.Integer, nullable=False),
    sa.Column("month", sa.Text, nullable=False),
    sa.Column("list_page", sa.Integer, nullable=False),
    sa.Index("kept_by_list", "record_type", "month", "list_page", sqlite_where=_IS_SHOWN),
    sa.Index("kept_by_subject", "subject_id", "subject_page", sqlite_where=_IS_SHOWN),
    sa.Index("kept_by_document", "document_bucket", "document_part", sqlite_where=_IS_SHOWN),
    sa.Index("kept_by_date", "record_type", sa.desc("decided_on"), "key", sqlite_where=_IS_SHOWN),
)
# How many records a month of a list shows, counted along: counting them anew would read all of them.
MONTH = sa.Table(
    "month",
    METADATA,
    sa.Column("record_type", sa.Text, primary_key=True),
    sa.Column("month", sa.Text, primary_key=True),
    sa.Column("record_count", sa.Integer, nullable=False),
    sa.Column("first_page", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
SUBJECT = sa.Table(
    "subject",
    METADATA,
    sa.Column("subject_no", sa.Integer, primary_key=True),
    sa.Column("subject_id", sa.Text, nullable=False, unique=True),
    sa.Column("names", sa.JSON, nullable=False),  # the newest first
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),  # record type → records
)
TERM = sa.Table(
    "term",
    METADATA,
    sa.Column("term", sa.Text, primary_key=True),
    sa.Column("bucket", sa.Integer, nullable=False),
    sa.Column("subject_count", sa.Integer, nullable=False),
    sa.Index("term_by_bucket", "bucket"),
    sqlite_with_rowid=False,
)
POSTING = sa.Table(
    "term_subject",
    METADATA,
    sa.Column("term", sa.Text, primary_key=True),
    sa.Column("subject_no", sa.Integer, primary_key=True),
    sqlite_with_rowid=False,
)
# How many pairs of term and subject there are; over how many files they are spread follows from it. One row.
SPREAD = sa.Table(
    "spread",
    METADATA,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("entries", sa.Integer, nullable=False),
)
# A shelf is what records are spread over page by page: a month of a list, one subject, the documents of one bucket.
SHELF = sa.Table(
    "shelf",
    METADATA,
    sa.Column("shelf", sa.Text, primary_key=True),
    sa.Column("page", sa.Integer, primary_key=True),
    sa.Column("record_count", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
# Files that do not show what is kept here; written down with the change itself, so that a process that dies leaves
# them to the next one.
STALE = sa.Table(
    "stale",
    METADATA,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sqlite_with_rowid=False,
)
DOWNLOAD = sa.Table(
    "download",
    METADATA,
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("record_type", sa.Text, nullable=False),
    sa.Column("month", sa.Text, nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("sm3", sa.Text, nullable=False),
)
MESSAGE = sa.Table(
    "message",
    METADATA,
    sa.Column("idempotency_key", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("business_date", sa.Date, nullable=False),
    sa.Column("says_nothing", sa.Boolean, nullable=False),
    sa.Column("is_written", sa.Boolean, nullable=False),
    sa.Index("message_by_number", "number"),
    sa.Index("message_by_date", "says_nothing", "business_date"),
)
DESIGN = sa.Table(
    "design", METADATA, sa.Column("name", sa.Text, primary_key=True), sa.Column("digest", sa.Text, nullable=False)
)
# What a store of the first version held; its records move into the tables above once.
FIRST_VERSION = sa.MetaData()
OLD_RECORD = sa.Table(
    "record",
    FIRST_VERSION,
    sa.Column("record_type", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("page", sa.Integer),
    sa.Column("hash", sa.Text),
    sa.Column("payload", sa.JSON(none_as_null=True)),
)
OLD_PAGE = sa.Table("page", FIRST_VERSION, sa.Column("record_type", sa.Text, primary_key=True))
# What a store of the second version held otherwise; it is carried into the tables above once.
SECOND_VERSION = sa.MetaData()
_KEPT_BEFORE = (
    *("record_type", "key", "number", "hash", "payload", "name", "code", "document", "decided_on"),
    *("document_bucket", "subject_id", "subject_page", "month", "list_page"),
)
OLD_SHOWN = sa.Table("shown_record", SECOND_VERSION, *map(sa.Column, _KEPT_BEFORE))
OLD_POSTING = sa.Table("posting", SECOND_VERSION, sa.Column("bucket", sa.Integer, primary_key=True))

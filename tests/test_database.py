"""The way to the warehouse: what may stand in a statement, transactions, COPY and its errors, and migration."""

from __future__ import annotations

import multiprocessing
import threading
from datetime import date

import pytest
import sqlalchemy as sa

from xinyong.database import Fragment, connected, copy, migrate, run, script, statement
from xinyong.errors import UnexpectedShape, WarehouseError
from xinyong.working_days import days


@pytest.mark.parametrize(
    "given",
    ["x; DROP TABLE y", "x--", 'x"', "X", "1x", "a.b.c", "x y", "", "表", ["x", "y z"], 5, None],
    ids=repr,
)
def test_only_identifiers_and_compiled_fragments_may_stand_in_a_statement(given):
    with pytest.raises(WarehouseError, match="Expected: a lower-case identifier of the catalogue"):
        statement("landing/copy", table=given, columns=["x"])


def test_identifiers_and_lists_of_them_are_written_out():
    assert "COPY landing.x (a, b) FROM STDIN" in statement("landing/copy", table="landing.x", columns=["a", "b"]).text


def test_an_identifier_that_was_forgotten_is_refused():
    with pytest.raises(WarehouseError, match="lacks `columns`"):
        statement("landing/copy", table="landing.x")


@pytest.mark.parametrize("value", ["a'b", "10%", ":name", "a::b", "\\", "{{ x }}", "'; DROP TABLE x; --"])
def test_a_literal_in_a_fragment_says_in_the_database_what_it_said_here(environment, value):
    with connected() as connection:
        written = sa.text(f"SELECT {Fragment.of(sa.literal(value)).sql}")
        assert connection.scalar(written) == value


def test_a_transaction_is_kept_at_its_end_and_undone_by_any_error(environment):
    with connected() as connection:
        connection.execute(sa.text("CREATE TABLE public.kept (a text)"))
    with pytest.raises(KeyError), connected() as connection:
        connection.execute(sa.text("INSERT INTO public.kept VALUES ('lost')"))
        raise KeyError
    with connected() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM public.kept")) == 0


def test_a_session_lives_in_the_departments_zone(environment):
    with connected() as connection:
        assert connection.scalar(sa.text("SHOW timezone")) == "Asia/Shanghai"


def session():
    """Return the number of the server process that answers."""
    with connected() as connection:
        return connection.scalar(sa.text("SELECT pg_backend_pid()"))


def test_a_process_keeps_its_connection_between_transactions(environment):
    assert session() == session()


def test_nothing_temporary_and_no_setting_outlives_its_transaction(environment):
    with connected() as connection:
        run(connection, "aggregate/working_day_temp")
        run(connection, "publication/set_logical_date", logical_date="2026-11-24")
        run(connection, "publication/as_publisher")
    with connected() as connection:
        left = "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relnamespace = pg_my_temp_schema()"
        assert connection.scalar(sa.text(left)) == 0
        assert connection.scalar(sa.text("SELECT current_setting('xinyong.logical_date', TRUE)")) == ""
        assert connection.scalar(sa.text("SELECT current_user = session_user"))


def test_a_session_that_the_server_ended_is_replaced(environment, database_url):
    ended = session()
    with sa.create_engine(database_url, poolclass=sa.NullPool).begin() as other:
        other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": ended})
    assert session() != ended


def test_a_forked_process_does_not_speak_on_its_parents_connection(environment):
    own = session()
    forked = multiprocessing.get_context("fork")
    told = forked.SimpleQueue()
    child = forked.Process(target=lambda: told.put(session()))
    child.start()
    child.join(30)
    assert (child.exitcode, told.get() == own, session()) == (0, False, own)


class Lines:
    """What COPY reads, given or failing."""

    def __init__(self, *pieces):
        self.pieces = list(pieces)

    def read(self, size):
        piece = self.pieces.pop(0) if self.pieces else ""
        if isinstance(piece, Exception):
            raise piece
        return piece


def copied(*pieces):
    with connected() as connection:
        copy(connection, "operation.feed", ["feed", "record_type", "section", "precedence"], Lines(*pieces))
        return connection.scalar(
            sa.text("SELECT string_agg(feed || ':' || coalesce(section, '-'), ',') FROM operation.feed")
        )


def test_pieces_are_copied_and_an_empty_cell_is_null(environment):
    with connected() as connection:
        run(connection, "operation/forget_feeds")
    assert copied("a\tp\ts\t1\nb\tp\t", "s2\t2\n") == "a:s,b:s2"
    with pytest.raises(Exception, match="null value"):
        copied("c\tp\t\t1\n")


def test_an_error_of_the_source_stays_what_it_was_while_rows_are_copied(environment):
    with pytest.raises(UnexpectedShape, match="^row 7 is ragged$") as refused:
        copied("a\tp\ts\t1\n", UnexpectedShape("row 7 is ragged"))
    assert refused.value.__suppress_context__


def tables(url):
    with connected(url) as connection:
        query = (
            "SELECT count(*) FROM information_schema.tables WHERE table_schema IN ('landing', 'warehouse', 'quality')"
        )
        return connection.scalar(sa.text(query))


def test_a_database_is_brought_from_nothing_to_today_and_again_without_change(empty_database_url):
    migrate(empty_database_url)
    first = tables(empty_database_url)
    migrate(empty_database_url)
    assert tables(empty_database_url) == first > 10


@pytest.mark.proofs
def test_two_processes_that_migrate_at_once_wait_for_each_other(empty_database_url):
    failures = []

    def attempt():
        try:
            migrate(empty_database_url)
        except Exception as error:
            failures.append(error)

    both = [threading.Thread(target=attempt) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert failures == [] and tables(empty_database_url) > 10


def test_a_script_keeps_its_casts_and_binds_nothing():
    assert "::" in script("functions/cleaning") and sa.text(script("functions/cleaning"))._bindparams == {}


def test_the_deadline_statement_counts_as_the_calendar_does(environment):
    from xinyong.catalogue import catalogue
    from xinyong.stages import aggregate

    aggregate(date(2026, 11, 24))
    with connected() as connection:
        query = "SELECT day, is_working, ordinal, is_provisional FROM warehouse.working_day WHERE day >= '2026-01-01'"
        kept = {row.day: tuple(row)[1:] for row in connection.execute(sa.text(query))}
    last = max(kept).year
    expected = {
        one.day: (one.is_working, one.ordinal, one.is_provisional)
        for one in days(catalogue().calendar, last)
        if one.day.year >= 2026
    }
    assert kept == expected

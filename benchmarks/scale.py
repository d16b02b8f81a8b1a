"""
What history costs as it grows, in multiples of a bare COPY of the same file, beside dlt and dbt on the same rows.

    .venv/bin/python benchmarks/scale.py first [ROWS]            # first load, 1 % changed, corrections, memory
    .venv/bin/python benchmarks/scale.py stored [SMALL] [LARGE]  # the same changes into a small and a large history

Without sizes: 1,000,000 rows; 1,000,000 and 10,000,000 records. Results go into docs/performance.md; `--dry` only
prints.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "plugins"), str(PROJECT / "benchmarks")]

from load import DAY, bare_copy, catalogue_with_feed, delta_size, peak_mib, rows, timed  # noqa: E402
from peers import Peers, peers  # noqa: E402
from world import world  # noqa: E402
from written import write  # noqa: E402

FEED = "bench_penalty"
CHANGED = 10_000
CORRECTED = 1_000
Rows = list[tuple[str, str]]


@contextmanager
def deliveries(change: str) -> Iterator[Path]:
    """Start a world with a migrated warehouse whose one feed of penalties is the benchmark's; yield its folder."""
    from xinyong.catalogue import catalogue
    from xinyong.database import migrate

    with world() as folder:
        catalogue_with_feed(folder / "catalogue", codes())
        declared = folder / "catalogue" / "feeds" / f"{FEED}.yml"
        declared.write_text(declared.read_text("utf-8").replace("change: full", f"change: {change}"), "utf-8")
        os.environ["XINYONG_CATALOGUE"] = str(folder / "catalogue")
        assert catalogue().feeds[FEED].change == change
        migrate()
        yield folder


def codes() -> list[str]:
    from xinyong.catalogue import catalogue

    return list(catalogue(PROJECT / "catalogue").records["penalty"].fields)


def write_file(folder: Path, day: date, count: int, every: int = 0) -> Path:
    """Write the delivery of a date; of every so many records, one says something else than in the file before."""
    path = folder / f"penalty_{day:%Y%m%d}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, codes(), restval="")
        writer.writeheader()
        for at, row in enumerate(rows(count)):
            if every and at % every == 1:
                row["CF_SY"] += f"（{day:%d}日复核）"
            writer.writerow(row)
    return path


def stages(day: date, with_delta: bool = True) -> tuple[dict[str, float], int]:
    """Take the delivery of a date in; return the seconds of each stage, and the size of the delta."""
    from xinyong import stages
    from xinyong.quality import compile as _warm  # noqa: F401 – importing Great Expectations is not what is measured

    took = {}
    took["extract + land"], batch_id = timed(lambda: stages.extract(FEED, day))
    took["check"] = timed(lambda: stages.check(int(str(batch_id)), day))[0]
    took["store"] = timed(lambda: stages.store(int(str(batch_id)), day))[0]
    size: object = 0
    if with_delta:
        took["delta"], size = timed(lambda: delta_size("city"))
    return took, int(str(size))


def shown(took: dict[str, float], unit: float) -> Rows:
    """Write seconds as multiples of a unit, and their sum."""
    return [(name, f"{seconds / unit:.1f}") for name, seconds in [*took.items(), ("together", sum(took.values()))]]


def compared(others: Peers, path: Path, unit: float) -> Rows:
    """Let the peers load the same file; what fails is said and does not stop the rest."""
    found = []
    for name, load in {
        "dlt 1.31 `scd2`, Arrow, no checks": lambda: others.dlt(path),
        "COPY + `dbt snapshot`, no checks": lambda: others.dbt(path, codes()),
    }.items():
        found.append((name, f"{load() / unit:.1f}"))
        print(f"{name:<40}{found[-1][1]:>8} x", flush=True)
    return found


def first(count: int, is_dry: bool) -> None:
    """Load a file, then one with 1 % changed, then restate some records; beside the peers."""
    with deliveries("full") as folder:
        others = peers(folder, os.environ["XINYONG_DATABASE_URL"])
        idle = 0.0
        for case, day, every in (("first", DAY, 0), ("changed", DAY + timedelta(days=1), 100)):
            path = write_file(folder, day, count, every)
            before = bare_copy(path, codes())
            idle = idle or _idle()
            took, size = stages(day)
            unit = (before + bare_copy(path, codes())) / 2
            told = shown(took, unit)
            print_rows(f"{case}: {count:,} penalties, bare COPY {unit:.2f} s, delta {size:,} items", told)
            told += compared(others, path, unit)
            heading = "first load" if case == "first" else "full compare, 1 % changed"
            memory = f"Python held {peak_mib() - idle:.0f} MiB more than when idle."
            keep(is_dry, case, f"{heading} of {count:,} penalties", told, memory)
        corrections(count, unit, is_dry)


def corrections(count: int, unit: float, is_dry: bool) -> None:
    """Restate records from landing, and measure against loading all of them."""
    import sqlalchemy as sa

    from xinyong.catalogue import catalogue
    from xinyong.database import connected
    from xinyong.warehouse import restate

    found = catalogue()
    with connected() as connection:
        some = sa.text("SELECT DISTINCT cast(record_id AS text) FROM warehouse.penalty LIMIT :some")
        ids = list(connection.scalars(some, {"some": CORRECTED}))
        seconds = timed(lambda: restate(connection, found, found.feeds[FEED], ids))[0]
    told = [(f"{len(ids):,} records restated from two landed batches", f"{seconds / unit:.1f}")]
    print_rows(f"corrections among {count:,} records", told)
    keep(is_dry, "corrections", f"corrections among {count:,} records", told)


def stored(small: int, large: int, is_dry: bool) -> None:
    """Take the same number of changes into a small and into a large history, and tell a platform that shows it all."""
    found: Rows = []
    with deliveries("incremental") as folder:
        day = DAY
        unit = bare_copy(write_file(folder, day, CHANGED), codes())
        stages(day, with_delta=False)
        seconds = {}
        for size in (small, large):
            fill(size)
            show_all(day)
            tidied()
            day += timedelta(days=1)
            write_file(folder, day, CHANGED, every=2)
            seconds[size], _ = stages(day, with_delta=False)
            whole = timed(lambda: delta_size("city"))[0]
            seconds[size]["delta, written and signed"] = timed(lambda day=day: reconciled(day))[0]
            found += [(f"{name}, {size:,} stored", value) for name, value in shown(seconds[size], unit)]
            found.append((f"not counted: all records compared, {size:,} stored", f"{whole / unit:.1f}"))
        found.append((f"together: {large:,} against {small:,}", ratio(*(sum(seconds[at].values()) for at in seconds))))
        found += [(f"{step} alone", ratio(*(seconds[at][step] for at in seconds))) for step in seconds[small]]
    print_rows(f"{CHANGED:,} rows, half of them changed, incremental", found)
    keep(is_dry, "stored", f"{CHANGED:,} delivered, half of them changed (incremental)", found)


def ratio(small: float, large: float) -> str:
    return f"{large / small:.2f} ×"


def reconciled(day: date) -> None:
    """Write the city platform's messages of a date down; there must be as many items as records that changed."""
    import sqlalchemy as sa

    from xinyong import stages
    from xinyong.database import connected

    stages.reconcile("city", day)
    with connected() as connection:
        told = sa.text("SELECT sum(item_count) FROM publication.message WHERE business_date = :day")
        print(f"{connection.scalar(told, {'day': day}):,} items told on {day}", flush=True)


def show_all(day: date) -> None:
    """Let the city platform show what it should show on a date, as if a delta of that date had told it."""
    import sqlalchemy as sa

    from xinyong import touched
    from xinyong.catalogue import catalogue
    from xinyong.database import connected
    from xinyong.gate import view_name
    from xinyong.reconcile import open_gate

    city, view = catalogue().platforms["city"], view_name("city", "penalty")
    columns = "'city', 'penalty', record_id, natural_key, content_hash, 0, 0"
    with connected() as connection:
        found = touched.sight(connection, city)
        connection.execute(sa.text("UPDATE publication.item SET state = 'accepted'"))
        connection.execute(sa.text("UPDATE publication.message SET state = 'answered'"))
        open_gate(connection, day)
        connection.execute(sa.text("DELETE FROM publication.published"))
        shown = f"INSERT INTO publication.published SELECT {columns} FROM publication.{view} WHERE fits"  # noqa: S608
        connection.execute(sa.text(shown))
        touched.remember(connection, city, found)
    with connected() as connection:
        connection.execute(sa.text("TRUNCATE publication.touched"))


def tidied() -> None:
    """Let the server's own housekeeping, which so many new rows bring about, end before anything is measured."""
    import sqlalchemy as sa

    from xinyong.database import engine

    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM (ANALYZE) warehouse.penalty, publication.published"))
        connection.execute(sa.text("CHECKPOINT"))


def fill(size: int) -> None:
    """Let the history hold so many records: copies of those that are there, under keys of their own."""
    import sqlalchemy as sa

    from xinyong.catalogue import catalogue
    from xinyong.database import connected
    from xinyong.tables import metadata

    table = metadata(catalogue()).tables["warehouse.penalty"]
    names = ", ".join(column.name for column in table.columns if column.name != "record_id")
    with connected() as connection:
        held = connection.scalar(sa.text("SELECT count(*) FROM warehouse.penalty"))
        copies = sa.text(
            f"INSERT INTO warehouse.penalty (record_id, {names}) "  # noqa: S608 – names of this project's catalogue
            f"SELECT cast(md5(concat(:held, '-', at)) AS uuid), {names} FROM generate_series(1, :missing) AS at "
            f"INNER JOIN (SELECT {names}, row_number() OVER () - 1 AS place FROM warehouse.penalty LIMIT 5000) AS one "
            "ON at % 5000 = one.place"
        )
        connection.execute(copies, {"held": held, "missing": size - held})
    with connected() as connection:
        connection.execute(sa.text("ANALYZE warehouse.penalty (record_id, batch_id, feed)"))


def _idle() -> float:
    from xinyong.catalogue.records import RecordType  # noqa: F401 – its import belongs to the idle process
    from xinyong.quality.compile import judge  # noqa: F401

    return peak_mib()


def print_rows(heading: str, told: Rows) -> None:
    print(heading)
    for name, value in told:
        print(f"  {name:<52}{value:>8}", flush=True)


def keep(is_dry: bool, case: str, heading: str, told: Rows, note: str = "") -> None:
    if not is_dry:
        write(case, heading, told, note)


def main() -> None:
    asked = argparse.ArgumentParser(description="What history costs as it grows.")
    asked.add_argument("case", choices=["first", "stored"])
    asked.add_argument("sizes", type=int, nargs="*")
    asked.add_argument("--dry", action="store_true", help="print only")
    given = asked.parse_args()
    if given.case == "first":
        first(*(given.sizes[:1] or [1_000_000]), given.dry)
    else:
        stored(*(given.sizes[:2] if len(given.sizes) > 1 else [1_000_000, 10_000_000]), given.dry)


if __name__ == "__main__":
    main()

"""
How fast 100,000 items reach the city platform, against what the platform itself can take.

    .venv/bin/python benchmarks/publication.py [ITEMS] [--calls N]     # 100,000 without an argument

The ceiling is a bare client that posts the same bytes to the same stand-in, with as many calls at once, and does
nothing else: no receipts, no database. The pipeline sends in a process of its own, asks for every receipt and writes it
down. Afterwards the same is done once more by a process that is killed in the middle, and by one that goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "benchmarks"))

from load import DAY, catalogue_with_feed, write_file  # noqa: E402 – the folder of the benchmarks comes first

WHO, SECRET, CODE = "bench", "secret", "11350400003691230N"
BUDGET = 0.70
SERVE = """
import signal, sys
from pathlib import Path
from sandbox.city import serve_city
handle = serve_city(Path(sys.argv[1]), None, department="bench", department_code="11350400003691230N", secret="secret",
                    signing_key=bytes.fromhex(sys.argv[2]))
print(handle.url, flush=True)
signal.pause()
"""
MULTIPLY = """
INSERT INTO warehouse.penalty ({columns})
SELECT {values} FROM (SELECT * FROM warehouse.penalty LIMIT 1) AS one, generate_series(1, :count) AS at
"""


@contextmanager
def city(folder: Path) -> Iterator[str]:
    """Run the stand-in in a process of its own, new and empty."""
    from xinyong.settings import settings

    folder.mkdir()
    command = [sys.executable, "-c", SERVE, str(folder), settings().signing_key.hex()]
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=PROJECT, text=True, **quiet) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        try:
            yield url.replace("://", f"://{WHO}:{SECRET}@", 1)
        finally:
            process.terminate()


def in_the_books(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / "city.sqlite", timeout=30)) as books:
        return int(books.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 – our own names


def fill(count: int) -> None:
    """Bring one penalty through the pipeline and let the warehouse hold `count` of them."""
    import sqlalchemy as sa

    from xinyong import stages
    from xinyong.database import connected

    batch = stages.extract("bench_penalty", DAY)
    stages.check(batch, DAY)
    stages.store(batch, DAY)
    with connected() as connection:
        columns = [column["name"] for column in sa.inspect(connection).get_columns("penalty", schema="warehouse")]
        fresh = {
            "record_id": "gen_random_uuid()",
            "cf_wsh": "'闽明测罚〔2026〕' || (at + 1000000) || '号'",
            "cf_sy": "one.cf_sy || '，第' || at || '处'",
        }
        values = ", ".join(fresh.get(column, f"one.{column}") for column in columns)
        statement = MULTIPLY.format(columns=", ".join(columns), values=values)
        connection.execute(sa.text(statement), {"count": count})
        connection.execute(sa.text("DELETE FROM warehouse.penalty WHERE cf_wsh NOT LIKE '%〕1______号'"))
    with connected() as connection:
        connection.execute(sa.text("ANALYZE warehouse.penalty"))


def reconciled() -> list[int]:
    from xinyong import stages

    return stages.reconcile("city", DAY)


def forget_all() -> None:
    """Let the pipeline believe that it never told anybody anything."""
    import sqlalchemy as sa

    from xinyong.database import connected

    with connected() as connection:
        connection.execute(sa.text("TRUNCATE publication.published, publication.item, publication.message"))


def write_bodies(folder: Path, numbers: list[int]) -> int:
    """Write down what would be posted, one file per message; return the bytes."""
    from xinyong.database import engine, transaction
    from xinyong.platforms.service import batch_body
    from xinyong.publish import load

    folder.mkdir()
    made, size = engine(pool_size=1), 0
    for number in numbers:
        with transaction(made) as connection:
            message, _ = load(connection, "city", number)
        body = batch_body(message, "XZCF", CODE)
        (folder / f"{number}.json").write_bytes(body)
        size += len(body)
    made.dispose()
    return size


def bare(url: str, folder: Path, numbers: list[int], calls: int) -> float:
    """Post every body, as many at once as allowed, and return the seconds."""
    import requests

    from xinyong.settings import settings
    from xinyong.signing import HmacSm3

    signer, address = HmacSm3(settings().signing_key), url.replace(f"{WHO}:{SECRET}@", "")
    asked = json.dumps({"department": WHO, "secret": SECRET}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{address}token", asked, method="POST")) as answer:  # noqa: S310
        token = json.load(answer)["token"]
    shares = [numbers[at::calls] for at in range(calls)]

    def work(share: list[int]) -> None:
        with requests.Session() as session:
            session.trust_env = False
            for number in share:
                body = (folder / f"{number}.json").read_bytes()
                headers = {"Authorization": f"Bearer {token}", "X-Signature": signer.sign(body)}
                headers["Idempotency-Key"] = f"bare-{number}"
                answer = session.post(f"{address}api/batches", body, headers=headers, timeout=60)
                assert answer.json()["failSize"] == 0, answer.text

    began = time.perf_counter()
    with ThreadPoolExecutor(calls) as pool:
        list(pool.map(work, shares))
    return time.perf_counter() - began


def send_all(calls: int) -> None:
    """Be the process that publishes: send what is due and print seconds and memory."""
    from xinyong import stages
    from xinyong.catalogue import catalogue
    from xinyong.database import engine
    from xinyong.publish import bring_all

    platform = catalogue().platforms["city"].model_copy(update={"calls_at_once": calls})
    numbers = stages.reconcile("city", DAY)
    made = engine(pool_size=calls)
    idle, began = peak_mib(), time.perf_counter()
    problems = bring_all(made, lambda: stages.publication.adapter_of("city"), platform, numbers, DAY)
    seconds = time.perf_counter() - began
    print(
        json.dumps({"seconds": seconds, "idle": idle, "peak": peak_mib(), "problems": [str(one) for one in problems]})
    )


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def sender(url: str, calls: int) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--send", "--calls", str(calls)]
    given = os.environ | {"AIRFLOW_CONN_XINYONG_CITY": url}
    return subprocess.Popen(command, env=given, stdout=subprocess.PIPE, text=True)


def sent(process: subprocess.Popen[str]) -> dict[str, Any]:
    output, _ = process.communicate()
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    assert not found["problems"], found["problems"]
    return found


def measure(folder: Path, count: int, calls: int) -> None:
    fill(count)
    began = time.perf_counter()
    numbers = reconciled()
    print(f"{count:,} items, {len(numbers)} messages, {calls} calls at once")
    print(f"{'reconcile, chain and sign':<34}{time.perf_counter() - began:8.1f} s")
    size = write_bodies(folder / "bodies", numbers)
    with city(folder / "first") as url:
        ceiling = bare(url, folder / "bodies", numbers, calls)
        assert in_the_books(folder / "first", "record") == count
    with city(folder / "second") as url:
        found = sent(sender(url, calls))
        assert in_the_books(folder / "second", "record") == count
    ratio = ceiling / found["seconds"]
    print(f"{'bare client, ' + format(size / 1e6, '.0f') + ' MB':<34}{ceiling:8.1f} s {count / ceiling:8.0f} items/s")
    print(f"{'pipeline, with every receipt':<34}{found['seconds']:8.1f} s {count / found['seconds']:8.0f} items/s")
    verdict = "kept" if ratio >= BUDGET else "MISSED"
    print(f"ratio {ratio:.0%} of the ceiling (budget {BUDGET:.0%}: {verdict})")
    print(f"memory of the sending process: {found['peak']:.0f} MiB, of which {found['idle']:.0f} MiB before the first")
    killed_and_resumed(folder, count, calls, len(numbers))


def killed_and_resumed(folder: Path, count: int, calls: int, messages: int) -> None:
    """Kill a sending process in the middle and let another one go on."""
    forget_all()
    reconciled()
    with city(folder / "third") as url:
        process = sender(url, calls)
        while in_the_books(folder / "third", "batch") < messages // 3:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        before = in_the_books(folder / "third", "batch")
        sent(sender(url, calls))
        records, batches = in_the_books(folder / "third", "record"), in_the_books(folder / "third", "batch")
    print(
        f"killed after {before} of {messages} messages, resumed: {records:,} records, {batches} batches at the platform"
    )
    assert (records, batches) == (count, messages)


def main(count: int, calls: int) -> None:
    from world import world

    from xinyong.catalogue import catalogue
    from xinyong.database import migrate

    with world() as folder:
        codes = list(catalogue(PROJECT / "catalogue").records["penalty"].fields)
        catalogue_with_feed(folder / "catalogue", codes)
        os.environ["XINYONG_CATALOGUE"] = str(folder / "catalogue")
        write_file(folder / f"penalty_{DAY:%Y%m%d}.csv", codes, 20)
        migrate()
        measure(folder, count, calls)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("items", nargs="?", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=2)
    parser.add_argument("--send", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.send:
        send_all(asked.calls)
    else:
        main(asked.items, asked.calls)

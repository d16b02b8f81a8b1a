"""
How long penalties take from a CSV file to a computed delta, in multiples of a bare COPY of the same file.

    .venv/bin/python benchmarks/load.py [ROWS]          # 200,000 without an argument

Everything runs in one process against one embedded PostgreSQL with its production settings; the bare COPY goes
into one unlogged table of text columns, before and after the pipeline, and the mean of the two is the unit.
"""

from __future__ import annotations

import csv
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DAY = date(2026, 11, 24)
FEED = """
name: bench_penalty
title: {{zh: 测速·行政处罚, en: Penalties of the benchmark}}
record_type: penalty
section: safety
source: {{kind: csv, connection: bench, pattern: "penalty_{{date}}.csv"}}
change: full
precedence: 3
schedule: "30 1 * * *"
deletion: revoked
bounds: {{min_rows: 1, max_rows: 100000000, max_shrink_percent: 20, max_quarantined_percent: 40,
         max_deletions_percent: 20, reason: a benchmark}}
columns:
{columns}
"""


def rows(count: int) -> Iterator[dict[str, str]]:
    """Yield sound penalties about one enterprise for every twenty of them; one in twelve breaks a rule."""
    from stdnum.cn import uscc

    codes = [body + uscc.calc_check_digit(body) for body in (f"91350402MA{at:07d}" for at in range(count // 20 + 1))]
    for at in range(count):
        decided = DAY - timedelta(days=at % 300)
        fine = 1 + at % 50
        yield {
            "CF_XDR_MC": f"三明市测试第{at % len(codes)}号企业有限公司",
            "CF_XDR_LB": "法人及非法人组织",
            "CF_XDR_SHXYM": codes[at % len(codes)],
            "CF_FRDB": "张三",
            "CF_FR_ZJLX": "身份证",
            "CF_FR_ZJHM": "350402199001010012",
            "CF_WSH": f"闽明测罚〔2026〕{at}号",
            "CF_WFXW": "违反《中华人民共和国安全生产法》第四十一条",
            "CF_SY": f"未按规定建立事故隐患排查治理制度，涉及{at % 90}处作业场所",
            "CF_YJ": "《中华人民共和国安全生产法》第一百零一条",
            "CF_CFLB": "罚款;警告",
            "CF_NR": f"决定给予以下行政处罚：警告；罚款{fine}0000元。",
            "CF_NR_FK": "" if at % 12 == 0 else str(fine),
            "CF_JDRQ": f"{decided:%Y/%m/%d}" if at % 3 else f"{decided:%Y-%m-%d}",
            "CF_YXQ": "2099/12/31",
            "CF_CFJG": "三明市工业和信息化局",
            "CF_CFJGDM": "11350400003691230N",
            "CF_SJLY": "三明市工业和信息化局",
            "CF_SJLYDM": "11350400003691230N",
        }


def write_file(path: Path, codes: list[str], count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, codes, restval="")
        writer.writeheader()
        writer.writerows(rows(count))


def catalogue_with_feed(folder: Path, codes: list[str]) -> None:
    """Copy the project's catalogue and let the benchmark's feed alone deliver penalties."""
    shutil.copytree(PROJECT / "catalogue", folder)
    for other in (folder / "feeds").glob("*_penalty.yml"):
        other.unlink()
    columns = "\n".join(f"  {code}: {code.lower()}" for code in codes)
    (folder / "feeds" / "bench_penalty.yml").write_text(FEED.format(columns=columns), "utf-8")


def bare_copy(path: Path, codes: list[str]) -> float:
    """Load the file as it is into one unlogged table; return the seconds."""
    from xinyong.database import connected

    with connected() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute(f"CREATE UNLOGGED TABLE bare ({', '.join(f'{code} text' for code in codes)})")  # noqa: S608
        with path.open("rb") as file:
            began = time.perf_counter()
            cursor.copy_expert("COPY bare FROM STDIN WITH (FORMAT csv, HEADER)", file)
            seconds = time.perf_counter() - began
        cursor.execute("DROP TABLE bare")
    return seconds


def timed(step: Callable[[], object]) -> tuple[float, object]:
    began = time.perf_counter()
    result = step()
    return time.perf_counter() - began, result


def delta_size(platform: str) -> int:
    from sqlalchemy import text

    from xinyong.catalogue import catalogue
    from xinyong.database import connected
    from xinyong.reconcile import find_delta, open_gate

    with connected() as connection:
        open_gate(connection, DAY)
        find_delta(connection, catalogue().platforms[platform])
        return int(connection.execute(text("SELECT count(*) FROM delta")).scalar_one())


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def pipeline() -> Iterator[tuple[str, float]]:
    """Run the stages one after the other; yield each with its seconds."""
    from xinyong import stages
    from xinyong.quality import compile as _warm  # noqa: F401 – importing Great Expectations is not what is measured

    seconds, batch_id = timed(lambda: stages.extract("bench_penalty", DAY))
    yield "extract + land", seconds
    yield "check", timed(lambda: stages.check(int(str(batch_id)), DAY))[0]
    yield "store", timed(lambda: stages.store(int(str(batch_id)), DAY))[0]
    seconds, size = timed(lambda: delta_size("city"))
    yield f"delta ({size:,} items)", seconds


def main(count: int) -> None:
    from world import world

    from xinyong.catalogue.records import RecordType  # noqa: F401 – its import belongs to the idle process

    with world() as folder:
        os.environ["XINYONG_CATALOGUE"] = str(folder / "catalogue")
        measure(folder, count)


def measure(folder: Path, count: int) -> None:
    from xinyong.catalogue import catalogue
    from xinyong.database import migrate

    codes = list(catalogue(PROJECT / "catalogue").records["penalty"].fields)
    catalogue_with_feed(folder / "catalogue", codes)
    path = folder / f"penalty_{DAY:%Y%m%d}.csv"
    write_file(path, codes, count)
    migrate()
    before = bare_copy(path, codes)
    from xinyong.quality.compile import judge  # noqa: F401 – see above

    idle = peak_mib()
    steps = list(pipeline())
    unit = (before + bare_copy(path, codes)) / 2
    print(f"{count:,} penalties, {path.stat().st_size / 1e6:.0f} MB, {len(codes)} columns")
    print(f"{'bare COPY':<28}{unit:8.2f} s      1.0 x")
    for name, seconds in [*steps, ("together", sum(seconds for _, seconds in steps))]:
        print(f"{name:<28}{seconds:8.2f} s {seconds / unit:8.1f} x")
    print(f"peak memory of Python: {peak_mib():.0f} MiB, of which {idle:.0f} MiB when idle with everything imported")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)

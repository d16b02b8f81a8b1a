"""
What a change of the portal costs: 200,000 records written for the first time, then 1,000 changes.

    .venv/bin/python benchmarks/portal.py [RECORDS] [CHANGES] [--keep FOLDER] [--write]

A day's changes are as a day has them: half new decisions of this month, a third withdrawals of the records that were
decided on one day a year ago, the rest corrections of any record. Messages are as large as the platform file says.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import count, groupby, islice
from pathlib import Path

from xinyong.catalogue import catalogue
from xinyong.platforms import Adapter, Item, Message, adapter
from xinyong.settings import Connection
from xinyong.signing import HmacSm3

DAY = date(2026, 11, 24)
PLACES = (
    "三明市",
    "三元区",
    "沙县区",
    "永安市",
    "明溪县",
    "清流县",
    "宁化县",
    "大田县",
    "尤溪县",
    "将乐县",
    "泰宁县",
    "建宁县",
)
BRANDS = "闽鑫宏源恒泰兴隆永盛嘉禾金桥瑞丰华诚天翔正和广达新锐凯旋方圆众信百川鼎立云帆星海长青龙腾东方南山北斗"
TRADES = (
    "机械",
    "建材",
    "化工",
    "纺织",
    "电子",
    "矿业",
    "竹木",
    "林产",
    "食品",
    "铸造",
    "水泥",
    "冶金",
    "环保",
    "新能源",
    "通信",
)
FORMS = ("有限公司", "有限责任公司", "股份有限公司", "（福建）有限公司")
AUTHORITY = "三明市工业和信息化局"
YEARS = 3
RECORDS_PER_SUBJECT = 5
PAGE = Path(__file__).resolve().parents[1] / "docs" / "portal.md"
OPENING, CLOSING = "<!-- portal -->", "<!-- /portal -->"


@cache
def enterprise(number: int) -> tuple[str, str]:
    """Return name and code of a made-up enterprise."""
    dice = random.Random(number)  # noqa: S311 – the same enterprise each time
    brand = "".join(dice.sample(BRANDS, 2 if number % 3 else 3))
    name = f"{dice.choice(PLACES)}{brand}{dice.choice(TRADES)}{dice.choice(FORMS)}"
    return name, f"91350400MA{number:07d}X"


@dataclass(frozen=True, order=True, slots=True)
class Told:
    """What is told about the record of a number; every third one is a licence."""

    number: int
    subjects: int
    operation: str = "add"
    edition: int = 1
    decided: date | None = None

    def place(self) -> tuple[bool, str, str]:
        """Return what the reconciler orders items by."""
        item = self.item()
        return item.operation != "withdraw", item.record_type, item.natural_key

    def item(self) -> Item:
        number, kind = self.number, "penalty" if self.number % 3 else "licence"
        name, code = enterprise(number * 7919 % self.subjects)
        decided = self.decided or DAY - timedelta(days=number * 31 % (365 * YEARS))
        payload = (penalty if number % 3 else licence)(number, name, code, decided, self.edition)
        document = payload["行政处罚决定书文号" if number % 3 else "行政许可决定文书号"]
        content = hashlib.sha256(json.dumps(payload, ensure_ascii=False).encode()).hexdigest()
        return Item(0, kind, "", self.operation, None, f"{name}|{document}|{decided}", content, payload)


def penalty(number: int, name: str, code: str, decided: date, edition: int) -> dict[str, str | None]:
    fine = 1 + number % 40
    return {
        "行政相对人名称": name,
        "行政相对人类别": "法人及非法人组织",
        "统一社会信用代码": code,
        "行政处罚决定书文号": f"闽明工信罚〔{decided.year}〕{number}号",
        "违法行为类型": "违反《中华人民共和国安全生产法》第四十一条第二款",
        "违法事实": f"未按规定建立并落实安全事故隐患排查治理制度，涉及{number % 90 + 1}处场所，第{edition}次核定。",
        "处罚依据": "《中华人民共和国安全生产法》第一百零一条第五项",
        "处罚类别": "罚款、警告",
        "处罚内容": f"决定给予以下行政处罚：一、警告；二、罚款人民币{fine}万元整。",
        "罚款金额（万元）": f"{fine}.000000",
        "没收违法所得、没收非法财物的金额（万元）": None,
        "暂扣或吊销证照名称及编号": None,
        "处罚决定日期": str(decided),
        "处罚有效期": "长期",
        "公示截止期": str(decided + timedelta(days=364)),
        "处罚分类": "一般",
        "最早可申请修复日期": str(decided + timedelta(days=90)),
        "异议标注": "异议处理中" if number % 997 == 1 else None,
        "处罚机关": AUTHORITY,
        "处罚机关统一社会信用代码": "11350400003691230N",
        "数据来源单位": AUTHORITY,
        "数据来源单位统一社会信用代码": "11350400003691230N",
    }


def licence(number: int, name: str, code: str, decided: date, edition: int) -> dict[str, str | None]:
    return {
        "行政相对人名称": name,
        "行政相对人类别": "法人及非法人组织",
        "统一社会信用代码": code,
        "行政许可决定文书名称": "准予行政许可决定书",
        "行政许可决定文书号": f"明工信许〔{decided.year}〕{number}号",
        "许可类别": "普通",
        "许可证书名称": "民用爆炸物品销售许可证",
        "许可编号": f"（闽）MB销许证字—〔{number:06d}〕",
        "许可内容": f"准予销售工业炸药、工业雷管，年许可量{number % 700 + 50}吨，第{edition}次核定。",
        "许可决定日期": str(decided),
        "有效期自": str(decided),
        "有效期至": str(decided + timedelta(days=365 * 3)),
        "许可机关": AUTHORITY,
        "许可机关统一社会信用代码": "11350400003691230N",
        "数据来源单位": AUTHORITY,
        "数据来源单位统一社会信用代码": "11350400003691230N",
    }


def a_day(records: int, changes: int, subjects: int) -> Iterator[Told]:
    """Yield a day's changes."""
    for number in range(records, records + changes // 2):
        yield Told(number, subjects, decided=DAY - timedelta(days=number % 7))
    decided = DAY - timedelta(days=365)
    due = (number for number in range(records) if DAY - timedelta(days=number * 31 % (365 * YEARS)) == decided)
    ended = list(islice(due, changes // 3))
    yield from (Told(number, subjects, "withdraw") for number in ended)
    dice = random.Random(1)  # noqa: S311 – the same day each time
    corrected = dice.sample(sorted(set(range(records)) - set(ended)), changes - changes // 2 - len(ended))
    yield from (Told(number, subjects, "update", edition=2) for number in corrected)


def messages(told: Iterator[Told], size: int, first: int) -> Iterator[Message]:
    """Yield messages as the reconciler writes them: withdrawals first, one type in each, in the order of the keys."""
    numbers = count(first)
    ordered = sorted((one.place(), one) for one in told)
    for _, group in groupby(ordered, key=lambda pair: pair[0][:2]):
        while some := tuple(one.item() for _, one in islice(group, size)):
            number = next(numbers)
            yield Message("portal", number, DAY, "data", some[0].record_type, f"portal-{number}", some)


def tell(portal: Adapter, told: Iterator[Told], size: int, first: int) -> tuple[float, float, int]:
    """Send messages and ask for their answers; return the seconds of sending, of them on a core, and the items."""
    seconds, busy, sent = 0.0, 0.0, 0
    for message in messages(told, size, first):
        began, worked = time.perf_counter(), time.process_time()
        portal.send(message)
        seconds, busy = seconds + time.perf_counter() - began, busy + time.process_time() - worked
        answers = portal.ask(message)
        assert answers is not None and {answer.state for answer in answers} == {"accepted"}  # noqa: S101
        sent += len(message.items)
    return seconds, busy, sent


def written_since(folder: Path, moment: float) -> tuple[int, int]:
    """Return how many files there are and how many of them were written since a moment."""
    files = [path for path in (folder / "").rglob("*") if path.is_file()]
    return len(files), sum(path.stat().st_mtime > moment for path in files)


def measure(folder: Path, records: int, changes: int) -> Iterator[str]:
    """Yield the parts of what is told, as docs/portal.md shows it."""
    platform = catalogue().platforms["portal"]
    access = Connection("portal", "file", "", None, "", "", str(folder / "portal"), {}, "")
    portal = adapter(platform, catalogue().department, access, HmacSm3(b"k" * 32))
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    subjects = max(1, records // RECORDS_PER_SUBJECT)
    everything = (Told(number, subjects) for number in range(records))
    first, first_busy, told = tell(portal, everything, platform.batch_size, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    moment = time.time()
    changed, busy, size = tell(portal, a_day(records, changes, subjects), platform.batch_size, 1_000_000)
    files, rewritten = written_since(folder / "portal", moment)
    single, single_busy, _ = tell(portal, iter([Told(1, subjects, "update", edition=3)]), 1, 2_000_000)
    bytes_, largest = extent(folder / "portal")
    shares = f"{size / told:.1%} of the records, {rewritten / files:.1%} of the files"
    rows = [
        (f"first build, {first_busy / told * 1e3:.2f} ms a record", first_busy, first),
        (f"{size:,} changes ({shares}), {busy / size * 1e3:.1f} ms a change", busy, changed),
        ("one change", single_busy, single),
    ]
    yield f"| {told:,} records of {subjects:,} subjects: {files:,} files, {bytes_ / 1e6:.0f} MB, "
    yield f"at most {largest} in a folder | time on a core | elapsed |\n|---|---:|---:|\n"
    yield from (f"| {what} | {core:.2f} s | {elapsed:.2f} s |\n" for what, core, elapsed in rows)
    yield f"\nThe changes cost {busy / first_busy:.1%} of the first build. Memory peaked at {peak:.0f} MiB, of which\n"
    yield f"{idle:.0f} MiB are there when idle with everything imported.\n"


def extent(folder: Path) -> tuple[int, int]:
    """Return the bytes of all files and how many entries the largest folder has."""
    places = [*(folder / "").rglob("*")]
    sizes = sum(path.stat().st_size for path in places if path.is_file())
    return sizes, max(len(list(place.iterdir())) for place in places if place.is_dir())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=int, nargs="?", default=200_000)
    parser.add_argument("changes", type=int, nargs="?", default=1_000)
    parser.add_argument("--keep", type=Path, help="leave the portal in this folder")
    parser.add_argument("--write", action="store_true", help="put the table into docs/portal.md")
    chosen = parser.parse_args()
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="xinyong-portal-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        told = "".join(measure(folder, chosen.records, chosen.changes))
        print(told)
        if chosen.write:
            before, _, rest = PAGE.read_text("utf-8").partition(OPENING)
            PAGE.write_text(f"{before}{OPENING}\n{told}{CLOSING}{rest.partition(CLOSING)[2]}", "utf-8")
    finally:
        if not chosen.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()

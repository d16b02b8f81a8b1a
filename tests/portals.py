"""Portals in a folder of their own, and what can be read from every file of one."""

from __future__ import annotations

import json
import re

from messages import BUREAU, COMPANY, DEPARTMENT, KEY, a_message, an_item, declared

from xinyong import platforms
from xinyong.platforms import portal_search
from xinyong.settings import Connection
from xinyong.signing import HmacSm3

PENALTY = {
    "行政相对人名称": COMPANY["name"],
    "统一社会信用代码": COMPANY["uscc"],
    "行政处罚决定书文号": "闽明工信罚〔2026〕1号",
    "违法事实": "未按规定报送能源利用状况",
    "罚款金额（万元）": None,
    "公示截止期": "2027-11-20",
    "处罚机关": BUREAU,
}
OTHER = {"行政相对人名称": "福建省沙县金桥竹木有限公司", "统一社会信用代码": "91350427MA2XN1AB0C"}


def a_portal(folder, signer=None, **options):
    """Return the portal's adapter with small pages."""
    access = Connection("portal", "file", "", None, "", "", str(folder), {}, "")
    sizes = {"page_size": "3", "subject_page_size": "4"} | options
    declaration = declared("portal").model_copy(update={"options": sizes})
    return platforms.adapter(declaration, DEPARTMENT, access, signer or HmacSm3(KEY))


def an_entry(number=1, operation="add", content="a", day="2026-11-20", key=None, **changes):
    """Return an item about the penalty of this number; `changes` replace columns."""
    payload = PENALTY | {"行政处罚决定书文号": f"闽明工信罚〔2026〕{number}号"} | changes
    name, document = payload["行政相对人名称"], payload["行政处罚决定书文号"]
    return an_item(number, operation, payload, content, natural_key=key or f"{name}|{document}|{day}")


def a_publication(*items, **changes):
    return a_message(*items, platform="portal", **changes)


def files(folder):
    """Return path → content of every file that lies in the public folder or its twin, and of the folders' names."""
    roots = [folder, folder.with_name(f"{folder.name}.sites")]
    return {path: path.read_bytes() for root in roots for path in root.rglob("*") if path.is_file()}


def mentions(folder, *texts):
    """Return the files that hold one of these texts, plain or as JSON writes them."""
    wanted = [form for text in texts for form in (text.encode(), json.dumps(text)[1:-1].encode())]
    return sorted(str(path) for path, content in files(folder).items() if any(form in content for form in wanted))


def shard(folder, path):
    """Return what a file of the search index hands to the page."""
    text = (folder / path).read_text("ascii")
    call = f"xinyongShard({json.dumps(path)},"
    assert text.startswith(call)
    return json.loads(text.removeprefix(call).removesuffix(");\n"))


def subject_page(folder, name=COMPANY["uscc"], page=1):
    """Return the text of a subject's page, found by code or name as the portal does it."""
    from hashlib import sha256

    from xinyong.platforms.portal_site import subject_path

    return (folder / subject_path(sha256(name.encode()).hexdigest()[:16], page)).read_text("utf-8")


def term_files(folder):
    """Return over how many files the search page says that terms are spread."""
    return int(re.search(r'data-files="(\d+)"', (folder / "search.html").read_text("utf-8"))[1])


def found_by(folder, term):
    """Return the names of the subjects that the index has for a term."""
    path = portal_search.terms_path(portal_search.bucket(term, term_files(folder)))
    if not (folder / path).exists():
        return []
    count, *steps = shard(folder, path).get(term, [0])
    numbers = [sum(steps[: at + 1]) for at in range(len(steps))]
    blocks = {number // portal_search.SUBJECTS_PER_FILE for number in numbers}
    rows = [row for block in sorted(blocks) for row in shard(folder, portal_search.subjects_path(block))]
    assert count >= len(numbers)
    return [row[2][0] for row in rows if row[0] in numbers]

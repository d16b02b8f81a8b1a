"""Write what a benchmark printed into docs/performance.md, between the markers of its case."""

from __future__ import annotations

import platform
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"


def write(case: str, heading: str, rows: list[tuple[str, str]], note: str = "", unit: str = "× bare COPY") -> None:
    """Replace the table of a case; a case without markers gets them at the end of the page."""
    table = [f"| {heading} | {unit} |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows)]
    told = f"Everything ran side by side on {platform.machine()}, two cores. {note}".strip()
    opening, closing = f"<!-- {case} -->", f"<!-- /{case} -->"
    written = "\n".join([opening, *table, "", told, closing])
    text = PAGE.read_text("utf-8")
    if opening not in text:
        text = f"{text.rstrip()}\n\n{opening}\n{closing}\n"
    before, _, rest = text.partition(opening)
    after = rest.partition(closing)[2]
    PAGE.write_text(before + written + after, "utf-8")

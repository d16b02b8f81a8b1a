"""
Data Docs for a closed network.

Great Expectations renders its result pages around scripts and styles from public servers and a logo whose address
tells who is looking. Here its content is kept and everything around it is our own: one style sheet inside the page.
"""

from __future__ import annotations

import html
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

_WORDS = {
    "Overview": "概览",
    "Statistics": "统计",
    "Evaluated Expectations": "已评估项",
    "Successful Expectations": "符合项",
    "Unsuccessful Expectations": "不符合项",
    "Success Percent": "符合比例",
    "Table-Level Expectations": "逐项结果",
    "Status": "结果",
    "Expectation": "要求",
    "Observed Value": "实际情况",
    "Succeeded": "符合",
    "Failed": "不符合",
}
_OUTSIDE = (
    r"<script\b.*?</script>",
    r"<style\b.*?</style>",
    r"<(link|img)\b[^>]*>",
    r'<span class="h6" >Expectation Suite:</span>.*?<br> Data asset: \w+<br> <span class="h6" >Status:</span>',
)
# Details of the run that the page folds away and that only its scripts could unfold again.
_FOLDED = r'<div id="section-1-content-block-3".*?(?=<div id="section-2")'


def write_docs(folder: Path, title: str, results: dict[str, Any]) -> None:
    """Write one page per result, the first as `index.html`, into a folder of its own that is made anew."""
    names = {name: "index.html" if at == 0 else f"page_{at}.html" for at, name in enumerate(results)}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    style = (Path(__file__).parent / "docs.css").read_text("utf-8")
    for name, result in results.items():
        links = " ".join(_link(other, names[other], is_here=other == name) for other in names)
        (folder / names[name]).write_text(_page(title, links, style, _content(result)), "utf-8")


def _content(result: Any) -> str:
    """Let Great Expectations render a result and keep what it says about the data."""
    from great_expectations.render.renderer import ValidationResultsPageRenderer

    rendered = _view().render(ValidationResultsPageRenderer().render(result))
    for pattern in _OUTSIDE:
        rendered = re.sub(pattern, "", rendered, flags=re.DOTALL)
    rendered = re.sub(_FOLDED, "</div></div>", rendered, flags=re.DOTALL)
    sections = re.search(r'<div id="section-1".*?(?=(\s*</div>){3}\s*<footer)', rendered, flags=re.DOTALL)
    text = sections[0] if sections else ""
    for english, chinese in _WORDS.items():
        text = re.sub(rf"(>\s*){english}(?=\s*<)", rf"\g<1>{chinese}", text)
    return text


@cache
def _view() -> Any:
    """Keep one view, and with it the thirty templates that it has compiled."""
    from great_expectations.render.view import DefaultJinjaPageView

    return DefaultJinjaPageView()


def _link(name: str, target: str, *, is_here: bool) -> str:
    if is_here:
        return f"<strong>{html.escape(name)}</strong>"
    return f'<a href="{target}">{html.escape(name)}</a>'


def _page(title: str, links: str, style: str, content: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="zh">\n<head>\n<meta charset="UTF-8">\n<title>{html.escape(title)}</title>\n'
        f"<style>\n{style}</style>\n</head>\n<body>\n<header><h1>{html.escape(title)}</h1>\n<nav>{links}</nav></header>\n"
        f"<main>\n{content}\n</main>\n</body>\n</html>\n"
    )

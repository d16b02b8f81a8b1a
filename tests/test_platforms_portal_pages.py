"""Every kind of page as a screen reader reads it: language, headings, labels, tables, and nothing from outside."""

from __future__ import annotations

import dataclasses
from html.parser import HTMLParser

import pytest
from portals import OTHER, a_portal, a_publication, an_entry

from xinyong.catalogue import catalogue
from xinyong.catalogue.guidance import Guidance
from xinyong.errors import CatalogueError

VOID = {"meta", "link", "input", "br", "img"}


class Page(HTMLParser):
    """What stands on a page: its elements in order, each with what is around it."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.words = [], [], {}
        self.feed(text)
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), [name for name, _ in self.open]))
        if tag not in VOID:
            self.open.append((tag, len(self.elements) - 1))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        for _, at in self.open:
            self.words[at] = self.words.get(at, "") + data

    def all(self, *tags):
        return [(at, found) for at, (tag, found, _) in enumerate(self.elements) if tag in tags]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages") / "portal"
    items = [*map(an_entry, range(1, 8)), an_entry(9, **OTHER)]
    a_portal(folder).send(a_publication(*items))
    return {path.relative_to(folder).as_posix(): Page(path.read_text("utf-8")) for path in folder.rglob("*.html")}


def test_there_is_a_page_of_every_kind(pages):
    assert {"index.html", "search.html", "data/index.html", "list/penalty/index.html"} <= set(pages)
    assert {f"guide/{name}.html" for name in catalogue().guidance.guides} <= set(pages)
    assert any("-2.html" in name for name in pages), "no second page of a subject"


def test_a_page_says_its_language_title_and_one_main_heading(pages):
    for name, page in pages.items():
        assert page.elements[0][0] == "html" and page.elements[0][1]["lang"] == "zh-CN", name
        assert len(page.all("h1")) == 1, name
        assert len(page.all("main")) == len(page.all("title")) == 1, name
        first = page.all("a")[0][1]
        assert (first["class"], first["href"]) == ("skip", "#content"), name


def test_no_heading_skips_a_level(pages):
    for name, page in pages.items():
        levels = [int(page.elements[at][0][1]) for at, _ in page.all("h1", "h2", "h3", "h4")]
        assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False)), (name, levels)


def test_every_field_has_a_label_and_every_link_words(pages):
    for name, page in pages.items():
        labelled = {found["for"] for _, found in page.all("label")}
        assert {found["id"] for _, found in page.all("input")} <= labelled, name
        assert all(page.words.get(at, "").strip() for at, _ in page.all("a", "button", "label")), name


def test_every_table_has_a_caption_and_headers_with_a_scope(pages):
    for name, page in pages.items():
        assert len(page.all("caption")) == len(page.all("table")), name
        assert all("scope" in found for _, found in page.all("th")), name


def test_every_navigation_is_named_and_every_name_is_given_once(pages):
    for name, page in pages.items():
        assert all(found.get("aria-label") for _, found in page.all("nav")), name
        identities = [found["id"] for _, found, _ in page.elements if "id" in found]
        assert len(identities) == len(set(identities)), name
        pointed = [
            found[key]
            for _, found, _ in page.elements
            for key in ("aria-labelledby", "aria-describedby")
            if key in found
        ]
        assert set(pointed) <= set(identities), name


def test_results_of_the_search_are_spoken(pages):
    (status,) = [found for _, found, _ in pages["search.html"].elements if found.get("role") == "status"]
    assert status["aria-live"] == "polite"


def test_no_page_has_a_script_or_style_of_its_own_or_asks_for_anything_outside(pages):
    for name, page in pages.items():
        for tag, found, _ in page.elements:
            assert tag != "style" and not {key for key in found if key == "style" or key.startswith("on")}, name
            assert tag != "script" or (name == "search.html" and found["src"].startswith("assets/search.js")), name
            for key in ("href", "src", "action"):
                assert "//" not in (found.get(key) or ""), (name, found)
        (policy,) = [found["content"] for _, found in page.all("meta") if found.get("http-equiv")]
        assert "default-src 'none'" in policy and "unsafe" not in policy, name


def test_the_guides_name_clocks_and_contacts(tmp_path):
    portal = a_portal(tmp_path / "portal")
    whole = dataclasses.replace(portal.face, department=catalogue().department)
    dataclasses.replace(portal, face=whole).send(a_publication(an_entry()))
    objection, repair = (
        (tmp_path / "portal" / "guide" / f"{name}.html").read_text("utf-8") for name in ("objection", "repair")
    )
    acts = catalogue().acts.kinds
    assert f"{acts['objection'].working_days} 个工作日内在门户上标注" in objection
    assert f"{acts['objection'].answer_days} 个工作日内核查并书面答复" in objection
    assert f"{acts['repair'].working_days} 个工作日内办结" in repair
    for section in catalogue().department.sections.values():
        assert f"{section.title.zh}</th><td>{section.contact}</td>" in objection


def test_a_word_in_braces_that_is_no_clock_is_refused():
    guide = {"title": "指南", "lead": "{objection.hours}", "parts": []}
    with pytest.raises(CatalogueError, match=r"guidance.yml: the text '\{objection.hours\}' cannot be filled"):
        Guidance.model_validate({"guides": {"x": guide}}).with_clocks(catalogue().acts.kinds)

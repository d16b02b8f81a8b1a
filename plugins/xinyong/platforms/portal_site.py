"""Every kind of file of the portal, written from the store into a folder that nobody reads yet."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from xinyong.catalogue.department import Department
from xinyong.catalogue.guidance import Guidance
from xinyong.platforms import portal_downloads as downloads
from xinyong.platforms import portal_search as index
from xinyong.platforms.portal_shapes import Shape, anchor, known_code
from xinyong.platforms.portal_store import PortalStore, Shown
from xinyong.platforms.portal_trees import Draft
from xinyong.signing import SIGNER_ID, Signer

PAGES = Path(__file__).with_name("portal_pages")
ASSETS = ("portal.css", "search.js")
LATEST, LATEST_OF_TYPE = 10, 20
LONG_TERM = "长期"  # a record without a last day
NO_CODE = "未登记"  # what the public reads in place of zeros
_OF_A_TYPE = {"list", "months", "data"}
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Face:
    """What all pages share and no record changes."""

    title: str
    department: Department
    guidance: Guidance
    shapes: Mapping[str, Shape]
    signer: Signer

    def digest(self) -> str:
        """Return a digest of everything that would change the look of pages already written."""
        declared = (self.title, self.department, self.guidance, tuple(self.shapes.values()))
        return hashlib.sha256((repr(declared) + _design()).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as a template writes it."""

    key: str
    hash: str
    name: str
    document: str
    decided_on: str
    until: str
    listed: str
    objection: str | None
    title: str
    anchor: str
    link: str
    fields: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Site:
    """Writes the files that a change made stale, and those that every message renews."""

    store: PortalStore
    draft: Draft
    face: Face
    _files: dict[tuple[str, str, int], list[dict[str, Any]]] = field(default_factory=dict)

    def write(self, stale: list[tuple[str, str]]) -> None:
        """Bring these files up to date; what has no content any more disappears."""
        writers: dict[str, Callable[[str], None]] = {
            "list": self._list,
            "months": self._months,
            "subject": self._subject,
            "subjects": self._subjects,
            "terms": self._terms,
            "documents": self._documents,
            "data": self._data,
        }
        with self.store.reading():
            for kind, name in stale:
                if kind in _OF_A_TYPE and name.split("/")[0] not in self.face.shapes:
                    continue  # a type that is no longer declared: its list is gone with the next writing of everything
                writers[kind](name)
        self.store.replace_downloads(self._files)  # outside: one SQLite file has one writer
        self._files.clear()

    def write_frame(self) -> None:
        """Write what stands around the records: first page, guides, search page, list of downloads."""
        dates = self.store.dates()
        kinds = [self._kind(shape) for shape in self.face.shapes.values()]
        for kind in kinds:
            if not kind["count"]:
                self._months(kind["name"])
        self._page("index.html", "home.html", "home", kinds=kinds, latest=self._latest(), **dates)
        types = json.dumps([[shape.name, shape.title] for shape in self.face.shapes.values()], ensure_ascii=False)
        spread = {"files": self.store.term_files(), "number": dates["number"]}
        self._page("search.html", "search.html", "search", types=types, **spread)
        for name, guide in self.face.guidance.guides.items():
            self._page(f"guide/{name}.html", "guide.html", name, guide=guide)
        for name in ASSETS:
            self.draft.write(f"assets/{name}", (PAGES / "assets" / name).read_bytes())
        self._write_manifest(dates)

    def _kind(self, shape: Shape) -> dict[str, Any]:
        count = sum(month.record_count for month in self.store.months(shape.name))
        return {"name": shape.name, "title": shape.title, "count": count}

    def _latest(self) -> list[Entry]:
        """Return the records of all types decided last."""
        found = [one for name in self.face.shapes for one in self.store.latest_of(name, LATEST)]
        found.sort(key=lambda one: one.key)
        found.sort(key=lambda one: one.decided_on, reverse=True)
        return [self._entry(one) for one in found[:LATEST]]

    def _list(self, name: str) -> None:
        record_type, month, page = name.split("/")
        path = f"list/{name}.html"
        shown = self.store.on_list(record_type, month, int(page))
        if not shown:
            self.draft.remove(path)
            return
        beside = self.store.beside(f"list/{record_type}/{month}", int(page))
        entries = [self._entry(one) for one in shown]
        kind = self.face.shapes[record_type]
        content = {"kind": kind, "month_title": month_title(month), "page": int(page), "entries": entries, **beside}
        self._page(path, "list.html", record_type, **content)

    def _months(self, name: str) -> None:
        months = [
            {"name": row.month, "title": month_title(row.month), "count": row.record_count, "first": row.first_page}
            for row in self.store.months(name)
        ]
        latest = [self._entry(one) for one in self.store.latest_of(name, LATEST_OF_TYPE)]
        content = {"kind": self.face.shapes[name], "months": months, "count": sum(month["count"] for month in months)}
        self._page(f"list/{name}/index.html", "months.html", name, latest=latest, **content)

    def _subject(self, name: str) -> None:
        subject_id, page = name.split("/")
        subject = self.store.subject(subject_id)
        shown = self.store.of_subject(subject_id, int(page))
        if subject is None or not (shown or page == "1"):
            self.draft.remove(subject_path(subject_id, int(page)))
            return
        groups = [
            {"kind": shape, "entries": entries}
            for shape in self.face.shapes.values()
            if (entries := [self._entry(one) for one in shown if one.record_type == shape.name])
        ]
        content = {
            "name": subject.names[0],
            "earlier": subject.names[1:],
            "code": known_code(subject.code) or NO_CODE,
            "counts": [(self.face.shapes[name], n) for name, n in self._counts(subject)],
            "groups": groups,
            "page": int(page),
            "pages": [] if len(shown) == sum(subject.counts.values()) else self._pages_of(subject_id),
        }
        self._page(subject_path(subject_id, int(page)), "subject.html", "", **content)

    def _counts(self, subject: Any) -> list[tuple[str, int]]:
        """Return how many records of each type a subject has, in the order of the platform file."""
        return [(name, count) for name in self.face.shapes if (count := subject.counts.get(name))]

    def _pages_of(self, subject_id: str) -> list[dict[str, Any]]:
        numbers = sorted({1, *self.store.pages(f"subject/{subject_id}")})
        return [{"number": n, "link": subject_path(subject_id, n).rsplit("/", 1)[1]} for n in numbers]

    def _subjects(self, name: str) -> None:
        rows = [
            [row.subject_no, row.subject_id, row.names, known_code(row.code), self._counts(row)]
            for row in self.store.subjects(int(name))
        ]
        self._shard(index.subjects_path(int(name)), rows)

    def _terms(self, name: str) -> None:
        path = index.terms_path(int(name))
        rows = list(self.store.postings(int(name)))
        if rows:
            self.draft.write(path, index.terms_file(int(name), rows))
        else:
            self.draft.remove(path)

    def _documents(self, name: str) -> None:
        bucket, part = name.split("/")
        path = index.documents_path(bucket, int(part))
        rows = [
            [row.record_type, row.document, row.decided_on, row.name, record_link(row)]
            for row in self.store.with_document(bucket, int(part))
        ]
        parts = self.store.pages(f"documents/{bucket}") if part == "1" else []
        if rows or parts:
            self.draft.write(path, index.shard(path, {"parts": parts, "rows": rows}))
        else:
            self.draft.remove(path)

    def _data(self, name: str) -> None:
        record_type, month, part = name.split("/")
        shown = self.store.of_pages(record_type, month, *downloads.pages_of(int(part)))
        payloads, columns = [one.payload for one in shown], self.face.shapes[record_type].columns
        rows = []
        for kind, written in downloads.KINDS.items():
            path = downloads.path(record_type, month, int(part), kind)
            if not shown:
                self.draft.remove(path)
                continue
            content = written(columns, payloads)
            self.draft.write(path, content)
            place = {"path": path, "record_type": record_type, "month": month, "part": int(part)}
            rows.append({**place, "records": len(shown), **downloads.described(content)})
        self._files[record_type, month, int(part)] = rows

    def _shard(self, path: str, rows: list[Any]) -> None:
        if rows:
            self.draft.write(path, index.shard(path, rows))
        else:
            self.draft.remove(path)

    def _write_manifest(self, dates: Mapping[str, Any]) -> None:
        files = self.store.downloads()
        kinds = [
            {
                "name": shape.name,
                "title": shape.title,
                "columns": shape.columns,
                "parts": _parts([file for file in files if file.record_type == shape.name]),
            }
            for shape in self.face.shapes.values()
        ]
        signer = self.face.signer
        how = {"algorithm": signer.algorithm, "key": getattr(signer, "public_key", None), "signer_id": SIGNER_ID}
        limit = downloads.PAGES_PER_FILE * self.store.sizes.listed
        self._page("data/index.html", "data.html", "data", kinds=kinds, limit=limit, **how)
        about = {
            "portal": self.face.title,
            "department": self.face.department.name,
            "uscc": self.face.department.uscc,
            "message": dates["number"],
            "business_date": dates["checked_on"],
        }
        content = downloads.manifest(about, files, signer)
        self.draft.write(downloads.MANIFEST, content)
        proofs = downloads.signature(content, signer)
        for path in (downloads.SIGNATURE, downloads.SIGNATURE_DER, downloads.PUBLIC_KEY):
            if path in proofs:
                self.draft.write(path, proofs[path])
            else:
                self.draft.remove(path)  # of an earlier algorithm

    def _entry(self, shown: Shown) -> Entry:
        """Prepare a record: its empty fields are left out, the rest in the order of the catalogue."""
        shape, payload = self.face.shapes[shown.record_type], shown.payload
        titles = [title for title in shape.columns if title != shape.objection]
        return Entry(
            key=shown.key,
            hash=shown.hash,
            name=shown.name,
            document=shown.document,
            decided_on=shown.decided_on,
            until=payload.get(shape.until or "") or (LONG_TERM if shape.until else "—"),
            listed=payload.get(shape.listed or "") or "—",
            objection=payload.get(shape.objection or ""),
            title=shape.title,
            anchor=anchor(shown.record_type, shown.key),
            link=record_link(shown),
            fields=tuple((title, _as_read(shape, title, value)) for title in titles if (value := payload.get(title))),
        )

    def _page(self, path: str, template: str, here: str, **content: Any) -> None:
        face = self.face
        shared = {"portal": face.title, "department": face.department, "guidance": face.guidance}
        shared |= {"shapes": face.shapes.values(), "here": here, "root": "../" * path.count("/"), "assets": _design()}
        self.draft.write(path, _templates().get_template(template).render(**shared, **content).encode())


def subject_path(subject_id: str, page: int) -> str:
    later = f"-{page}" if page > 1 else ""
    return f"subject/{subject_id[:2]}/{subject_id}{later}.html"


def list_path(record_type: str, month: str, page: int) -> str:
    return f"list/{record_type}/{month}/{page}.html"


def record_link(shown: Any) -> str:
    """Return where a record is shown in full, from the portal's first page."""
    return f"{subject_path(shown.subject_id, shown.subject_page)}#{anchor(shown.record_type, shown.key)}"


def month_title(month: str) -> str:
    """Return a month in words."""
    if found := _MONTH.fullmatch(month):
        year, number = map(int, found.groups())
        return f"{year}年{number}月" if year else "决定日期不详"
    return month


def _as_read(shape: Shape, title: str, value: str) -> str:
    """Write an amount without the zeros at its end, and in words that there is no code; everything else as it is."""
    if title == shape.code:
        return known_code(value) or NO_CODE
    return value.rstrip("0").rstrip(".") if title in shape.amounts and "." in value else value


def _parts(files: list[Any]) -> list[dict[str, Any]]:
    """Return what the list of downloads shows: a row per month, or per part of one, with the file of each format."""
    rows = []
    for (month, part), some in groupby(files, key=lambda file: (file.month, file.part)):
        of_part = list(some)
        title = month_title(month) + (f"（第{part}部分）" if part > 1 else "")
        rows.append({"title": title, "records": of_part[0].records, "files": [_listed(file) for file in of_part]})
    return rows


def _listed(file: Any) -> dict[str, str]:
    size = f"{file.bytes / _MIB:.1f} MB" if file.bytes >= _MIB else f"{max(1, file.bytes // 1024)} kB"
    return {"link": file.path.removeprefix("data/"), "format": file.path.rpartition(".")[2].upper(), "size": size}


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # the digest of the design is not renewed either while a process lives
    )


@cache
def _design() -> str:
    """Return a digest of templates, style and script."""
    digest = hashlib.sha256()
    for path in sorted(PAGES.rglob("*.*")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]

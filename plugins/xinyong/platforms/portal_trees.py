"""
Two equal folders behind one public link: a change is written into the one nobody reads, then the link is moved.

A reader therefore sees the state before a message or the state after it and nothing in between. Afterwards the other
folder gets the same files as hard links, so that what was withdrawn is on the disk in neither of them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_NAMES, _BEFORE = ("a", "b"), "before"
_SECOND = 1_000_000_000  # nanoseconds; a file of ours was written at a whole second, one of another hand at any moment


@dataclass(frozen=True, slots=True)
class Trees:
    """The public link `folder` and the two folders beside it, `<folder>.sites/a` and `b`."""

    folder: Path

    @property
    def sites(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.sites")

    def live(self) -> Path:
        """Return the folder that the public reads; a first one, still empty, when there is none."""
        return self.sites / (self._linked() or _NAMES[1])

    def _linked(self) -> str | None:
        """Return which of the two folders the link leads to; None when it is no link, or one of somebody else's."""
        target = self.folder.readlink() if self.folder.is_symlink() else Path()
        return target.name if target.name in _NAMES and target.parent.name == self.sites.name else None

    def other(self) -> Path:
        """Return the folder that nobody reads now."""
        return self.sites / _NAMES[1 - _NAMES.index(self.live().name)]

    def is_whole(self) -> bool:
        """Say whether both folders have their first page; without it somebody emptied or moved them."""
        return bool(self._linked()) and all((self.sites / name / "index.html").is_file() for name in _NAMES)

    def touched(self) -> int:
        """Count the files that other hands have changed, added or removed, in either folder."""
        one, other = (dict(_files(self.sites / name, "")) for name in _NAMES)
        unlike = {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}
        return len(unlike | {path for path, (_, written) in one.items() if written % _SECOND})

    def condemn(self) -> None:
        """Let the next message write everything anew."""
        (self.other() / "index.html").unlink(missing_ok=True)

    def switch(self) -> None:
        """Let the public read the other folder from now on, in one step."""
        target, link = self.other(), self.folder.with_name(f".{self.folder.name}.link")
        link.unlink(missing_ok=True)
        link.symlink_to(Path(self.sites.name) / target.name)
        if self.folder.is_dir() and not self.folder.is_symlink():
            self._make_room()
        link.replace(self.folder)
        shutil.rmtree(self.sites / _BEFORE, ignore_errors=True)

    def _make_room(self) -> None:
        """Put the folder of a version that had only one out of the way of the link."""
        shutil.rmtree(self.sites / _BEFORE, ignore_errors=True)
        self.folder.rename(self.sites / _BEFORE)

    def mirror(self, changed: Iterable[str]) -> None:
        """Give the folder that is not public any more the files that changed."""
        source, target = self.live(), self.other()
        for path in changed:
            new, place = source / path, target / path
            here, there = _inode(new), _inode(place)
            if there is not None and here != there:
                place.unlink()
            if here is not None and here != there:
                place.parent.mkdir(parents=True, exist_ok=True)
                os.link(new, place)


@dataclass(slots=True)
class Draft:
    """
    Writes into one folder and remembers which files it was about.

    A file never changes in place, because the other folder may share it, and stays as it is when its content does.
    """

    root: Path
    changed: list[str] = field(default_factory=list)
    _made: set[Path] = field(default_factory=set)

    def write(self, path: str, content: bytes) -> None:
        """Put a file there, unless it holds this content already."""
        place = self.root / path
        self.changed.append(path)
        self._room(place.parent)
        try:
            _create(place, content)
        except FileExistsError:
            if not _holds(place, content):
                place.unlink()
                _create(place, content)

    def remove(self, path: str) -> None:
        (self.root / path).unlink(missing_ok=True)
        self.changed.append(path)

    def _room(self, folder: Path) -> None:
        if folder not in self._made:
            folder.mkdir(parents=True, exist_ok=True)
            self._made.add(folder)


def _files(folder: Path, path: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each file below a folder with its inode and the moment in which it was written."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(folder / entry.name, f"{path}{entry.name}/")
            else:
                found = entry.stat(follow_symlinks=False)
                yield path + entry.name, (found.st_ino, found.st_mtime_ns)


def _create(place: Path, content: bytes) -> None:
    """Write a file that is not there yet, at a whole second."""
    with place.open("xb") as file:
        file.write(content)
        file.flush()
        found = os.fstat(file.fileno())
        os.utime(file.fileno(), ns=(found.st_atime_ns, found.st_mtime_ns // _SECOND * _SECOND))


def _holds(place: Path, content: bytes) -> bool:
    return place.stat().st_size == len(content) and place.read_bytes() == content


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None

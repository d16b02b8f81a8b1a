"""Bad days of the department's own portal: its folder is full, and hands reach into what the public reads."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sandbox.rehearsal.day import BadDay, House, Listing, full_disk
from sandbox.rehearsal.standing import PAGES, SEARCH, portal_shows
from xinyong.platforms.portal_downloads import MANIFEST, SIGNATURE, SIGNATURE_DER
from xinyong.settings import connection

PORTAL = "portal"
# They name the last message, which a repair moves on, or sign what names it.
NUMBERED = {"index.html", "search.html", MANIFEST, SIGNATURE, SIGNATURE_DER}


def _folder() -> Path:
    return Path(connection(PORTAL).path)


def _shown() -> Listing:
    """Return every file that the public can read, with its content, or with what it finds."""
    found = portal_shows(_folder().resolve())
    pages = {name: content for name, content in found[PAGES].items() if name not in NUMBERED}
    return {**pages, **found[SEARCH]}


def _by_hand(pattern: str, reach: Callable[[Path], None]) -> Callable[[], AbstractContextManager[None]]:
    """Let a hand reach into the first public file of a kind."""

    @contextmanager
    def during() -> Iterator[None]:
        reach(next(path for path in sorted(_folder().resolve().glob(pattern)) if path.name != "index.html"))
        yield

    return during


def _change(path: Path) -> None:
    """Change a page as an editor does that writes a new file in the place of the old one."""
    text = path.read_text("utf-8").replace("</body>", "<p>别人写的</p></body>")
    path.unlink()
    path.write_text(text, "utf-8")


def _change_in_place(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace("</body>", "<p>别人写的</p></body>"), "utf-8")


@contextmanager
def _emptied() -> Iterator[None]:
    """Let somebody remove everything that the public reads."""
    for path in _folder().resolve().iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    yield


@contextmanager
def _restored() -> Iterator[None]:
    """Bring everything back from a backup of the day before, pages and books."""
    folder = _folder()
    with tempfile.TemporaryDirectory() as backup:
        _copy(folder.parent.glob(f"{folder.name}*"), Path(backup))
        yield
        for path in folder.parent.glob(f"{folder.name}*"):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        _copy(Path(backup).iterdir(), folder.parent)


@contextmanager
def _books_lost() -> Iterator[None]:
    """Let the books be lost that say what the portal shows; the pages stay."""
    folder = _folder()
    folder.with_name(f"{folder.name}.sqlite").unlink()
    yield


def _copy(paths: Iterator[Path], folder: Path) -> None:
    command = [shutil.which("cp") or "cp", "-a", *map(str, paths), str(folder)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 – folders of ours


DAYS = (
    BadDay("no room in its folder", full_disk, nights=2),
    BadDay("everything public removed by hand", _emptied, nights=0, good=1),
    BadDay("the page of a list removed by hand", _by_hand("list/penalty/*/*.html", Path.unlink), nights=0, good=1),
    BadDay("the page of a list changed by hand", _by_hand("list/penalty/*/*.html", _change), nights=0, good=1),
    BadDay("the page of a subject removed by hand", _by_hand("subject/*/*.html", Path.unlink), nights=0, good=1),
    BadDay("the page of a subject changed by hand", _by_hand("subject/*/*.html", _change), nights=0, good=1),
    BadDay("a subject's page written over in place", _by_hand("subject/*/*.html", _change_in_place), nights=0, good=1),
    BadDay("a file of the search removed by hand", _by_hand("search/*/*/*.js", Path.unlink), nights=0, good=1),
    BadDay("restored from the backup of the day before", _restored),
    BadDay("the books beside the pages lost", _books_lost, nights=0, good=1),
)

HOUSE = House("own portal", PORTAL, DAYS, _shown)

"""
The folder into which sections drop their filled rectification lists, and where each file goes from there.

```text
returned/            dropped, not looked at yet
├── 处理中/           claimed: nobody replaces it while it is taken in
├── 已接收/           taken in, with its answer
└── 未接收/           no list that can be taken in, with the reason
```

A file that is put away bears eight digits of its checksum: two contents under one name never meet, and one content
dropped twice is the same file. Every step may be the last one of a killed process. What is left in 处理中 comes first
in the next run, and a list that was landed already only gets its answer again.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from glob import escape
from pathlib import Path, PurePath

from xinyong.errors import SourceUnavailable, UnexpectedShape, XinyongError
from xinyong.platforms.folders import written
from xinyong.rectified import ZH, Taken
from xinyong.returned_list import ReturnError
from xinyong.sealing import without_numbers
from xinyong.settings import var_dir

CLAIMED, TAKEN, REFUSED = "处理中", "已接收", "未接收"
ANSWER = "回执"
_DIGITS = 8  # of the checksum
_LONGEST = 50  # signs of a name that are kept: with the signs added to it, a file system takes it in any script
_REASON = (
    "这个文件没有接收，任何数据都没有改变。请按下面的说明处理，再把正确的清单放入交回文件夹；看不懂时请转交运维人员。"
)
_IGNORED = (".", "~$")  # what office programs and file systems keep beside a file for themselves

Take = Callable[[Path, Path], Taken]  # takes the list at the first path in and writes its answer to the second


def take_all(folder: Path, name: str | None, take: Take) -> None:
    """Take in every file of the folder, or one, and put each away; at the end, raise for those that were not taken."""
    _prepare(folder)
    files = [*_lying(folder / CLAIMED), *_chosen(folder, name)]
    problems = [without_numbers(problem) for path in files if (problem := _dealt_with(folder, path, take))]
    if problems:
        told = "\n".join(problems)
        raise ReturnError(
            f"{len(problems)} of {len(files)} files of {folder} were not taken in; the others were. Found:\n{told}\n"
            f"Expected: filled rectification lists. What no list can be lies in {REFUSED} with its reason: give it "
            f"back to its section. What lies in {CLAIMED} is taken up again when the task is cleared."
        )


def waiting(folder: Path) -> list[str]:
    """Name the files that wait to be taken in, those first that an earlier run claimed; no folder, no files."""
    try:
        found = [path for place in (folder / CLAIMED, folder) if place.is_dir() for path in _lying(place)]
    except OSError as error:  # a share that is away must not hold up whoever only asks
        logging.getLogger(__name__).warning("%s cannot be read (%s): what waits there is not told", folder, error)
        return []
    return [without_numbers(path.name) for path in found]


def _prepare(folder: Path) -> None:
    """Make the folders; a share that somebody else has to mount must be there."""
    if folder.parent == var_dir():
        folder.mkdir(parents=True, exist_ok=True)
    if not folder.is_dir():
        raise SourceUnavailable(
            f"The folder of returned lists {folder} is not there. Found: no such folder. Expected: the one that "
            "XINYONG_RETURNED names. Mount the share or correct the setting; the next try looks again."
        )
    for place in (CLAIMED, TAKEN, REFUSED):
        (folder / place).mkdir(exist_ok=True)


def _lying(folder: Path) -> list[Path]:
    """List the files of a folder in the order of their names; links are no files, whatever they lead to."""
    files = (path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    return sorted(path for path in files if not path.name.startswith(_IGNORED))


def _chosen(folder: Path, name: str | None) -> list[Path]:
    """Choose what was asked for; a file that an earlier try claimed or put away needs no choice."""
    lying = _lying(folder)
    if not name:
        return lying
    path = folder / PurePath(name).name
    if path in lying or (folder / CLAIMED / path.name).exists() or _is_put_away(folder / TAKEN, path):
        return [one for one in lying if one == path]
    there = "、".join(one.name for one in lying) or "nothing"
    raise ReturnError(
        without_numbers(
            f"{path.name} is not in {folder}. Found: {there}. Expected: the name of a file there, with its ending. "
            f"What was refused lies in {REFUSED}. Correct the name, or leave it out for all files."
        )
    )


def _is_put_away(folder: Path, path: Path) -> bool:
    return any(folder.glob(f"{escape(path.stem[:_LONGEST])}_{'[0-9a-f]' * _DIGITS}{escape(path.suffix[:_LONGEST])}"))


def _dealt_with(folder: Path, path: Path, take: Take) -> str | None:
    """Claim one file, take it in and put it away; return what hindered it."""
    try:
        claimed = folder / CLAIMED / path.name
        if path != claimed:
            if claimed.exists():
                return f"{path.name}: an earlier file of this name is still in {CLAIMED}, and comes first."
            path.replace(claimed)
        return _taken_in(folder, claimed, take)
    except XinyongError as error:
        return f"{path.name}: {error}"
    except Exception as error:  # one file must not keep the others waiting; its own words may quote a cell
        shown = "`xinyong rectify --return` of the file shows where"
        return f"{path.name}: it could not be read or moved ({type(error).__name__}); {shown}."


def _taken_in(folder: Path, claimed: Path, take: Take) -> str | None:
    kept = _name_for(claimed)
    try:
        taken = take(claimed, folder / TAKEN / f"{kept.stem}_{ANSWER}.xlsx")
    except (ReturnError, UnexpectedShape) as error:
        _refuse(claimed, folder / REFUSED / kept, error.zh or str(error))
        return str(error)
    claimed.replace(folder / TAKEN / kept)
    became = "，".join(f"{ZH[one]} {taken.count(one)}" for one in ZH if taken.count(one))
    logging.getLogger(__name__).info("%s: %s", without_numbers(claimed.name), became)
    return None


def _name_for(path: Path) -> PurePath:
    """Return the name under which a file is put away, which says its content."""
    with path.open("rb") as stream:
        checksum = hashlib.file_digest(stream, "sha256").hexdigest()
    return PurePath(f"{path.stem[:_LONGEST]}_{checksum[:_DIGITS]}{path.suffix[:_LONGEST]}")


def _refuse(claimed: Path, kept: Path, said: str) -> None:
    """Put a file away that is no list, with the reason beside it; Windows needs the mark to read it as UTF-8."""
    with written(kept.with_name(f"{kept.stem}_{ANSWER}.txt")) as stream:
        stream.write(f"{_REASON}\n\n{without_numbers(said)}\n".encode("utf-8-sig"))
    claimed.replace(kept)

"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """
    Give a stream whose content becomes `path` in one step when the block ends well.

    The draft of a file has one name: what a killed process left is replaced by the next one, instead of lying in a
    public folder for ever. Of two who write one file at once, the later one goes on and the earlier one is told.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.tmp")
    draft.unlink(missing_ok=True)
    with draft.open("xb") as stream:
        try:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            _need_own(draft, stream)
        except BaseException:
            if _is_own(draft, stream):
                draft.unlink()
            raise
        draft.replace(path)


def _need_own(draft: Path, stream: IO[bytes]) -> None:
    if not _is_own(draft, stream):
        raise OSError(errno.EBUSY, "another process began to write the same file", str(draft))


def _is_own(draft: Path, stream: IO[bytes]) -> bool:
    """Say whether the draft is still the file that the stream writes."""
    try:
        return os.path.samestat(draft.stat(), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False

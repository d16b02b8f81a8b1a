"""Find the file of a business date in a drop folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from xinyong.errors import SourceUnavailable, UnexpectedShape
from xinyong.settings import connection


def find(connection_name: str, pattern: str, business_date: date) -> Path:
    """Return the file of a date; a missing file may still come, an empty one never heals by itself."""
    folder = Path(connection(connection_name).path)
    path = folder / pattern.replace("{date}", f"{business_date:%Y%m%d}")
    if not folder.is_dir():
        raise SourceUnavailable(
            f"{connection_name}: its drop folder {folder} is not there. Expected: the folder declared in "
            f"AIRFLOW_CONN_XINYONG_{connection_name.upper()}. Mount the share or correct the setting; the feed is read "
            "again at the next try."
        )
    if not path.is_file():
        there = sorted(other.name for other in folder.glob(pattern.replace("{date}", "*")))
        found = f"{len(there)} others, the latest {there[-1]}" if there else "no file of this feed"
        raise SourceUnavailable(
            f"{connection_name}: the file {path.name} is not in its drop folder. Found: {found}. Expected: one file "
            "per business date. Ask the section to deliver it; the feed is read again at the next try."
        )
    if path.stat().st_size == 0:
        raise UnexpectedShape(
            f"{path.name}: the file is empty (0 bytes). Expected: headings and records. Nothing is withdrawn because "
            "of it. Ask the section to export it again."
        )
    return path

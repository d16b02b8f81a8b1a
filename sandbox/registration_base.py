"""The registration base as the platforms know it: the newest extract in the folder of the registry feed."""

from __future__ import annotations

import csv
import threading
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Enterprise:
    """One registered subject with its new and its old number."""

    name: str
    uscc: str
    registration_number: str


@dataclass(slots=True)
class RegistrationBase:
    """
    Looks enterprises up in `registry_YYYYMMDD.csv`, the newest one, read again when it changes.

    Without a folder or before its first file nothing can be looked up, and a platform matches nobody.
    """

    source: Path | None
    _seen: tuple[Path, int] | None = field(init=False, default=None)
    _by_name: dict[str, Enterprise] = field(init=False, default_factory=dict)
    _by_uscc: dict[str, Enterprise] = field(init=False, default_factory=dict)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    @property
    def is_known(self) -> bool:
        """Whether there is an extract to look up in."""
        with self._lock:
            self._refresh()
            return self._seen is not None

    def named(self, name: str) -> Enterprise | None:
        """Return the enterprise of exactly this name."""
        with self._lock:
            self._refresh()
            return self._by_name.get(name)

    def coded(self, uscc: str) -> Enterprise | None:
        """Return the enterprise of this unified social credit code."""
        with self._lock:
            self._refresh()
            return self._by_uscc.get(uscc)

    def _refresh(self) -> None:
        newest = self._newest()
        if newest is None or (newest, newest.stat().st_mtime_ns) == self._seen:
            return
        seen = (newest, newest.stat().st_mtime_ns)
        enterprises = _read(newest)
        self._by_name = {enterprise.name: enterprise for enterprise in enterprises}
        self._by_uscc = {enterprise.uscc: enterprise for enterprise in enterprises if enterprise.uscc}
        self._seen = seen

    def _newest(self) -> Path | None:
        if self.source is None:
            return None
        if self.source.is_file():
            return self.source
        return max(self.source.glob("registry_*.csv"), default=None)


def _read(path: Path) -> list[Enterprise]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [
            Enterprise(row["企业名称"].strip(), row["统一社会信用代码"].strip(), row["注册号"].strip())
            for row in csv.DictReader(lines)
            if row.get("企业名称")
        ]

"""
Everything this package raises.

XinyongError
├── SettingsError            a setting is missing or unusable
├── CatalogueError           a declaration is wrong; nothing has run
├── SourceError              a business system did not deliver what was declared
│   ├── SourceUnavailable    it could not be reached; trying again may help
│   └── UnexpectedShape      file, columns or encoding differ from the catalogue; trying again cannot help
├── BatchRefused             what was landed breaks the bounds of its feed; a person must look
├── WarehouseError           the database or its tables are not what the catalogue declares
│   └── WarehouseUnavailable it was away, full or busy with the same rows; trying again may help
├── LedgerError              a ledger does not balance
├── LaunchError              a part of the running world did not start or does not answer
└── PlatformError            a government platform did not take a message
    ├── PlatformUnavailable  no answer; the message keeps its number and is asked for before it is sent again
    └── MessageRefused       it answered no to the whole message; a person must look

Records that break a rule are not errors: they are in quarantine.
"""

from __future__ import annotations


class XinyongError(Exception):
    """
    Raised when this package cannot go on; the message says what, where, found, expected and next.

    `zh` says it to the clerk whose file it is, where there is one.
    """

    def __init__(self, message: str = "", zh: str | None = None) -> None:
        """Take what engineers read and, where a clerk must act, what the clerk reads."""
        super().__init__(message)
        self.zh = zh


class SettingsError(XinyongError):
    """Raised when a setting is missing or unusable."""


class CatalogueError(XinyongError):
    """Raised when a declaration under `catalogue/` or `expectations/` is wrong; nothing has run."""


class SourceError(XinyongError):
    """Raised when a business system did not deliver what its feed declares."""


class SourceUnavailable(SourceError):
    """Raised when a business system could not be reached; trying again may help."""


class UnexpectedShape(SourceError):
    """Raised when a file, its columns or its encoding differ from the feed; trying again cannot help."""


class BatchRefused(XinyongError):
    """Raised when a landed batch breaks the bounds of its feed; its rows stay in landing, nothing is withdrawn."""


class WarehouseError(XinyongError):
    """Raised when the database is not what the catalogue and the migrations declare."""


class WarehouseUnavailable(WarehouseError):
    """Raised when the database was away, full, or busy with the same rows; nothing was kept, trying again may help."""


class LedgerError(XinyongError):
    """Raised when a ledger does not balance; the message names what is unexplained."""


class LaunchError(XinyongError):
    """Raised when a part of the running world (Airflow, the sandbox) did not start or does not answer."""


class PlatformError(XinyongError):
    """Raised when a platform did not take a message."""


class PlatformUnavailable(PlatformError):
    """
    Raised when a platform gave no usable answer; the message is asked for before it is sent again.

    `pause` is how many seconds the platform itself asked for, where it did.
    """

    pause: float | None = None


class MessageRefused(PlatformError):
    """
    Raised when a platform answered no to a whole message; sending it again cannot help.

    `is_key_used` says that the no was about the message's key, which the platform holds for used already.
    """

    is_key_used = False

"""What can go wrong with the database, each as one line that says what happened and what to do."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from tortoise.exceptions import BaseORMException, OperationalError

from tzurot.errors import TzurotError

AnyDatabaseError = BaseORMException
"""Whatever goes wrong with the database, our own errors among it."""


class StorageError(TzurotError, OperationalError):
    """Something about the database that its owner has to know; the text is for them.

    A subclass of tortoise's ``OperationalError``, so that code which handles database errors in general
    handles these as well.
    """


class DatabaseFull(StorageError):
    """There is no room left; what was being written is not stored, what was stored stays."""


class DatabaseBusy(StorageError):
    """Another process held the database for longer than we wait."""


class DatabaseUnreachable(StorageError):
    """The database can't be opened, or the connection to it is gone."""


class DatabaseTooNew(StorageError):
    """The database was written by a newer tzurot, or a newer plugin."""


class DatabaseOutdated(StorageError):
    """The database lacks migrations that this tzurot needs."""


class BadTables(StorageError):
    """An app's tables break a rule that keeps migrations safe; said at load, before anything is written."""


# SHMSIZE: the index of the write-ahead log is the first file that a full disk refuses to let grow
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_TRUNCATE")


def sqlite_error(error: BaseException, path: str) -> StorageError | None:
    """The clear line for a fault of SQLite; ``None`` where the original says enough."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(_FULL):
        return DatabaseFull(
            f"The database {path} can't grow: the disk or its quota is full. Nothing stored is lost; "
            "free some space."
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return DatabaseBusy(
            f"The database {path} is locked by another process for too long. Stop what writes to it "
            "(another tzurot, a backup, a database browser), or use PostgreSQL (DATABASE_URL)."
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return DatabaseUnreachable(
            f"The database {path} can't be opened for writing. Check its folder and whose it is."
        )
    if name.startswith("SQLITE_IOERR"):
        return DatabaseUnreachable(
            f"The database {path} can't be read or written: its disk reports a fault ({name}). Check it."
        )
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return DatabaseUnreachable(
            f"The file {path} is no SQLite database, or is damaged. Restore it from a backup, or move it "
            "away to start with an empty one."
        )
    return None


@contextmanager
def clear_sqlite_errors(path: str) -> Iterator[None]:
    """Turn SQLite's faults into lines that say what to do; leave all others as they are."""
    try:
        yield
    except (OperationalError, sqlite3.Error) as error:
        # tortoise keeps the driver's error as its argument
        cause = error.args[0] if isinstance(error, OperationalError) and error.args else error
        clear = sqlite_error(cause, path) if isinstance(cause, sqlite3.Error) else None
        if clear is None:
            raise
        raise clear from error


_UNREACHABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    OSError,
)


def postgres_error(error: BaseException, where: str) -> StorageError | None:
    """The clear line for a fault of PostgreSQL; ``None`` where the original says enough."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, asyncpg.DiskFullError) or getattr(error, "errno", None) == errno.ENOSPC:
        return DatabaseFull(
            f"The database {where} can't grow: its disk is full. Nothing stored is lost; free some."
        )
    if isinstance(error, (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError, TimeoutError)):
        return DatabaseBusy(
            f"The database {where} kept us waiting for too long ({text}). See what holds its locks "
            "(pg_stat_activity), and try again."
        )
    if isinstance(error, (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidPasswordError)):
        return DatabaseUnreachable(
            f"The database {where} refused us: {text}. Check user and password in DATABASE_URL."
        )
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return DatabaseUnreachable(
            f"The server has no such database: {where}. Create it (createdb), or correct DATABASE_URL."
        )
    if isinstance(error, asyncpg.TooManyConnectionsError):
        return DatabaseBusy(f"The database {where} has no connection left for us. Raise its max_connections.")
    if isinstance(error, _UNREACHABLE):
        return DatabaseUnreachable(
            f"The database {where} can't be reached ({text}). Check that the server runs and DATABASE_URL."
        )
    return None


@contextmanager
def clear_postgres_errors(where: str) -> Iterator[None]:
    """Turn PostgreSQL's faults into lines that say what to do; leave all others as they are."""
    try:
        yield
    except (OperationalError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        if isinstance(error, StorageError):
            raise
        cause = error.args[0] if isinstance(error, OperationalError) and error.args else error
        clear = postgres_error(cause, where) if isinstance(cause, BaseException) else None
        if clear is None and isinstance(error, asyncpg.PostgresError):
            # what tortoise does not translate either; now whoever catches its errors catches all
            clear = StorageError(f"The database {where} refused a statement: {error}.")
        if clear is None:
            raise
        raise clear from error

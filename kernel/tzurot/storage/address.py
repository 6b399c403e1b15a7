"""Reads DATABASE_URL: which engine, where, and how to say so without its password."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tzurot.storage.errors import StorageError

_POOL = {"min_size": "minsize", "max_size": "maxsize", "statement_cache_size": "statement_cache_size"}


@dataclass(frozen=True, slots=True)
class Address:
    """A database: its ``engine`` (``sqlite`` or ``postgres``), and ``where`` it is, to be shown to people."""

    engine: str
    where: str
    connection: dict[str, Any] = field(repr=False)
    """As tortoise wants it; may hold a password."""


def parse(url: str) -> Address:
    """Read an address: ``sqlite://PATH``, or ``postgres://`` or ``postgresql://`` as libpq understands it.

    Raises:
        StorageError: it is neither; the message does not repeat it, as it may hold a password.
    """
    scheme = url.partition("://")[0].lower()
    if scheme == "sqlite":
        return _sqlite(url.partition("://")[2])
    if scheme in ("postgres", "postgresql"):
        return _postgres(url)
    raise StorageError(
        "DATABASE_URL: expected sqlite://PATH or postgresql://USER:PASSWORD@HOST/DATABASE, found "
        f"{scheme + '://' if '://' in url else 'no scheme'}. Leave it unset for a file under TZUROT_HOME."
    )


def _sqlite(path: str) -> Address:
    if not path or "?" in path:
        raise StorageError(
            "DATABASE_URL: sqlite:// takes the path of a file and no options: sqlite:///srv/tzurot.db."
        )
    file = path if path == ":memory:" else str(Path(path).expanduser())
    return Address("sqlite", file, {"engine": "tzurot.storage.sqlite", "credentials": {"file_path": file}})


def _postgres(url: str) -> Address:
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        host = parts.hostname or ""
    except ValueError as error:
        raise StorageError(
            "DATABASE_URL can't be read. Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with special "
            "characters of the password percent-encoded."
        ) from error
    query = parse_qsl(parts.query, keep_blank_values=True)
    options: dict[str, Any] = {_POOL[key]: _number(key, value) for key, value in query if key in _POOL}
    rest = urlencode([(key, value) for key, value in query if key not in _POOL])
    host = host or next((value for key, value in query if key == "host"), "localhost")
    where = f"{parts.path.lstrip('/') or 'postgres'} at {host}{port}"
    dsn = urlunsplit(("postgresql", parts.netloc, parts.path, rest, ""))
    credentials = {"dsn": dsn, "where": where, **options}
    return Address("postgres", where, {"engine": "tzurot.storage.postgres", "credentials": credentials})


def _number(key: str, value: str) -> int:
    if not value.isdecimal():
        raise StorageError(f"DATABASE_URL: {key}: expected a whole number, found {value!r}.")
    return int(value)

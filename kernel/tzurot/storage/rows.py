"""Inserts several rows in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.models import Model

_MOST_PARAMETERS = 30_000
"""SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535."""


async def insert(client: BaseDBAsyncClient, rows: Sequence[Model]) -> None:
    """Insert ``rows`` of one model; rows whose key or unique columns are taken are left as they are."""
    if not rows:
        return
    meta = type(rows[0])._meta
    columns = meta.fields_db_projection  # field -> column
    most = max(1, _MOST_PARAMETERS // len(columns))
    for start in range(0, len(rows), most):
        batch = rows[start : start + most]
        values = [
            _storable(meta.fields_map[field].to_db_value(getattr(row, field), row))
            for row in batch
            for field in columns
        ]
        statement = _statement(client, meta.db_table, tuple(columns.values()), len(batch))
        await client.execute_query(statement, values)


def _storable(value: Any) -> Any:
    """Text without what PostgreSQL or UTF-8 can't hold: zero characters and halves of emoji."""
    if not isinstance(value, str):
        return value
    if "\0" in value:
        value = value.replace("\0", "")
    if not value.isascii():
        value = value.encode("utf-8", "replace").decode()
    return value


def _statement(client: BaseDBAsyncClient, table: str, columns: tuple[str, ...], rows: int) -> str:
    width = len(columns)
    if client.capabilities.dialect == "sqlite":
        tuples = [", ".join("?" * width)] * rows
    else:
        tuples = [", ".join(f"${row * width + n + 1}" for n in range(width)) for row in range(rows)]
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(f"({one})" for one in tuples)
    return f'INSERT INTO "{table}" ({names}) VALUES {values} ON CONFLICT DO NOTHING'

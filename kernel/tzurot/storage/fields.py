"""Column types that tortoise lacks."""

from __future__ import annotations

from typing import Any

from tortoise import fields


class SnowflakeField(fields.BigIntField):
    """A Discord id as a 64-bit primary key, which the database never makes up itself.

    A plain ``BigIntField(primary_key=True, generated=False)`` must not be used: tortoise's migration
    writer forgets ``generated=False``, creates a counting column, and every later migration then drops
    the key and its data.
    """

    def __init__(self, **options: Any) -> None:
        options["generated"] = False
        super().__init__(**options)

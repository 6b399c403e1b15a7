"""What it costs to keep a turn: our one statement, beside tortoise's own ways and bare SQLite."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.benchmarks.measuring import table

from tzurot.testing.stage import Stage

pytestmark = pytest.mark.benchmark

TURNS = 300
COLUMNS = 20
Keep = Callable[[], Awaitable[object]]


async def _milliseconds(keep: Keep) -> str:
    for _ in range(20):
        await keep()
    began = time.process_time()
    for _ in range(TURNS):
        await keep()
    return f"{(time.process_time() - began) / TURNS * 1000:.2f}"


def _bare(file: Path) -> Keep:
    """Rows as wide as ours, without indexes, without an ORM, without a thread."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    names = ", ".join(f"c{number}" for number in range(COLUMNS))
    connection.execute(f"CREATE TABLE line ({names}, PRIMARY KEY (c0))")
    row = ", ".join("?" * COLUMNS)

    async def keep() -> None:
        values = [str(uuid.uuid4()), *["text"] * (COLUMNS - 1)]
        connection.execute(
            f"INSERT INTO line VALUES ({row}), ({row})", [*values, uuid.uuid4().hex, *values[1:]]
        )

    return keep


async def test_the_cost_of_keeping_a_turn(tmp_path: Path):
    async with Stage.of(installed=("history",)) as stage:
        from tzurot_plugins.history.models import Line

        database = stage.app.registry.plugins["history"].kit.database

        def lines() -> list[Line]:
            now = datetime.now(UTC)
            return [
                Line(
                    id=uuid.uuid4(), conversation="pier", character="mara/mara", role="user", author_id="1",
                    author_character=None, name="Ann", text="hello", tokens=2, said_at=now, kept_at=now,
                    place_in_turn=place, platform="discord", guild="1", user_id="1", persona_id="1",
                    message_id="1", message_at=now, sent_ids=["1"], answered=True,
                )
                for place in (0, 1)
            ]  # fmt: skip

        async def one_by_one() -> None:
            for line in lines():
                await line.save(force_create=True)

        ways: dict[str, Keep] = {
            "ours: Database.store": lambda: database.store(lines()),
            "tortoise: bulk_create": lambda: Line.bulk_create(lines()),
            "tortoise: save, one by one": one_by_one,
            "bare sqlite3, no indexes": _bare(tmp_path / "bare.db"),
        }
        rows = [[name, await _milliseconds(keep)] for name, keep in ways.items()]
    table("Keeping the two lines of a turn (SQLite)", ("how", "CPU ms a turn"), rows)

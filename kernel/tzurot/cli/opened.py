"""An instance with its database and nothing else: for commands that look after what is stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tzurot.app import App
from tzurot.config import load
from tzurot.storage.database import Database


@asynccontextmanager
async def opened() -> AsyncIterator[App]:
    """The configured instance, its plugins loaded but not started, its database open and up to date."""
    app = App(load())
    async with await Database.open(app.config.database_address, app.tables) as database:
        await database.upgrade()
        yield app

"""What every test may use: a database address, once for SQLite and once for PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests import postgres

from tzurot.storage.database import Database

pytest_plugins = ["tests.shared_data"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One PostgreSQL for the session; skips, saying why, where none can be had."""
    try:
        server = postgres.start()
    except postgres.NoPostgres as error:
        pytest.skip(str(error))
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite://{tmp_path / 'home' / 'tzurot.db'}"


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    url = postgres_server.create()
    try:
        yield url
    finally:
        postgres_server.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database: every test that takes this runs on both engines."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, upgraded database with the kernel's tables, on both engines."""
    async with await Database.open(database_url) as opened:
        await opened.upgrade()
        yield opened

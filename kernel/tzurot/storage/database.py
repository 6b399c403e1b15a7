"""The database of a process: opened once, for the tables of the kernel and of all plugins."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tortoise.backends.base.client import BaseDBAsyncClient, TransactionContext
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext, get_current_context, set_global_context
from tortoise.exceptions import ConfigurationError
from tortoise.migrations.writer import MigrationWriter
from tortoise.models import Model
from tortoise.transactions import in_transaction

from tzurot.storage import migrate
from tzurot.storage.address import Address, parse
from tzurot.storage.apps import KERNEL, App, check_tables, configuration, forget_descriptions
from tzurot.storage.errors import BadTables, DatabaseOutdated, DatabaseUnreachable, StorageError
from tzurot.storage.rows import insert

__all__ = ["App", "Database"]


class Database:
    """The open database. Models (``await Note.create(...)``) use it by themselves, in every task.

    tortoise finds its connection through a context variable, which a task that was started earlier does
    not inherit; therefore the process has one database, known to all tasks.
    """

    def __init__(self, address: Address, apps: Sequence[App], context: TortoiseContext) -> None:
        self._address = address
        self._context = context
        self._configured: dict[str, dict[str, Any]] = configuration(apps, address.engine, address.connection)[
            "apps"
        ]

    @classmethod
    async def open(cls, url: str, apps: Sequence[App] = ()) -> Self:
        """Connect to ``url`` for the kernel's tables and those of ``apps``. Nothing is created but the file.

        Raises:
            BadTables: an app's models break a rule.
            StorageError: the address is wrong, or the database can't be reached.
        """
        if get_current_context() is not None:
            raise StorageError("A database is open in this process already. Close it first.")
        for driver in ("tortoise", "aiosqlite"):
            # they log the values of statements at DEBUG: what people wrote
            logging.getLogger(driver).setLevel(logging.WARNING)
        address = parse(url)
        every = (KERNEL, *(app for app in apps if app.label != KERNEL.label))
        if address.engine == "sqlite":
            _make_folder(address.where)
        context = TortoiseContext()
        set_global_context(context)
        ready = False
        try:
            await context.init(configuration(every, address.engine, address.connection))
            if context.apps is None:
                raise BadTables("tortoise found no tables.")
            check_tables(context.apps)
            forget_descriptions(context.apps)
            await context.db().execute_query("SELECT 1")
            ready = True
        except ConfigurationError as error:
            raise BadTables(f"The tables can't be loaded: {error}") from error
        finally:
            if not ready:  # also when cancelled: a half-open database would bar every later one
                await context.close_connections()
        return cls(address, every, context)

    async def close(self) -> None:
        """Let go of the database. Closing twice does no harm."""
        await self._context.close_connections()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def engine(self) -> str:
        """``sqlite`` or ``postgres``."""
        return self._address.engine

    @property
    def where(self) -> str:
        """Where it is, to be shown to people: without password."""
        return self._address.where

    @property
    def client(self) -> BaseDBAsyncClient:
        """The connection, for SQL by hand; inside a ``transaction()`` take the one that it gives."""
        return self._context.db()

    def transaction(self) -> TransactionContext:
        """A transaction for what follows in this task: ``async with database.transaction(): ...``.

        Never hold one over a network call, and never start a task inside it: the task would inherit it.
        """
        return in_transaction(self.engine)

    async def store(self, rows: Sequence[Model]) -> None:
        """Insert ``rows``, all of one model, in a single statement; those that exist stay as they are.

        All or none, without a transaction (thousands of rows take several statements: give them one);
        several times cheaper than tortoise's ``bulk_create``, which matters for what every message
        writes. Keys must be set: the database makes none up here.
        """
        await insert(get_connection(self.engine), rows)

    async def upgrade(self, progress: migrate.Progress | None = None) -> None:
        """Apply every pending migration, all or none; safe while other processes do the same.

        Raises:
            DatabaseTooNew: it was upgraded by a newer version.
            StorageError: a migration failed and nothing was changed, or others held the lock too long.
        """
        await migrate.upgrade(self.client, self._configured, progress)

    async def status(self) -> tuple[migrate.AppStatus, ...]:
        """How each app's tables stand."""
        return await migrate.status(self.client, self._configured)

    async def require_current(self) -> None:
        """Check that nothing is pending and nothing is newer.

        Raises:
            DatabaseTooNew: it was upgraded by a newer version.
            DatabaseOutdated: migrations are pending.
        """
        statuses = await self.status()
        migrate.refuse_newer(statuses)
        pending = [f"{app.label}.{name}" for app in statuses for name in app.pending]
        if pending:
            raise DatabaseOutdated(
                f"The database lacks {len(pending)} migrations ({', '.join(pending)}). Run: tzurot db upgrade"
            )

    async def missing_migrations(self) -> list[MigrationWriter]:
        """Migrations that somebody forgot to write: where an app's models and its migrations differ."""
        if self._context.apps is None:
            return []
        return await migrate.missing_migrations(self._context.apps, self._configured)


def _make_folder(file: str) -> None:
    if file == ":memory:":
        return
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise DatabaseUnreachable(
            f"The folder of the database {file} can't be created ({error.strerror}). Check its parent, or "
            "set TZUROT_HOME."
        ) from error

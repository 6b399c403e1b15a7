"""SQLite as tortoise drives it, made safe for cancellation, for two processes, and for a full disk.

tortoise loads this module by its name (the ``engine`` of a connection) and takes ``client_class``.
"""

# tortoise's methods are wrapped in untyped decorators, so their results are Any to a type checker.
# mypy: disable-error-code=no-any-return

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from tortoise.backends.base.client import NestedTransactionContext, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper

from tzurot.storage.errors import clear_sqlite_errors

BUSY_MILLISECONDS = 5_000
"""How long a statement waits for another process before it fails as busy."""


class Transaction(SqliteTransactionWrapper):
    """A transaction that takes the write lock at once.

    A deferred one that reads first and writes later fails at its first write, without waiting, when
    another process wrote in between (SQLITE_BUSY_SNAPSHOT); an immediate one waits its turn.
    """

    def __init__(self, connection: SqliteClient) -> None:
        super().__init__(connection)
        self.filename = connection.filename

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(Transaction(self))

    async def begin(self) -> None:
        """Open the transaction, waiting for other processes up to the busy time-out."""
        with clear_sqlite_errors(self.filename):
            await self._connection.execute("BEGIN IMMEDIATE")

    async def commit(self) -> None:
        """Make it last."""
        with clear_sqlite_errors(self.filename):
            await super().commit()

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        """As tortoise does, with clear errors."""
        with clear_sqlite_errors(self.filename):
            return await super().execute_insert(query, values)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """As tortoise does, with clear errors."""
        with clear_sqlite_errors(self.filename):
            await super().execute_many(query, values)

    async def execute_query(
        self, query: str, values: list[Any] | None = None
    ) -> tuple[int, Sequence[dict[str, Any]]]:
        """As tortoise does, with clear errors."""
        with clear_sqlite_errors(self.filename):
            return await super().execute_query(query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """As tortoise does, with clear errors."""
        with clear_sqlite_errors(self.filename):
            return await super().execute_query_dict(query, values)

    async def execute_script(self, query: str) -> None:
        """Run several statements inside this transaction: sqlite3's executescript would commit it first."""
        for statement in statements(query):
            await self.execute_query(statement)


class Atomic(SqliteTransactionContext):
    """tortoise's transaction context, which lets go of its lock when it is cancelled while it opens.

    Hooks run under time-outs, so cancellation in the middle of a statement is everyday; without this,
    one at the wrong moment would lock every later query of the process out for good.
    """

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        opened = False
        try:
            await self.ensure_connection()
            await self.connection.begin()
            self.token = _connections().set(self.connection_name, self.connection)
            opened = True
        finally:
            if not opened:
                await self._abandon()
        client: TransactionalDBClient = self.connection
        return client

    async def _abandon(self) -> None:
        try:
            # aiosqlite does what was queued even when its caller is gone: an abandoned BEGIN still opens
            # a transaction. Its queue keeps order, so this undoes it before anything else can run.
            if self.connection._connection:
                await self.connection._connection.rollback()
        finally:
            self._trxlock.release()


class Client(SqliteClient):
    """One SQLite file: one connection for the process, write-ahead log, foreign keys, a patient lock."""

    def __init__(self, file_path: str, **options: Any) -> None:
        options.setdefault("busy_timeout", BUSY_MILLISECONDS)
        # With a write-ahead log, NORMAL can lose the last commits when the power fails, and never the
        # file's integrity; FULL costs an fsync per message.
        options.setdefault("synchronous", "NORMAL")
        super().__init__(file_path, **options)

    async def create_connection(self, with_db: bool) -> None:
        """Open the file."""
        with clear_sqlite_errors(self.filename):
            await super().create_connection(with_db)

    def _in_transaction(self) -> TransactionContext:
        return Atomic(Transaction(self), self._lock)

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        """As tortoise does, with clear errors."""
        with clear_sqlite_errors(self.filename):
            return await super().execute_insert(query, values)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """All or none: unlike tortoise's own, this ends its transaction even when it is cancelled."""
        async with self._in_transaction() as transaction:
            await transaction.execute_many(query, values)

    async def execute_query(
        self, query: str, values: list[Any] | None = None
    ) -> tuple[int, Sequence[dict[str, Any]]]:
        """As tortoise does, with clear errors."""
        with clear_sqlite_errors(self.filename):
            return await super().execute_query(query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """As tortoise does, with clear errors."""
        with clear_sqlite_errors(self.filename):
            return await super().execute_query_dict(query, values)

    async def execute_script(self, query: str) -> None:
        """As tortoise does, with clear errors."""
        with clear_sqlite_errors(self.filename):
            await super().execute_script(query)


def statements(script: str) -> Iterator[str]:
    """The single statements of ``script``; a semicolon inside a text or a trigger does not split it."""
    statement = ""
    for piece in script.split(";"):
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \t\r\n;"):
                yield statement
            statement = ""
    if statement.strip(" \t\r\n;"):
        yield statement


def _connections() -> Any:
    from tortoise.connection import get_connections

    return get_connections()


client_class = Client

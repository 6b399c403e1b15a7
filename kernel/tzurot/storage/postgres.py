"""PostgreSQL as tortoise drives it by asyncpg, with libpq's addresses and errors that say what to do.

tortoise loads this module by its name (the ``engine`` of a connection) and takes ``client_class``.
"""

from __future__ import annotations

from typing import Any, cast

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)

from tzurot.storage.errors import clear_postgres_errors

CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 600.0
"""Bounds a dead network only: what waits for an answer has its own, shorter time-out, and a migration
may rightly take minutes."""


class Transaction(TransactionWrapper):
    """A transaction with clear errors."""

    def __init__(self, connection: Client | Transaction) -> None:
        super().__init__(connection)
        self.where: str = connection.where

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(Transaction(self))

    async def _translate_exceptions(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        with clear_postgres_errors(self.where):
            return await super()._translate_exceptions(func, *args, **kwargs)

    async def commit(self) -> None:
        """Make it last."""
        with clear_postgres_errors(self.where):
            await super().commit()


class Atomic(TransactionContextPooled):
    """tortoise's transaction context, which gives its connection back when it is cancelled while it opens.

    Otherwise every time-out at the wrong moment would cost the pool a connection, for good.
    """

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        parent = cast(Client, self.client._parent)
        pool = cast(asyncpg.Pool, parent._pool)
        with clear_postgres_errors(parent.where):
            connection = await pool.acquire()
        opened = False
        try:
            self.client._connection = connection
            await self.client.begin()
            self.token = _connections().set(self.connection_name, self.client)
            opened = True
        finally:
            if not opened:
                await pool.release(connection)
        return self.client


class Client(AsyncpgDBClient):
    """A pool of connections to one PostgreSQL database, given by its address as libpq understands it."""

    def __init__(self, dsn: str, where: str, **options: Any) -> None:
        super().__init__(**options)
        self.dsn = dsn
        self.where = where

    async def create_pool(self, **template: Any) -> asyncpg.Pool:
        """Connect by address: asyncpg reads host, socket, user, password and TLS out of it by itself."""
        for given_by_address in ("host", "port", "user", "password", "database", "loop"):
            template.pop(given_by_address, None)
        template.setdefault("timeout", CONNECT_SECONDS)
        template.setdefault("command_timeout", COMMAND_SECONDS)
        with clear_postgres_errors(self.where):
            return await asyncpg.create_pool(self.dsn, **template)

    def _in_transaction(self) -> TransactionContext:
        return Atomic(Transaction(self), self._pool_init_lock)

    async def _translate_exceptions(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        with clear_postgres_errors(self.where):
            return await super()._translate_exceptions(func, *args, **kwargs)


def _connections() -> Any:
    from tortoise.connection import get_connections

    return get_connections()


client_class = Client

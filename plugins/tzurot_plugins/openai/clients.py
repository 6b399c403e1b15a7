"""The clients of model servers: one per key and address, all over one shared pool of connections."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

from tzurot.settings.wire import Dialect
from tzurot_plugins.openai.config import Operator
from tzurot_plugins.openai.server import Server

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

_MOST_CLIENTS = 64


class Clients:
    """Makes clients when they are first needed, and closes the pool at the end.

    The ``openai`` package takes a second of CPU to import, so that happens in a thread and only when a
    server is configured. ``transport`` replaces the network in tests.
    """

    def __init__(self, operator: Operator, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._operator = operator
        self._transport = transport
        self._pool: httpx2.AsyncClient | None = None
        self._opening = asyncio.Lock()
        self._clients: OrderedDict[Server, AsyncOpenAI] = OrderedDict()

    def apart(self) -> Clients:
        """The same, with connections of its own."""
        return Clients(self._operator, self._transport)

    async def of(self, server: Server) -> AsyncOpenAI:
        """The client for ``server``."""
        client = self._clients.get(server)
        if client is not None:
            self._clients.move_to_end(server)
            return client
        pool = await self.pool()
        client = self._clients[server] = self._build(server, pool)
        if len(self._clients) > _MOST_CLIENTS:
            self._clients.popitem(last=False)  # never closed: the pool belongs to all of them
        return client

    async def pool(self) -> httpx2.AsyncClient:
        """The shared connections; the first call imports the client library in a thread."""
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncio.to_thread(_open, self._operator, self._transport)
            return self._pool

    def _build(self, server: Server, pool: httpx2.AsyncClient) -> AsyncOpenAI:
        from openai import AsyncOpenAI

        headers: dict[str, str] = {}
        if server.dialect is Dialect.OPENROUTER:
            named = {"X-Title": self._operator.app_name, "HTTP-Referer": self._operator.app_url}
            headers = {header: value for header, value in named.items() if value}
        return AsyncOpenAI(
            base_url=server.base_url,
            # The package insists on a key; servers that need none ignore this one.
            api_key=server.key or "none",
            max_retries=0,  # retries are ours: they respect the turn's deadline and the fallbacks
            timeout=pool.timeout,
            default_headers=headers,
            http_client=pool,
        )

    async def close(self) -> None:
        """Close all connections."""
        self._clients.clear()
        if self._pool is not None:
            pool, self._pool = self._pool, None
            await pool.aclose()


def _open(operator: Operator, transport: httpx2.AsyncBaseTransport | None) -> httpx2.AsyncClient:
    import httpx2
    import openai  # imported here, in the thread, so that the event loop doesn't wait for it

    # Over aiohttp, which the Discord plugin uses as well: a millisecond of CPU less per answer.
    return openai.DefaultAioHttpClient(
        timeout=httpx2.Timeout(operator.stall_seconds, connect=operator.connect_seconds),
        limits=httpx2.Limits(
            max_connections=operator.connections,
            max_keepalive_connections=min(20, operator.connections),
            keepalive_expiry=60.0,
        ),
        transport=transport,
        follow_redirects=True,
    )

"""nonebot's aiohttp driver inside our own event loop: one shared session, and no global state of nonebot."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import loguru
from nonebot.adapters import Adapter
from nonebot.config import Config, Env
from nonebot.drivers import Request, Response
from nonebot.drivers.aiohttp import Driver as AiohttpDriver
from nonebot.drivers.aiohttp import WebSocket
from nonebot.log import logger_id
from yarl import URL

LARGEST_FRAME = 64 * 1024 * 1024
"""In bytes. A large server's GUILD_CREATE exceeds the libraries' defaults of 1 and 4 MiB."""
_bridged = False


class Driver(AiohttpDriver):
    """Holds adapters and bots for one instance; several may live in one process.

    It is never ``run()``: we own the loop. It reads no environment and no ``.env``: nonebot's own
    settings are not ours, and a token among them would be logged.
    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        super().__init__(Env.model_construct(environment="tzurot"), Config.model_construct(driver="~aiohttp"))
        # The class keeps one dict for all drivers of a process; each of ours has its own.
        self._adapters: dict[str, Adapter] = {}  # type: ignore[misc]  # a ClassVar there
        self.session = session

    async def request(self, setup: Request) -> Response:
        """One HTTP request on the shared session, as nonebot wants it."""
        async with self.session.request(
            setup.method, setup.url, data=setup.content or setup.data, json=setup.json, headers=setup.headers
        ) as response:
            return Response(
                response.status,
                headers=response.headers.copy(),
                content=await response.read(),
                request=setup,
            )

    @asynccontextmanager
    async def websocket(self, setup: Request) -> AsyncGenerator[WebSocket, None]:
        """A web socket on the shared session, as nonebot wants it."""
        socket = await self.connect(setup.url)
        try:
            yield WebSocket(request=setup, session=self.session, websocket=socket)
        finally:
            await socket.close()

    async def connect(self, url: URL) -> aiohttp.ClientWebSocketResponse:
        """Open a web socket for the gateway: large frames, and a quick end when the other side is gone."""
        return await self.session.ws_connect(
            url,
            max_msg_size=LARGEST_FRAME,
            timeout=aiohttp.ClientWSTimeout(ws_receive=None, ws_close=2.0),
        )


class _ToLogging(logging.Handler):
    """Gives nonebot's records to the standard logging."""

    @staticmethod
    def take(message: loguru.Message) -> None:
        """Hand one record on."""
        record = message.record
        level, text = record["level"].no, record["message"]
        logging.getLogger("tzurot.nonebot").log(level, text, exc_info=_exception(record))


def _exception(record: loguru.Record) -> BaseException | None:
    found = record["exception"]
    return found.value if found else None


def bridge_log() -> None:
    """Send nonebot's warnings to the standard logging, instead of everything to standard output.

    Below warning it logs payloads and configurations, among which secrets would be.
    """
    global _bridged  # loguru's logger is global, too
    if _bridged:
        return
    _bridged = True
    try:
        loguru.logger.remove(logger_id)
    except ValueError:
        logging.getLogger("tzurot.nonebot").debug("nonebot's own log handler was gone already.")
    loguru.logger.add(_ToLogging.take, level="WARNING", format="{message}", diagnose=False, backtrace=False)

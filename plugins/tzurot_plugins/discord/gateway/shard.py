"""One shard's life: connect, identify or resume, hand on events, come back after every kind of drop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import sys
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Any

import aiohttp
from yarl import URL

from tzurot_plugins.discord.errors import Fatal
from tzurot_plugins.discord.gateway.heart import Heart
from tzurot_plugins.discord.gateway.protocol import (
    DISALLOWED_INTENTS,
    FATAL,
    KEEP_SESSION,
    LOST_SESSION,
    VERSION,
    Dispatch,
    Identity,
    Intent,
    Op,
    Session,
)

HOPELESS = 8
"""After so many failures in a row, minutes apart, a session is given up."""
Emit = Callable[[Dispatch], Awaitable[None]]


class _Next(Enum):
    """What follows the end of a connection."""

    AT_ONCE = auto()
    AFTER_JITTER = auto()


class Shard:
    """Keeps one shard connected until cancelled, or until Discord says that it is no use.

    ``emit`` takes every event in order. ``connect`` opens a web socket, ``may_identify`` waits for the
    right to start a new session.
    """

    def __init__(
        self,
        *,
        identity: Identity,
        connect: Callable[[URL], Awaitable[aiohttp.ClientWebSocketResponse]],
        emit: Emit,
        may_identify: Callable[[int], Awaitable[None]],
        log: logging.Logger | None = None,
    ) -> None:
        self._token, self._intents = identity.token, identity.intents
        self._connect, self._emit, self._may_identify = connect, emit, may_identify
        self._shard, self._timing = identity.shard, identity.timing
        self.log = log or logging.getLogger("tzurot.plugin.discord")
        self._session: Session | None = None
        self._had_session = False
        self._failures = 0
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._heart: Heart | None = None
        self.ready = asyncio.Event()

    @property
    def session(self) -> Session | None:
        """The session that could be resumed."""
        return self._session

    async def run(self, url: str) -> None:
        """Stay connected to the gateway at ``url``.

        Raises:
            Fatal: Discord will not have this bot; the message says what to do.
        """
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            following = await self._connection(url)
            self.ready.clear()
            if following is _Next.AFTER_JITTER:
                await asyncio.sleep(random.uniform(*self._timing.invalid_session))
            await asyncio.sleep(max(self._backoff(), began + self._timing.gap - loop.time(), 0))

    async def send(self, op: Op, data: Any) -> None:
        """Send a frame, such as a presence.

        Raises:
            ConnectionError: there is no connection just now.
        """
        if self._socket is None:
            raise ConnectionError("the gateway is not connected")
        await self._socket.send_str(json.dumps({"op": op, "d": data}))

    def _backoff(self) -> float:
        if not self._failures:
            return 0.0
        first, most = self._timing.backoff
        return float(min(most, first * 2 ** min(self._failures - 1, 10))) * random.uniform(0.5, 1.0)

    async def _connection(self, url: str) -> _Next:
        """One connection from hello to its end."""
        self._failures += 1
        if self._failures > HOPELESS:
            # The session's own address is gone for good, and with it the session.
            self._session = None
        if self._session is None:
            await self._may_identify(self._shard[0])
        target = URL((self._session and self._session.url) or url)
        try:
            socket = await self._connect(target.update_query(v=str(VERSION), encoding="json"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.log.warning("The gateway can't be reached (%s); trying again.", type(error).__name__)
            return _Next.AT_ONCE
        self._socket = socket
        code = KEEP_SESSION
        try:
            return await self._converse(socket)
        except asyncio.CancelledError:
            code = 1000
            raise
        finally:
            self._socket = None
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                await asyncio.shield(socket.close(code=code))

    async def _converse(self, socket: aiohttp.ClientWebSocketResponse) -> _Next:
        hello = await self._hello(socket)
        if hello is None:
            return self._closed(socket)
        self._heart = heart = Heart(hello, self._beat)
        beating = asyncio.create_task(self._watch(heart), name="discord heartbeat")
        listening = asyncio.create_task(self._listen(socket), name="discord gateway")
        try:
            await asyncio.wait({beating, listening}, return_when=asyncio.FIRST_COMPLETED)
            if not heart.dead.is_set():
                # A beat that can't be sent is no verdict: what Discord said last is still to be read.
                await asyncio.wait({listening}, timeout=self._timing.hello)
            if listening.done():
                return listening.result()
            self.log.warning("The gateway no longer answers heartbeats; connecting anew.")
            return _Next.AT_ONCE
        finally:
            for task in (beating, listening):
                task.cancel()
            await asyncio.gather(beating, listening, return_exceptions=True)

    async def _hello(self, socket: aiohttp.ClientWebSocketResponse) -> float | None:
        """The heartbeat interval in seconds; ``None`` when the connection gave none."""
        try:
            async with asyncio.timeout(self._timing.hello):
                frame = await self._receive(socket)
        except TimeoutError:
            self.log.warning("The gateway said no hello in %.0f s; connecting anew.", self._timing.hello)
            return None
        if frame is None or frame.get("op") != Op.HELLO:
            return None
        interval = (frame.get("d") or {}).get("heartbeat_interval")
        return float(interval) / 1000 if isinstance(interval, int | float) and interval > 0 else 41.25

    async def _watch(self, heart: Heart) -> None:
        with contextlib.suppress(aiohttp.ClientError, OSError):
            await heart.run()

    async def _beat(self) -> None:
        await self.send(Op.HEARTBEAT, self._session.sequence if self._session else None)

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> _Next:
        try:
            await self._introduce()
            while (frame := await self._receive(socket)) is not None:
                following = await self._take(frame)
                if following is not None:
                    return following
        except (aiohttp.ClientError, OSError):
            return _Next.AT_ONCE
        return self._closed(socket)

    async def _introduce(self) -> None:
        """Resume when there is a session, else identify."""
        if self._session:
            session = self._session
            await self.send(
                Op.RESUME, {"token": self._token, "session_id": session.id, "seq": session.sequence}
            )
            return
        await self.send(
            Op.IDENTIFY,
            {
                "token": self._token,
                "intents": int(self._intents),
                "shard": list(self._shard),
                "compress": False,
                "large_threshold": 50,
                "properties": {"os": sys.platform, "browser": "tzurot", "device": "tzurot"},
            },
        )

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any] | None:
        """The next frame that is one; ``None`` when the connection has ended."""
        while True:
            message = await socket.receive()
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                return None
            try:
                frame = json.loads(message.data)
            except ValueError:
                self.log.warning("The gateway sent a frame that is no JSON; it is passed over.")
                continue
            if isinstance(frame, dict):
                return frame

    async def _take(self, frame: dict[str, Any]) -> _Next | None:
        """Deal with one frame; say how to go on when it ends the connection."""
        op = frame.get("op")
        if op == Op.DISPATCH:
            await self._dispatch(frame)
        elif op == Op.HEARTBEAT_ACK and self._heart:
            self._heart.acknowledge()
        elif op == Op.HEARTBEAT:
            await self._beat()
        elif op == Op.RECONNECT:
            self.log.info("Discord asks to reconnect; resuming.")
            self._failures = 0
            return _Next.AT_ONCE
        elif op == Op.INVALID_SESSION:
            self._invalidated(bool(frame.get("d")))
            return _Next.AFTER_JITTER
        return None

    async def _dispatch(self, frame: dict[str, Any]) -> None:
        kind, data = str(frame.get("t")), frame.get("d")
        if not isinstance(data, dict):
            data = {"data": data}
        lost = False
        if kind == "READY":
            lost, self._had_session = self._had_session, True
            url = str(data.get("resume_gateway_url") or "")
            self._session = Session(str(data.get("session_id")), url, int(frame.get("s") or 1))
        if kind in ("READY", "RESUMED"):
            self._failures = 0
            self.ready.set()
        await self._emit(Dispatch(kind, data, self._shard[0], lost))
        # Only now: an event that was not handed on must be sent again after a resume.
        if self._session and isinstance(frame.get("s"), int):
            self._session.saw(frame["s"])
        # Waiting for room downstream must not look like a silent gateway.
        if self._heart:
            self._heart.acknowledge()

    def _invalidated(self, resumable: bool) -> None:
        if resumable:
            self.log.info("Discord interrupted the session; resuming.")
        else:
            self.log.warning("Discord ended the session; starting a new one and catching up.")
            self._session = None

    def _closed(self, socket: aiohttp.ClientWebSocketResponse) -> _Next:
        """Read the close code.

        Raises:
            Fatal: it says that trying again is no use.
        """
        code = socket.close_code or 1006
        if code == DISALLOWED_INTENTS and Intent.MESSAGE_CONTENT in self._intents:
            self._intents &= ~Intent.MESSAGE_CONTENT
            self.log.error(
                "Discord does not allow this bot the Message Content intent (close code 4014). It goes on "
                "without: characters hear direct messages, replies to the bot and its mentions, but no "
                "@Name. Switch the intent on under Bot in the developer portal, and restart."
            )
            self._session = None
            return _Next.AT_ONCE
        if code in FATAL:
            raise Fatal(f"Discord closed the gateway for good (close code {code}): {FATAL[code]}.")
        if code in LOST_SESSION:
            self._session = None
        self.log.info("The gateway closed (%d); %s.", code, "resuming" if self._session else "identifying")
        return _Next.AT_ONCE

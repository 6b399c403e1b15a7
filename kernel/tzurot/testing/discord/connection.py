"""One WebSocket of the gateway: opcodes in, frames out, and Discord's close codes."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections import deque
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tzurot.testing.discord.session import Session

if TYPE_CHECKING:
    from tzurot.testing.discord.gateway import Gateway

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 1, 2, 3, 4, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, ACK = 8, 9, 10, 11
UNKNOWN_ERROR, UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED = (
    4000,
    4001,
    4002,
    4003,
    4004,
)
ALREADY_AUTHENTICATED, INVALID_SEQUENCE, RATE_LIMITED, TIMED_OUT, INVALID_SHARD = 4005, 4007, 4008, 4009, 4010
INVALID_VERSION, INVALID_INTENTS, DISALLOWED_INTENTS = 4012, 4013, 4014
ENDS_SESSION = frozenset({4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014})
"""Close codes after which a session can't be resumed."""
PAYLOAD_LIMIT = 4096
COMMANDS_A_MINUTE = 120
FRAMES_WAITING = 20_000


class Connection:
    """Reads from and writes to one socket; the gateway decides about sessions."""

    def __init__(
        self,
        gateway: Gateway,
        socket: web.WebSocketResponse,
        transport: asyncio.WriteTransport | None,
        *,
        compress: bool,
        resuming: bool,
    ) -> None:
        self.gateway = gateway
        self.session: Session | None = None
        self.silent = False
        """A black hole: nothing is sent or acknowledged any more."""
        self.resuming_address = resuming
        self.sent: deque[Any] = deque(maxlen=1_000)
        """The opcodes and data that the client sent, newest last."""
        self.heartbeats = 0
        self.closed_by_us: int | None = None
        self._socket = socket
        self._transport: asyncio.WriteTransport | None = transport
        self._zlib = zlib.compressobj() if compress else None
        self._out: asyncio.Queue[str | int] = asyncio.Queue()
        self._times: deque[float] = deque(maxlen=COMMANDS_A_MINUTE)
        self._deadline: asyncio.TimerHandle | None = None

    def send(self, frame: str) -> None:
        """Queue a frame."""
        if self.silent:
            return
        if self._out.qsize() >= FRAMES_WAITING:
            # Discord drops a client that reads too slowly.
            self.cut()
            return
        self._out.put_nowait(frame)

    def silence(self) -> None:
        """Become a black hole; the socket stays open for ever, also without heartbeats."""
        self.silent = True
        if self._deadline is not None:
            self._deadline.cancel()

    def send_op(self, op: int, data: Any = None) -> None:
        """Queue an opcode that isn't an event."""
        self.send(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def close(self, code: int) -> None:
        """Close after everything that is queued."""
        if self.closed_by_us is None:
            self.closed_by_us = code
            self._out.put_nowait(code)

    def cut(self) -> None:
        """Drop the TCP connection without a goodbye."""
        if self._transport is not None:
            self._transport.abort()

    async def run(self) -> int:
        """Serve the socket until it ends; the code it ended with."""
        writer = asyncio.create_task(self._write(), name="test-gateway-writer")
        try:
            self.send_op(HELLO, {"heartbeat_interval": round(self.gateway.heartbeat_seconds * 1000)})
            self._expect_heartbeat()
            async for message in self._socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self._receive(message.data)
        finally:
            if self._deadline is not None:
                self._deadline.cancel()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return self._socket.close_code or 1006

    async def _write(self) -> None:
        while True:
            frame = await self._out.get()
            try:
                if isinstance(frame, int):
                    await self._socket.close(code=frame)
                    return
                if self._zlib is None:
                    await self._socket.send_str(frame)
                else:
                    packed = self._zlib.compress(frame.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
                    await self._socket.send_bytes(packed)
            except ConnectionError:
                return

    def _expect_heartbeat(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        # Discord waits somewhat longer than the interval it asked for.
        patience = self.gateway.heartbeat_seconds * 1.5
        self._deadline = asyncio.get_running_loop().call_later(patience, self.close, TIMED_OUT)

    def _receive(self, raw: str | bytes) -> None:
        now = time.monotonic()
        if len(self._times) == COMMANDS_A_MINUTE and now - self._times[0] < 60:
            self.close(RATE_LIMITED)
            return
        self._times.append(now)
        try:
            payload = json.loads(raw)
            op, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError, AttributeError):
            self.close(DECODE_ERROR)
            return
        if len(raw) > PAYLOAD_LIMIT:
            self.close(DECODE_ERROR)
            return
        self.sent.append((op, data))
        self._act(op, data)
        self.gateway.changed()

    def _act(self, op: int, data: Any) -> None:
        if op == HEARTBEAT:
            self.heartbeats += 1
            if not self.silent:
                self._expect_heartbeat()
                self.send_op(ACK)
        elif op in (IDENTIFY, RESUME):
            if self.session is not None:
                self.close(ALREADY_AUTHENTICATED)
            elif not isinstance(data, dict):
                self.close(DECODE_ERROR)
            elif op == IDENTIFY:
                self.gateway.identify(self, data)
            else:
                self.gateway.resume(self, data)
        elif self.session is None:
            self.close(NOT_AUTHENTICATED)
        elif op not in (PRESENCE, VOICE, REQUEST_MEMBERS, 31, 43):
            self.close(UNKNOWN_OPCODE)
        elif op == REQUEST_MEMBERS:
            self.gateway.send_members(self.session, data)

"""A small world behind a running Discord test server, and a bare client for it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from tzurot.testing.discord import Bot, Channel, DiscordServer, Guild, Intent, Permission, User, validation

EVERYTHING = sum(Intent)


@dataclass
class Harbour:
    """One guild with one channel, two people and a bot that may manage webhooks."""

    server: DiscordServer
    http: aiohttp.ClientSession
    bot: Bot
    ann: User
    ben: User
    guild: Guild
    channel: Channel

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        """One request with the bot's token: status and JSON."""
        status, data, _ = await self.call_raw(method, path, body, **more)
        return status, data

    async def call_raw(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any, Any]:
        headers = more.pop("headers", {"Authorization": f"Bot {self.bot.token}"})
        if body is not None:
            more["json"] = body
        async with self.http.request(method, f"{self.server.api_base}{path}", headers=headers, **more) as got:
            text = await got.text()
            is_json = got.content_type == "application/json"
            data = json.loads(text) if is_json and text else text
            if is_json and got.ok:
                self._check_answer(got.status, data)
            return got.status, data, got.headers

    def _check_answer(self, status: int, data: Any) -> None:
        """What the server answers is valid against Discord's document."""
        record = self.server.requests[-1]
        pointer = validation.answer_of(record.method, record.route, status)
        assert pointer is not None, f"Discord's document knows no {status} for {record.key}"
        problems = validation.problems(pointer, data)
        assert not problems, f"{record.key}: {problems}"

    async def connect(self, url: str | None = None, query: str = "?v=10&encoding=json") -> "Wire":
        return await Wire.open(self.http, f"{url or self.server.gateway_url}{query}")

    async def identify(self, intents: int = EVERYTHING) -> "Wire":
        """A wire that has identified and received READY and the guild."""
        wire = await self.connect()
        await wire.identify(self.bot, intents)
        return wire


@dataclass
class Wire:
    """A gateway connection that only sends and receives."""

    socket: aiohttp.ClientWebSocketResponse
    hello: dict[str, Any]
    ready: dict[str, Any] = field(default_factory=dict)
    sequence: int = 0

    @classmethod
    async def open(cls, http: aiohttp.ClientSession, url: str) -> "Wire":
        socket = await http.ws_connect(url)
        first = await socket.receive()
        hello = json.loads(first.data) if first.type is aiohttp.WSMsgType.TEXT else {}
        return cls(socket, hello)

    async def send(self, op: int, data: Any) -> None:
        await self.socket.send_str(json.dumps({"op": op, "d": data}))

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            message = await self.socket.receive()
        assert message.type is aiohttp.WSMsgType.TEXT, f"closed with {self.socket.close_code}"
        frame: dict[str, Any] = json.loads(message.data)
        self.sequence = frame.get("s") or self.sequence
        return frame

    async def event(self, name: str) -> dict[str, Any]:
        """The data of the next event of that name; others are passed over."""
        while True:
            frame = await self.receive()
            if frame["t"] == name:
                return frame["d"]

    async def closed(self) -> int | None:
        """The code that the server closes with."""
        async with asyncio.timeout(5):
            while (message := await self.socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING)
        return self.socket.close_code

    async def identify(self, bot: Bot, intents: int = EVERYTHING, **more: Any) -> None:
        await self.send(2, {"token": bot.token, "intents": intents, "properties": {}} | more)
        self.ready = await self.event("READY")
        for _ in self.ready["guilds"] if intents & Intent.GUILDS else ():
            await self.event("GUILD_CREATE")

    async def resume(self, bot: Bot, session_id: str, sequence: int) -> None:
        await self.send(6, {"token": bot.token, "session_id": session_id, "seq": sequence})


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as running:
        yield running


@pytest.fixture
async def harbour(server: DiscordServer) -> AsyncIterator[Harbour]:
    ann, ben = server.world.create_user("ann", display="Ann"), server.world.create_user("ben")
    guild = server.world.create_guild("Harbour", ann)
    guild.add(ben)
    bot = server.world.create_bot("lamp")
    server.world.invite(guild, bot, Permission.MANAGE_WEBHOOKS)
    channel = guild.create_channel("general")
    async with aiohttp.ClientSession() as http:
        yield Harbour(server, http, bot, ann, ben, guild, channel)


@pytest.fixture
def path(harbour: Harbour) -> Callable[[str], str]:
    """A path below the channel of the harbour."""
    return lambda rest: f"/channels/{harbour.channel.id}{rest}"

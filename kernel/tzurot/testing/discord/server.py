"""The Discord test server itself: HTTP and gateway on one loopback port, and what a test asks it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from tzurot.testing.discord import cdn
from tzurot.testing.discord.api import PREFIX, Api
from tzurot.testing.discord.buckets import Buckets
from tzurot.testing.discord.errors import refuse
from tzurot.testing.discord.faults import Faults
from tzurot.testing.discord.gateway import PATH, RESUME_PATH, Gateway
from tzurot.testing.discord.interaction import Interaction
from tzurot.testing.discord.message import Message
from tzurot.testing.discord.people import Bot
from tzurot.testing.discord.places import Channel
from tzurot.testing.discord.records import RequestRecord, Violation
from tzurot.testing.discord.session import Session
from tzurot.testing.discord.waiting import Waiting
from tzurot.testing.discord.world import World

T = TypeVar("T")
HOST = "127.0.0.1"
REQUESTS_KEPT = 10_000
BODY_LIMIT = 64 * 1024 * 1024
PATIENCE_SECONDS = 10.0


class DiscordServer:
    """A small Discord on 127.0.0.1, for tests.

    ::

        async with DiscordServer() as server:
            bot = server.world.create_bot("harbour")
            ann = server.world.create_user("ann")
            guild = server.world.create_guild("Pier", ann)
            server.world.invite(guild, bot, Permission.MANAGE_WEBHOOKS)
            channel = guild.create_channel("general")
            ...  # start the client with server.api_base and bot.token
            await server.ready(bot)
            ann.say(channel, "hello")
            answer = await server.next_message(channel)
            assert not answer.pings and not server.violations
    """

    def __init__(self, *, port: int = 0, heartbeat_seconds: float = 41.25, validate: bool = True) -> None:
        self.world = World()
        self.buckets = Buckets()
        self.validate = validate
        """Whether request bodies are checked against the OpenAPI document."""
        self.requests: deque[RequestRecord] = deque(maxlen=REQUESTS_KEPT)
        self.violations: deque[Violation] = deque(maxlen=REQUESTS_KEPT)
        self.invalid_requests = 0
        """Answers 401, 403 and 429; Discord bans an address after 10,000 in ten minutes."""
        self._waiting = Waiting()
        self.changed = self._waiting.notify
        self.gateway = Gateway(self.world, self.changed, self.violate)
        self.gateway.heartbeat_seconds = heartbeat_seconds
        self._api = Api(self)
        self._port = port
        self._runner: web.ServerRunner | None = None
        self.extra_handler: Callable[[web.BaseRequest], Any] | None = None
        """Serves paths that are no part of Discord, for the control interface."""

    @property
    def faults(self) -> Faults:
        """What can be made to go wrong."""
        return self.gateway.faults

    @property
    def base(self) -> str:
        """The server's address."""
        return f"http://{HOST}:{self._port}"

    @property
    def api_base(self) -> str:
        """The address to use in place of ``https://discord.com/api/v10``."""
        return f"{self.base}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        """The gateway's address, as ``GET /gateway/bot`` tells it."""
        return f"ws://{HOST}:{self._port}{PATH}"

    async def __aenter__(self) -> Self:
        # web.Server is aiohttp below its router: this server has a table of routes of its own.
        server = web.Server(self._handle, request_factory=_request, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.gateway.address = f"ws://{HOST}:{self._port}"
        self.world.cdn = f"{self.base}{cdn.PREFIX}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith(f"{PREFIX}/"):
            return await self._api.answer(request)
        if path in (PATH, f"{PATH}/", RESUME_PATH, f"{RESUME_PATH}/"):
            return await self.gateway.connect(request)
        if path.startswith(f"{cdn.PREFIX}/"):
            return cdn.answer(self.world, path)
        if self.extra_handler is not None:
            answer: web.StreamResponse = await self.extra_handler(request)
            return answer
        wrong = refuse(50041)
        self.violate(f"{request.method} {path}", f"the API is below {PREFIX}", None)
        return web.json_response(wrong.body(), status=wrong.status)

    def violate(self, where: str, why: str, detail: Any) -> None:
        """Note that the client did what real Discord refuses."""
        self.violations.append(Violation(where, why, detail))

    # What tests wait for

    async def wait_for(
        self,
        condition: Callable[[], T | None],
        seconds: float = PATIENCE_SECONDS,
        what: str = "the condition",
    ) -> T:
        """The first truthy result of ``condition``, looked at again after everything that happens."""
        return await self._waiting.wait_for(condition, seconds, lambda: self._report(what, seconds))

    async def next_message(
        self, channel: Channel, seconds: float = PATIENCE_SECONDS, *, author: str | None = None
    ) -> Message:
        """The oldest message of a bot or webhook in ``channel`` that wasn't handed out yet.

        Each is handed out once, so none is missed between saying something and waiting for the answer.
        ``author`` narrows to the name that readers see.
        """

        def first() -> Message | None:
            for message in channel.delivered:
                if author in (None, message.name):
                    return message
            return None

        message = await self.wait_for(first, seconds, f"a message of a bot in #{channel.name}")
        channel.delivered.remove(message)
        return message

    async def next_messages(
        self, channel: Channel, count: int, seconds: float = PATIENCE_SECONDS
    ) -> list[Message]:
        """The next ``count`` messages of bots and webhooks in ``channel``."""
        return [await self.next_message(channel, seconds) for _ in range(count)]

    async def ready(self, bot: Bot, seconds: float = PATIENCE_SECONDS) -> Session:
        """The bot's session, once it is identified and connected."""
        return await self.wait_for(lambda: self.session(bot), seconds, f"{bot.name} to connect")

    async def answered(self, interaction: Interaction, seconds: float = PATIENCE_SECONDS) -> Message:
        """The original response to an interaction, once there is one."""
        return await self.wait_for(lambda: interaction.response, seconds, "a response to the interaction")

    async def next_request(
        self, method: str, route: str, seconds: float = PATIENCE_SECONDS, *, after: int = 0
    ) -> RequestRecord:
        """The first finished request to ``route`` but for the ``after`` first ones."""

        def found() -> RequestRecord | None:
            done = [one for one in self.requests_to(method, route) if one.status is not None]
            return done[after] if len(done) > after else None

        return await self.wait_for(found, seconds, f"a request {method} {route}")

    def session(self, bot: Bot) -> Session | None:
        """The newest connected session of ``bot``."""
        open_ones = [one for one in self.gateway.sessions_of(bot) if one.connection is not None]
        return open_ones[-1] if open_ones else None

    def requests_to(self, method: str, route: str) -> list[RequestRecord]:
        """The requests to one route, oldest first."""
        return [one for one in self.requests if one.method == method and one.route == route]

    def _report(self, what: str, seconds: float) -> str:
        recent = ", ".join(f"{one.key} -> {one.status}" for one in list(self.requests)[-5:]) or "none"
        wrong = "; ".join(str(one) for one in list(self.violations)[-3:]) or "none"
        return (
            f"The Discord test server waited {seconds:g} s for {what} in vain. "
            f"Last requests: {recent}. Violations: {wrong}."
        )


def _request(*parts: Any) -> web.BaseRequest:
    """A request as aiohttp makes it, with room for Discord's file sizes."""
    message, payload, protocol, writer, task = parts
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=BODY_LIMIT)

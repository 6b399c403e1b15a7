"""What the Discord plugin's tests share: a server, a bot's account, and a connected adapter."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest

from tzurot.testing.discord import Bot, Channel, DiscordServer, Guild, Permission, User
from tzurot_plugins.discord.adapter import HardenedAdapter
from tzurot_plugins.discord.driver import Driver
from tzurot_plugins.discord.gateway.protocol import Dispatch, Identity, Intent, Timing
from tzurot_plugins.discord.rest.egress import Egress
from tzurot_plugins.discord.rest.patience import Patience

QUICK = Timing().paced(0.01)
EAGER = Patience(first=0.01, most=0.05, timeout=5.0)
ALL = (
    Intent.GUILDS
    | Intent.GUILD_WEBHOOKS
    | Intent.GUILD_MESSAGES
    | Intent.DIRECT_MESSAGES
    | Intent.MESSAGE_CONTENT
)


@dataclass
class Harbour:
    """One small guild with a person, a channel and the bot."""

    server: DiscordServer
    bot: Bot
    ann: User
    guild: Guild
    channel: Channel


@dataclass
class Link:
    """A connected adapter and everything that came through it."""

    adapter: HardenedAdapter
    running: asyncio.Task
    events: list[Dispatch] = field(default_factory=list)
    heard: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, dispatch: Dispatch) -> None:
        async with self.heard:
            self.events.append(dispatch)
            self.heard.notify_all()

    def of(self, kind: str) -> list[dict]:
        return [event.data for event in self.events if event.type == kind]

    def texts(self) -> list[str]:
        return [data["content"] for data in self.of("MESSAGE_CREATE")]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self.heard:
            await self.heard.wait_for(condition)


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server


@pytest.fixture
def harbour(server) -> Harbour:
    world = server.world
    bot, ann = world.create_bot("harbour"), world.create_user("ann")
    guild = world.create_guild("Pier", ann)
    world.invite(guild, bot, Permission.MANAGE_WEBHOOKS)
    return Harbour(server, bot, ann, guild, guild.create_channel("general"))


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(
        headers={"User-Agent": "DiscordBot (https://example.org, 0)"}
    ) as session:
        yield session


@pytest.fixture
def egress(harbour, session) -> Egress:
    return Egress(session, harbour.server.api_base, harbour.bot.token, patience=EAGER)


@pytest.fixture
def connect(harbour, session):
    """Connect an adapter for as long as the block lasts."""

    @asynccontextmanager
    async def connect(*, intents=ALL, timing=QUICK, token=None, ready=True):
        egress = Egress(session, harbour.server.api_base, token or harbour.bot.token, patience=EAGER)
        links = []

        async def sink(dispatch):
            await links[0].take(dispatch)

        identity = Identity(token or harbour.bot.token, intents, timing=timing)
        adapter = HardenedAdapter(
            Driver(session),
            identity,
            egress,
            sink,
            log=logging.getLogger("tzurot.plugin.discord"),
        )
        links.append(Link(adapter, asyncio.create_task(adapter.run())))
        try:
            if ready:
                await links[0].until(lambda: bool(links[0].of("READY")))
            yield links[0]
        finally:
            links[0].running.cancel()
            await asyncio.gather(links[0].running, return_exceptions=True)

    return connect

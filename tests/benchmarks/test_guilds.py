"""What a GUILD_CREATE costs: our taking it in, beside the parse of the adapter as published."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.benchmarks.measuring import table

from tzurot.config import Config
from tzurot.loading import bare_kit
from tzurot.testing.discord.payloads import guild_create
from tzurot.testing.discord.server import DiscordServer

pytestmark = pytest.mark.benchmark

REPEATS = 20
SIZES = ((10, 10), (60, 80), (500, 250))
"""Channels and roles; Discord allows 500 and 250."""


def _payload(server: DiscordServer, channels: int, roles: int) -> str:
    guild, bot = server.world.create_guild(f"guild {channels}"), server.world.create_bot(f"bot {channels}")
    for number in range(channels):
        guild.create_channel(f"channel-{number}")
    for number in range(roles - 1):
        guild.create_role(f"role {number}")
    guild.add(bot)
    return json.dumps(guild_create(guild, bot))


async def _milliseconds(work: Callable[[], Awaitable[Any]]) -> str:
    took = []
    for _ in range(REPEATS):
        began = time.process_time()
        await work()
        took.append((time.process_time() - began) * 1000)
    return f"{statistics.median(took):.2f}"


async def _row(server: DiscordServer, connection: Any, channels: int, roles: int) -> list[str]:
    from nonebot.adapters.discord import Adapter
    from nonebot.adapters.discord.payload import Dispatch as StockDispatch

    from tzurot_plugins.discord.gateway.protocol import Dispatch

    text = _payload(server, channels, roles)
    data = json.loads(text)

    async def read() -> None:
        json.loads(text)

    async def taken_in() -> None:
        await connection.listener.take(Dispatch("GUILD_CREATE", data))

    async def as_published() -> None:
        Adapter.payload_to_event(
            StockDispatch.model_validate({"op": 0, "d": data, "s": 1, "t": "GUILD_CREATE"})
        )

    return [
        f"{channels} channels, {roles} roles",
        f"{len(text) / 1024:.0f}",
        *[await _milliseconds(each) for each in (read, taken_in, as_published)],
    ]


async def test_the_cost_of_a_guild():
    import nonebot

    from tzurot_plugins.discord.config import DiscordSettings
    from tzurot_plugins.discord.connection import Connection, open_session

    nonebot.logger.remove()  # the published adapter warns of every guild that it takes in
    async with DiscordServer() as server, open_session() as session:
        settings = DiscordSettings(api_base=server.api_base)
        kit = bare_kit(Config())("discord", settings)
        connection = Connection(session, settings, "t", kit, lambda _: None)
        rows = [await _row(server, connection, *size) for size in SIZES]
    header = ("guild", "KiB", "JSON alone", "ours, after the JSON", "adapter as published, after the JSON")
    table("GUILD_CREATE, CPU ms", header, rows)

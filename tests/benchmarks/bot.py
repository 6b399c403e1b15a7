"""A bot in a process of its own for the benchmarks: ``python bot.py scripted|openai|baseline``.

It says ``{"ready": …}`` once it accepts events. ``baseline`` is nonebot with the Discord adapter as
published and one handler that answers with a plain message: the least that our host costs without us.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time

BEGAN = time.process_time()


def ready() -> None:
    """Tell the parent that events are accepted, and what it cost to get here."""
    print(json.dumps({"ready": True, "cpu_seconds": time.process_time()}), flush=True)


async def ours(scripted: bool) -> None:
    """The whole of tzurot with the default plugins."""
    from tzurot.app import App
    from tzurot.config import load
    from tzurot.hooks.discover import Found

    extra = []
    if scripted:
        from tzurot.testing.scripted import ScriptedModel

        extra = [Found(ScriptedModel, "benchmark", "0")]
    async with App.open(load(), watch=True, extra=extra) as app:
        gc.collect()
        gc.freeze()  # as `tzurot run` does
        serving = asyncio.create_task(app.serve())
        ready()
        await serving


def baseline() -> None:
    """nonebot and its adapter, as published."""
    import nonebot
    from nonebot.adapters.discord import Adapter
    from nonebot.adapters.discord.event import GuildMessageCreateEvent
    from yarl import URL

    nonebot.logger.remove()  # it writes to standard output
    nonebot.init(
        driver="~aiohttp",
        log_level="ERROR",
        discord_bots=[{"token": os.environ["DISCORD_TOKEN"], "intent": {"message_content": True}}],
    )
    driver = nonebot.get_driver()
    driver.register_adapter(Adapter)
    driver._adapters["Discord"].base_url = URL(os.environ["DISCORD_API_BASE"])
    matcher = nonebot.on_message()

    @matcher.handle()
    async def answer(bot: nonebot.adapters.Bot, event: GuildMessageCreateEvent) -> None:
        await bot.send(event, "I hear you.")

    driver.on_startup(ready)
    nonebot.run()


if __name__ == "__main__":
    kind = sys.argv[1]
    if kind == "baseline":
        baseline()
    else:
        asyncio.run(ours(scripted=kind == "scripted"))

"""A whole instance of tzurot with a scripted model, serving the Discord test server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tzurot.app import App
from tzurot.config import Config
from tzurot.hooks.discover import Found
from tzurot.testing.discord import Bot, DiscordServer
from tzurot.testing.scripted import ScriptedModel

PACK = """\
schema: 1
name: Pier
characters:
  - id: mara
    name: Mara
    aliases: [Keeper]
    avatar: https://cdn.example.org/mara.png
    profile: { description: A lighthouse keeper. }
  - id: tam
    name: Old Tam
    aliases: [Tam]
    profile: { description: The harbour master. }
  - id: clyde
    name: Clyde of Discord
    profile: { description: Has a name that webhooks may not bear. }
"""
PLUGINS = ("discord", "mentions", "replies", "direct_messages")
PACE = 0.01


@dataclass
class Life:
    """The instance and what it runs."""

    app: App
    model: ScriptedModel
    serving: asyncio.Task


@asynccontextmanager
async def alive(
    server: DiscordServer,
    bot: Bot,
    home: Path,
    *,
    ready: bool = True,
    plugins=PLUGINS,
    pack=PACK,
    extra=(),
    **settings,
) -> AsyncIterator[Life]:
    """Serve ``server`` as ``bot`` for as long as the block lasts; ``settings`` are the plugin's."""
    packs = home / "packs" / "pier"
    packs.mkdir(parents=True, exist_ok=True)
    (packs / "pack.yaml").write_text(pack, encoding="utf-8")
    discord = {"token": bot.token, "api_base": server.api_base, "pace": PACE, **settings}
    config = Config.model_validate(
        {
            "home": home,
            "packs": (home / "packs",),
            "enabled_plugins": plugins,
            "plugins": {"discord": discord},
            "shutdown_seconds": 2.0,
        }
    )
    async with App.open(config, extra=[Found(each, "tests", "0") for each in (ScriptedModel, *extra)]) as app:
        assert not app.loader.refused
        serving = asyncio.create_task(app.serve())
        try:
            if ready:
                await server.ready(bot)
            yield Life(app, app.registry.plugins["scripted_model"], serving)
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

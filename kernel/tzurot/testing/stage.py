"""A stage in memory: plugins under test, a pack, a scripted model, and people who say things.

async with Stage.of(MyPlugin) as stage:
    stage.model.script("Good evening.")
    assert await stage.say("hello") == ["Good evening."]
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tzurot.app import App
from tzurot.config import Config
from tzurot.hooks.discover import Found
from tzurot.hooks.markers import hookimpl
from tzurot.kit import Clock, Kit
from tzurot.packs.compiled import Character
from tzurot.payloads.decisions import Casting
from tzurot.payloads.delivery import Outbound, Sent
from tzurot.payloads.message import Author, Message, Place, PlaceKind, Quoted
from tzurot.plugin import Manifest, NoConfig, Plugin
from tzurot.settings.scopes import Scope
from tzurot.testing.scripted import ScriptedModel
from tzurot.turns.result import Outcome
from tzurot.turns.stored import Owner
from tzurot.turns.turn import Turn

PACK = """\
schema: 1
name: Stage
characters:
  - id: mara
    name: Mara
    profile:
      description: A lighthouse keeper who answers briefly.
    error_line: The lamp went out for a moment.
  - id: tam
    name: Tam
    profile:
      description: The harbour master.
"""


class StagePlatform(Plugin[NoConfig]):
    """The platform of a stage: whoever is named in a message speaks, else the first character."""

    manifest = Manifest(name="stage", summary="a platform in memory", required=True)

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.sent: list[Outbound] = []

    @hookimpl(trylast=True)
    async def cast(self, message: Message) -> Sequence[Casting] | None:
        """Everyone who is named speaks, in the order of the pack; else the first character."""
        characters = list(self._characters())
        named = [c for c in characters if c.name.casefold() in message.text.casefold()]
        return [Casting(c, "on stage") for c in named or characters[:1]]

    @hookimpl(trylast=True)
    async def deliver(self, turn: Turn, outbound: Outbound) -> Sent | None:
        """Keep what is said in ``sent``."""
        if outbound.place.platform != "stage":
            return None
        self.sent.append(outbound)
        return Sent(f"reply-{len(self.sent)}", outbound.place)

    def _characters(self) -> Iterable[Character]:
        return (c for pack in self.kit.shelf().packs.values() for c in pack.characters)


@dataclass(slots=True)
class Stage:
    """A running instance with a scripted model and a platform in memory."""

    app: App
    platform: StagePlatform
    model: ScriptedModel
    _ids: itertools.count[int]

    @classmethod
    @asynccontextmanager
    async def of(
        cls,
        *plugins: type[Plugin[Any]],
        pack: str = PACK,
        installed: Iterable[str] = (),
        clock: Clock | None = None,
        watch: bool = False,
        **config: Any,
    ) -> AsyncIterator[Stage]:
        """A stage with ``plugins`` under test, the ``installed`` ones named, and one pack.

        Further keywords are fields of ``tzurot.config.Config``.
        """
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            (home / "packs" / "stage").mkdir(parents=True)
            (home / "packs" / "stage" / "pack.yaml").write_text(pack, encoding="utf-8")
            given = {"home": home, "packs": (home / "packs",), "enabled_plugins": tuple(installed), **config}
            extra = [Found(p, "tests", "0") for p in (*plugins, StagePlatform, ScriptedModel)]
            async with App.open(Config.model_validate(given), extra=extra, clock=clock, watch=watch) as app:
                loaded = app.registry.plugins
                platform, model = loaded["stage"], loaded["scripted_model"]
                assert isinstance(platform, StagePlatform)
                assert isinstance(model, ScriptedModel)
                yield cls(app, platform, model, itertools.count(1))

    def message(
        self,
        text: str,
        *,
        author: str = "ana",
        channel: str = "general",
        guild: str | None = "home",
        reply_to: Quoted | None = None,
    ) -> Message:
        """A message on this stage, not yet said."""
        kind = PlaceKind.TEXT if guild else PlaceKind.DIRECT
        return Message(
            id=f"message-{next(self._ids)}",
            place=Place("stage", channel, guild, kind=kind, name=channel),
            author=Author(author, author, author.title()),
            text=text,
            at=self.app.clock.now(),
            reply_to=reply_to,
            to_bot=True,
        )

    @staticmethod
    def owner(guild: str) -> Owner:
        """Whose switches and settings a guild of this stage has: for ``app.preparation.stored``."""
        return (Scope.GUILD, f"stage:{guild}")

    async def hear(self, message: Message) -> Outcome:
        """Put ``message`` into the inbox and wait for what becomes of it."""
        return await self.app.receive(message)

    async def say(self, text: str, **where: Any) -> list[str]:
        """Say ``text`` (see ``message`` for the keywords); what is said back, chunk by chunk."""
        before = len(self.platform.sent)
        await self.hear(self.message(text, **where))
        return [outbound.text for outbound in self.platform.sent[before:]]

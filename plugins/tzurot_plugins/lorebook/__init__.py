"""The plugin ``lorebook``: what a character's world holds comes into the prompt when it is spoken of."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable

import click
from cachetools import LRUCache

from tzurot import (
    CallTurn,
    Command,
    Exported,
    Forget,
    Forgotten,
    Fragment,
    Invocation,
    Kit,
    Manifest,
    Permission,
    Plugin,
    ShelfChange,
    StashKey,
    Turn,
    TurnResult,
    hookimpl,
)
from tzurot.prompt.attribution import message_line
from tzurot_plugins.lorebook.config import LorebookConfig
from tzurot_plugins.lorebook.fragments import fragments_of, scene_of
from tzurot_plugins.lorebook.keeping import Keeping, Kept
from tzurot_plugins.lorebook.library import Library
from tzurot_plugins.lorebook.scan import scan
from tzurot_plugins.lorebook.telling import Told, in_short

_CONVERSATIONS = 200
_SCANNED: StashKey[Told] = StashKey("lorebook: what the scan did")
_LASTING: StashKey[Kept] = StashKey("lorebook: what lasts after this turn")


class Lorebook(Plugin[LorebookConfig]):
    """Scans the conversation for the keys of the character's books, and gives their texts to the prompt."""

    manifest = Manifest(
        name="lorebook",
        summary="brings a character's lore into the prompt when it is spoken of",
        models="tzurot_plugins.lorebook.models",
        migrations="tzurot_plugins.lorebook.migrations",
    )

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._library = Library()
        self._keeping = Keeping(kit.log)
        self._chance = random.Random()
        self._last: LRUCache[str, Told] = LRUCache(_CONVERSATIONS)

    @hookimpl
    def cli(self) -> Iterable[click.Command]:
        # Imported late: nothing else needs what it imports.
        from tzurot_plugins.lorebook.command import lore

        return (lore,)

    @hookimpl
    def commands(self) -> Iterable[Command]:
        summary = "says which lore came into the last reply here, and why"
        # Not for everybody: titles and keys give away what a character knows.
        why = Command("why", summary, self._why, permission=Permission.MANAGE_CHANNEL)
        yield Command("lore", "what characters know of their world", commands=(why,))

    async def _why(self, invocation: Invocation) -> str:
        told = self._last.get(invocation.place.conversation)
        return in_short(*told) if told else "No lore was looked up here since the bot started."

    @hookimpl
    async def start(self) -> None:
        self._library_is_read()

    @hookimpl
    async def packs_changed(self, change: ShelfChange) -> None:
        self._library_is_read()

    def _library_is_read(self) -> None:
        characters = list(self.kit.shelf().characters())
        configs = [self.config_for(c.plugin_settings.get(self.manifest.name)) for c in characters]
        self._library.forget_all_but(configs)
        self.kit.tasks.spawn(self._read(configs), "read the lorebooks")

    async def _read(self, configs: Iterable[LorebookConfig]) -> None:
        for config in configs:
            await self._library.bookcase(config)

    @hookimpl
    async def build_context(self, turn: Turn) -> Iterable[Fragment] | None:
        config = self.config(turn)
        if not config.books:
            return None
        case = await self._library.bookcase(config)
        kept = await self._keeping.get(turn)
        scene = scene_of(turn, kept, self._chance.random)
        # Off the loop: patterns of authors may take their time.
        done = await asyncio.to_thread(scan, case, scene)
        turn.stash[_SCANNED] = case, done
        newest = max(kept.newest_at, *(line.at for line in (*turn.history, message_line(turn))))
        turn.stash[_LASTING] = Kept(scene.messages_so_far, newest, done.lasting)
        return list(fragments_of(done.placed))

    @hookimpl
    async def around_turn(self, turn: Turn, call_next: CallTurn) -> TurnResult:
        result = await call_next()
        lasting = turn.stash.get(_LASTING)
        scanned = turn.stash.get(_SCANNED)
        if scanned is not None:
            self._last[turn.place.conversation] = scanned
        if lasting is not None and result.sent:
            await self._keeping.put(turn, lasting)
        return result

    @hookimpl
    async def forget_user(self, forget: Forget) -> Iterable[Forgotten] | None:
        return None  # what is kept tells of conversations which entries last, and of nobody

    @hookimpl
    async def export_user(self, user_id: str) -> Iterable[Exported] | None:
        return None

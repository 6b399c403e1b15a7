"""The plugin ``cards``: character cards in and out of packs, and what of them speaks by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import click

from tzurot import Fragment, Lint, Manifest, Pack, Plugin, Role, Slot, Turn, hookimpl
from tzurot.prompt.attribution import message_line, speakers_of
from tzurot_plugins.cards.config import CardConfig

_NAMES = re.compile(r"\{\{\s*(char|user)\s*\}\}", re.IGNORECASE)


class Cards(Plugin[CardConfig]):
    """Imports and exports character cards, and tells the model their depth prompt."""

    manifest = Manifest(name="cards", summary="character cards in and out of packs", after=("character",))

    @hookimpl
    def cli(self) -> Iterable[click.Command]:
        # Imported late: nothing else of tzurot needs the readers.
        from tzurot_plugins.cards.command import export, import_

        return (import_, export)

    @hookimpl
    def lints(self) -> Iterable[Lint]:
        return (Lint("original card", _lost_originals),)

    @hookimpl
    async def build_context(self, turn: Turn) -> list[Fragment]:
        prompt = self.config(turn).depth_prompt
        if prompt is None:
            return []
        names = {"char": turn.character.name, "user": speakers_of(turn).label(message_line(turn))}
        text = _NAMES.sub(lambda found: names[found[1].lower()], prompt.text)
        role = Role(prompt.role)
        return [Fragment("depth prompt", text, Slot.HISTORY, role=role, depth=prompt.depth, priority=85)]


def _lost_originals(pack: Pack) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for index, character in enumerate(pack.characters):
        settings = character.plugin_settings.get("cards")
        named = settings.original if isinstance(settings, CardConfig) else ""
        if named and not (pack.folder / named).is_file():
            text = f"{named!r} isn't there, so that `tzurot export` can't restore the card. Put it back."
            yield ("characters", index, "plugins", "cards", "original"), text

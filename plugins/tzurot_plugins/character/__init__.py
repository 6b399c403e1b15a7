"""The plugin ``character``: puts the character into the prompt, and keeps the prompt out of its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tzurot import Drop, Fragment, Lint, Manifest, Plugin, Reply, Turn, hookimpl
from tzurot.prompt.attribution import message_line, speakers_of
from tzurot_plugins.character.apology import apology
from tzurot_plugins.character.cleaning import own_words
from tzurot_plugins.character.config import CharacterConfig
from tzurot_plugins.character.lints import LINTS
from tzurot_plugins.character.placeholders import fill
from tzurot_plugins.character.portrait import portrait


class CharacterPlugin(Plugin[CharacterConfig]):
    """Puts the character into the prompt, keeps its replies in its own voice, and apologises in its words."""

    manifest = Manifest(name="character", summary="puts the character into the prompt and keeps its voice")

    @hookimpl
    def lints(self) -> Iterable[Lint]:
        return LINTS

    @hookimpl
    async def build_context(self, turn: Turn) -> Iterable[Fragment]:
        user = speakers_of(turn).label(message_line(turn))
        return portrait(turn.character, user, self.config(turn))

    @hookimpl
    async def edit_reply(self, turn: Turn, reply: Reply) -> Reply | Drop | None:
        if reply.notice:
            return None
        speakers = speakers_of(turn)
        others = None
        if not self.config(turn).speaks_for_others:
            own = f"character:{turn.character.key}"
            others = [label for who, label in speakers.labels.items() if who != own]
        text = own_words(reply.text, turn.character.names, others)
        text = fill(text, turn.character.name, speakers.label(message_line(turn)))
        if not text:
            return Drop("the model wrote nothing but labels and tags")
        return replace(reply, text=text) if text != reply.text else None

    @hookimpl(trylast=True)
    async def turn_failed(self, turn: Turn, error: Exception) -> Reply:
        return apology(turn.character, error)

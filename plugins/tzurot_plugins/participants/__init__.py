"""The plugin ``participants``: who is here, under names that can't pass for anybody else's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tzurot import Author, AuthorKind, Fragment, Manifest, Message, Persona, Plugin, Turn, hookimpl
from tzurot.prompt.names import NOBODY, clean_name
from tzurot_plugins.participants.config import ParticipantsConfig
from tzurot_plugins.participants.scene import scene


class Participants(Plugin[ParticipantsConfig]):
    """Cleans the names of people, and tells the character who is here."""

    manifest = Manifest(name="participants", summary="tells the character who is here, safely by id")

    @hookimpl(tryfirst=True)
    async def ingress(self, message: Message) -> Message | None:
        author = _clean(message.author)
        quoted = message.reply_to
        if quoted is not None and quoted.author is not None:
            quoted = replace(quoted, author=_clean(quoted.author))
        if author == message.author and quoted == message.reply_to:
            return None
        return replace(message, author=author, reply_to=quoted)

    @hookimpl(trylast=True)
    async def persona(self, turn: Turn) -> Persona:
        author = turn.message.author
        name = clean_name(author.shown) or NOBODY
        return Persona(author.id, name, avatar=author.avatar, source="participants: the name on the platform")

    @hookimpl
    async def build_context(self, turn: Turn) -> Iterable[Fragment]:
        return scene(turn, self.kit.shelf(), self.config(turn))


def _clean(author: Author) -> Author:
    if author.kind is AuthorKind.CHARACTER:
        return author
    name, display = clean_name(author.name), clean_name(author.display)
    return replace(author, name=name or NOBODY, display=display)

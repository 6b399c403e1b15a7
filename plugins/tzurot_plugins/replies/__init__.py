"""Who speaks: the character whose message is replied to."""

from __future__ import annotations

from collections.abc import Sequence

from tzurot import AuthorKind, Casting, Manifest, Message, NoConfig, Plugin, hookimpl


class Replies(Plugin[NoConfig]):
    """Casts the character that a message replies to."""

    manifest = Manifest(
        name="replies", summary="characters answer replies to what they said", after=("mentions",)
    )

    @hookimpl
    async def cast(self, message: Message) -> Sequence[Casting] | None:
        quoted = message.reply_to
        if quoted is None or quoted.character is None or message.author.kind is AuthorKind.CHARACTER:
            return None
        character = self.kit.shelf().character(quoted.character)
        return [Casting(character, "replied to")] if character else None

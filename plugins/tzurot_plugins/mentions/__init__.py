"""Who speaks: the characters that a message calls by `@Name`."""

from __future__ import annotations

from collections.abc import Sequence

from tzurot import AuthorKind, Casting, Kit, Manifest, Message, NoConfig, Plugin, Shelf, hookimpl
from tzurot_plugins.mentions.roll import Roll


class Mentions(Plugin[NoConfig]):
    """Casts every character that is mentioned, in the order of the message."""

    manifest = Manifest(name="mentions", summary="characters answer when a message says @Name")

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._shelf: Shelf | None = None
        self._roll = Roll(())

    @hookimpl
    async def cast(self, message: Message) -> Sequence[Casting] | None:
        if "@" not in message.text or message.author.kind is AuthorKind.CHARACTER:
            return None
        shelf = self.kit.shelf()
        if shelf is not self._shelf:
            self._roll, self._shelf = Roll(shelf.characters()), shelf
        called = self._roll.called(message.text)
        return [Casting(character, f"mentioned as @{name}") for name, character in called.items()] or None

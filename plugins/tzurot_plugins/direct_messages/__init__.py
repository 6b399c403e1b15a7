"""Who speaks when the bot itself is addressed: in direct messages, and where it is mentioned."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from tzurot import (
    AuthorKind,
    Casting,
    Character,
    Kit,
    Manifest,
    Message,
    NoConfig,
    PlaceKind,
    Plugin,
    TurnResult,
    hookimpl,
)
from tzurot_plugins.direct_messages.config import DirectMessagesSettings

REMEMBERED = 10_000
"""Direct conversations whose last speaker is kept in mind."""


class DirectMessages(Plugin[NoConfig]):
    """Goes on with the character that spoke last in a direct conversation; else takes the default one."""

    manifest = Manifest(
        name="direct_messages",
        summary="characters answer direct messages, and mentions of the bot itself",
        after=("mentions", "replies"),
        operator=DirectMessagesSettings,
    )

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._settings = self.operator(DirectMessagesSettings)
        self._last: OrderedDict[str, str] = OrderedDict()

    @hookimpl
    async def cast(self, message: Message) -> Sequence[Casting] | None:
        direct = message.place.kind is PlaceKind.DIRECT
        if message.author.kind is AuthorKind.CHARACTER or not (direct or message.to_bot):
            return None
        if direct and (last := self._last.get(message.place.conversation)):
            character = self.kit.shelf().character(last)
            if character is not None:
                return [Casting(character, "spoke last here")]
        default = self._default()
        return [Casting(default, "the default character")] if default else None

    @hookimpl
    async def after_turn(self, result: TurnResult) -> None:
        turn = result.turn
        if turn.place.kind is not PlaceKind.DIRECT or not result.sent:
            return
        self._last[turn.place.conversation] = turn.character.key
        self._last.move_to_end(turn.place.conversation)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)

    def _default(self) -> Character | None:
        shelf, wanted = self.kit.shelf(), self._settings.default_character
        if wanted:
            character = shelf.character(wanted)
            if character is not None:
                return character
            self.kit.log.warning(
                "The default character %r is in no pack. Set TZUROT_DEFAULT_CHARACTER to one that is.", wanted
            )
        return next(iter(shelf.characters()), None)

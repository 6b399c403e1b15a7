"""Who speaks when the bot itself is addressed: in direct messages, and where it is mentioned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tzurot import (
    AuthorKind,
    Casting,
    Character,
    Exported,
    Forget,
    Forgotten,
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
from tzurot_plugins.direct_messages.speakers import Speakers


class DirectMessages(Plugin[NoConfig]):
    """Goes on with the character that spoke last in a direct conversation; else takes the default one."""

    manifest = Manifest(
        name="direct_messages",
        summary="characters answer direct messages, and mentions of the bot itself",
        after=("mentions", "replies"),
        models="tzurot_plugins.direct_messages.models",
        migrations="tzurot_plugins.direct_messages.migrations",
        operator=DirectMessagesSettings,
    )

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._settings = self.operator(DirectMessagesSettings)
        self._speakers = Speakers(kit.log)

    @hookimpl
    async def cast(self, message: Message) -> Sequence[Casting] | None:
        direct = message.place.kind is PlaceKind.DIRECT
        if message.author.kind is AuthorKind.CHARACTER or not (direct or message.to_bot):
            return None
        if direct and (last := await self._speakers.last(message.place.conversation)):
            character = self.kit.shelf().character(last)
            if character is not None:
                return [Casting(character, "spoke last here")]
        default = self._default()
        return [Casting(default, "the default character")] if default else None

    @hookimpl
    async def after_turn(self, result: TurnResult) -> None:
        turn = result.turn
        if turn.place.kind is PlaceKind.DIRECT and result.sent:
            conversation, author = turn.place.conversation, turn.message.author.id
            await self._speakers.spoke(conversation, turn.character.key, author)

    @hookimpl
    async def forget_user(self, forget: Forget) -> Iterable[Forgotten] | None:
        if forget.guild is not None:
            return None
        return [Forgotten("last speakers", await self._speakers.forget(forget.user_id))]

    @hookimpl
    async def export_user(self, user_id: str) -> Iterable[Exported] | None:
        return [Exported("last speakers", await self._speakers.of_user(user_id))]

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

"""The Discord platform: characters hear, type and speak in channels, threads and direct messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from tzurot import (
    CallTurn,
    Finding,
    Kit,
    Manifest,
    NoConfig,
    Outbound,
    PlaceKind,
    Plugin,
    Reply,
    Sent,
    Turn,
    TurnResult,
    hookimpl,
)
from tzurot_plugins.discord.channels import PLATFORM
from tzurot_plugins.discord.chunking import LIMIT, chunk, width
from tzurot_plugins.discord.config import DiscordSettings
from tzurot_plugins.discord.errors import DiscordError
from tzurot_plugins.discord.names import prefix, presented

if TYPE_CHECKING:
    # These bring aiohttp and nonebot, which a talk in the terminal does not need.
    from tzurot_plugins.discord.connection import Connection


class Discord(Plugin[NoConfig]):
    """Carries messages between Discord and the kernel; who answers, and what, others decide."""

    manifest = Manifest(
        name="discord",
        summary="characters in Discord, with their own names and faces",
        operator=DiscordSettings,
        required=True,
    )

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._settings = self.operator(DiscordSettings)
        self._connection: Connection | None = None
        self._open = AsyncExitStack()

    @hookimpl
    async def start(self) -> None:
        if self._settings.token is None:
            return
        from tzurot_plugins.discord.connection import Connection

        token = self._settings.token.get_secret_value()
        self._connection = await self._open.enter_async_context(
            Connection.open(self._settings, token, self.kit, self._named)
        )

    @hookimpl
    async def stop(self) -> None:
        self._connection = None
        await self._open.aclose()

    @hookimpl
    async def serve(self) -> None:
        if self._connection is None:
            raise DiscordError("Discord is not configured. Set DISCORD_TOKEN; `tzurot doctor` says how.")
        await self._connection.listen()

    @hookimpl
    async def doctor(self) -> Iterable[Finding] | None:
        from tzurot_plugins.discord.connection import open_session
        from tzurot_plugins.discord.examination import examine

        async with open_session() as session:
            return [finding async for finding in examine(self._settings, session)]

    @hookimpl
    async def around_turn(self, turn: Turn, call_next: CallTurn) -> TurnResult:
        if self._connection is None or turn.place.platform != PLATFORM:
            return await call_next()
        with self._connection.typing.shown(turn.place):
            return await call_next()

    @hookimpl
    async def chunk(self, turn: Turn, reply: Reply) -> Sequence[Outbound] | None:
        if turn.place.platform != PLATFORM:
            return None
        direct = turn.place.kind is PlaceKind.DIRECT
        room = LIMIT - width(prefix(turn.character.name)) if direct else LIMIT
        pieces = chunk(reply.text, room)
        return [
            Outbound(turn.place, turn.character, text, turn.message.id, index, len(pieces))
            for index, text in enumerate(pieces)
        ]

    @hookimpl
    async def deliver(self, turn: Turn, outbound: Outbound) -> Sent | None:
        if outbound.place.platform != PLATFORM:
            return None
        if self._connection is None:
            raise DiscordError("Discord is not configured. Set DISCORD_TOKEN; `tzurot doctor` says how.")
        return await self._connection.delivery.deliver(outbound, turn.message.id)

    def _named(self, name: str) -> str | None:
        """The key of the character who bears ``name`` in Discord."""
        for character in self.kit.shelf().characters():
            if name in (character.name, presented(character.name), prefix(character.name)[2:-4]):
                return character.key
        return None

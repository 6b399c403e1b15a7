"""The plugin ``terminal``: talking with characters on the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from tzurot import (
    CallGenerate,
    Casting,
    Character,
    Delta,
    Kit,
    Manifest,
    Message,
    NoConfig,
    Outbound,
    Plugin,
    Request,
    Sent,
    Turn,
    hookimpl,
)

if TYPE_CHECKING:
    from tzurot import ShelfChange
    from tzurot_plugins.terminal.seat import Seat

PLATFORM = "terminal"


async def _shown(seat: Seat, character: Character, stream: AsyncIterator[Delta]) -> AsyncIterator[Delta]:
    """``stream``, shown on the screen as it comes in."""
    async with aclosing(stream) as deltas:  # type: ignore[type-var]  # dispatch gives generators
        async for delta in deltas:
            seat.screen.delta(character, delta)
            yield delta


class Terminal(Plugin[NoConfig]):
    """The platform of whoever sits at the keyboard; ``seat`` is set by the command ``chat``."""

    manifest = Manifest(name=PLATFORM, summary="talking with characters on the command line", required=True)

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.seat: Seat | None = None

    @hookimpl
    def cli(self) -> Iterable[click.Command]:
        # Imported late: `tzurot run` and --help need none of the libraries that draw.
        from tzurot_plugins.terminal.command import chat

        return (chat,)

    @hookimpl
    async def cast(self, message: Message) -> Sequence[Casting] | None:
        if message.place.platform != PLATFORM or self.seat is None:
            return None
        character = self.kit.shelf().character(self.seat.character)
        return () if character is None else (Casting(character, "selected in the terminal"),)

    @hookimpl(tryfirst=True)
    async def edit_request(self, turn: Turn, request: Request) -> Request | None:
        if turn.place.platform != PLATFORM or self.seat is None or self.seat.model is None:
            return None
        return replace(request, model=self.seat.model)

    @hookimpl(tryfirst=True)
    def around_generate(self, turn: Turn, request: Request, call_next: CallGenerate) -> AsyncIterator[Delta]:
        if self.seat is None or turn.place.platform != PLATFORM:
            return call_next(request)
        return _shown(self.seat, turn.character, call_next(request))

    @hookimpl
    async def deliver(self, turn: Turn, outbound: Outbound) -> Sent | None:
        if outbound.place.platform != PLATFORM:
            return None
        if self.seat is not None:
            self.seat.screen.said(outbound.character, outbound.text)
        return Sent(f"{turn.id}:{outbound.index}", outbound.place)

    @hookimpl
    async def packs_changed(self, change: ShelfChange) -> None:
        from tzurot_plugins.terminal.news import news

        if self.seat is not None:
            for good, line in news(change, self.seat.character):
                (self.seat.screen.notice if good else self.seat.screen.complaint)(line)

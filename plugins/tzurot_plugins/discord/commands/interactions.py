"""Answers interactions: acknowledged at once, carried out, and said in as many messages as it takes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tzurot import TzurotError
from tzurot.tasks import Tasks
from tzurot_plugins.discord.channels import Channels
from tzurot_plugins.discord.chunking import chunk
from tzurot_plugins.discord.commands.reading import AUTOCOMPLETE, COMMAND, Use, read
from tzurot_plugins.discord.commands.registration import Registration
from tzurot_plugins.discord.delivery import NOBODY
from tzurot_plugins.discord.errors import ALREADY_ACKNOWLEDGED, DiscordError, Refused
from tzurot_plugins.discord.gateway.protocol import Dispatch
from tzurot_plugins.discord.memory import Bounded
from tzurot_plugins.discord.rest.egress import Egress

if TYPE_CHECKING:
    from tzurot.controls import Controls

ACKNOWLEDGE_SECONDS = 3.0
"""Discord forgets an interaction that nobody has acknowledged by then."""
DEFERRED, CHOICES = 5, 8
EPHEMERAL = 64
MOST_MESSAGES = 10
REMEMBERED = 1000
"""Interactions that are known to have been taken."""
CHOICE_WIDTH = 100


class Interactions:
    """Takes interactions past the queue of events: what waits there must not cost them their 3 seconds."""

    def __init__(
        self,
        egress: Egress,
        channels: Channels,
        controls: Callable[[], Controls],
        log: logging.Logger,
    ) -> None:
        self._egress, self._channels, self._controls, self._log = egress, channels, controls, log
        self._registration = Registration(egress, lambda: controls().commands, log)
        self._taken: Bounded[bool] = Bounded(REMEMBERED)
        self._tasks = Tasks()

    def take(self, dispatch: Dispatch) -> bool:
        """Whether this event is dealt with here, and nowhere else."""
        data = dispatch.data
        if dispatch.type == "READY":
            application = (data.get("application") or {}).get("id") or (data.get("user") or {}).get("id")
            self._tasks.spawn(
                self._registration.bring_up_to_date(str(application)), "register commands with Discord"
            )
            return False
        if dispatch.type != "INTERACTION_CREATE":
            return False
        interaction = str(data.get("id"))
        if data.get("type") in (COMMAND, AUTOCOMPLETE) and interaction not in self._taken:
            self._taken.put(interaction, True)  # after a resume Discord may tell of it again
            self._tasks.spawn(self._deal(data), "an interaction")
        return True

    async def close(self, seconds: float) -> None:
        """Give answers that are under way a moment."""
        await self._tasks.drain(seconds)

    async def _deal(self, data: dict[str, Any]) -> None:
        use = read(data, self._channels, self._registration.owners)
        await (self._answer(use) if data["type"] == COMMAND else self._suggest(use))

    async def _answer(self, use: Use) -> None:
        controls = self._controls()
        try:
            flags = EPHEMERAL if controls.find(use.path).private else 0
        except TzurotError:
            flags = EPHEMERAL
        body = {"type": DEFERRED, "data": {"flags": flags}}
        if not await self._acknowledge(use, body):
            return
        try:
            text = await controls.run(use.path, use.invocation)
        except TzurotError as error:
            text = str(error)
        except Exception:  # noqa: BLE001  # whoever asked must not wait for ever
            self._log.exception("%r failed", use)
            text = "That failed. The bot's operator finds more in its log."
        try:
            await self._say(use, text, flags)
        except DiscordError as error:
            self._log.warning("The answer to %r did not arrive: %s", use, error)

    async def _suggest(self, use: Use) -> None:
        found = await self._controls().complete(use.path, use.focused, use.invocation)
        choices = [{"name": each, "value": each} for each in found if 1 <= len(each) <= CHOICE_WIDTH]
        await self._acknowledge(use, {"type": CHOICES, "data": {"choices": choices}})

    async def _acknowledge(self, use: Use, body: dict[str, Any]) -> bool:
        """Whether Discord still holds the interaction open; without that nothing is carried out."""
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                await self._egress.ask("POST", use.callback, body, authorised=False, repeatable=True)
        except Refused as refused:
            if refused.code == ALREADY_ACKNOWLEDGED:  # by ourselves: the answer to it was lost
                return True
            self._log.warning("%r was not acknowledged, and not carried out: %s", use, refused)
            return False
        except (DiscordError, TimeoutError) as error:
            why = str(error) or f"it took longer than {ACKNOWLEDGE_SECONDS:g} s"
            self._log.warning("%r was not acknowledged, and not carried out: %s", use, why)
            return False
        return True

    async def _say(self, use: Use, text: str, flags: int) -> None:
        first, *more = chunk(text) or ["Done."]
        if len(more) >= MOST_MESSAGES:
            more = [*more[: MOST_MESSAGES - 2], "… and more than fits here."]
        body: dict[str, Any] = {"content": first, "allowed_mentions": NOBODY}
        await self._egress.ask("PATCH", f"{use.webhook}/messages/@original", body, authorised=False)
        for piece in more:
            body = {"content": piece, "allowed_mentions": NOBODY, "flags": flags}
            await self._egress.ask("POST", use.webhook, body, authorised=False)

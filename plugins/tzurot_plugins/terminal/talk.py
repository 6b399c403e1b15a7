"""Says things to the instance, and tells what became of them."""

from __future__ import annotations

import logging

from tzurot import Casting, Character, Outcome, ServiceKey, Trace
from tzurot.app import App
from tzurot_plugins.terminal.choose import NobodyThere, named
from tzurot_plugins.terminal.seat import Seat

log = logging.getLogger("tzurot.plugin.terminal")


class Talk:
    """The conversation of one seat."""

    def __init__(self, app: App, seat: Seat) -> None:
        self.app = app
        self.seat = seat

    @property
    def character(self) -> Character:
        """Who is talked with, as the packs are now.

        Raises:
            NobodyThere: the pack is gone.
        """
        return named(self.app.shelf, self.seat.character)

    @property
    def trace(self) -> Trace | None:
        """The trace of the latest turn."""
        return self.app.traces.latest(self.seat.place.conversation)

    async def say(self, text: str) -> Outcome:
        """Say ``text``; the screen shows the answer as it comes, the outcome tells how it ended."""
        try:
            character = self.character
        except NobodyThere as error:
            return Outcome(unanswered=str(error))
        screen = self.seat.screen
        screen.waiting(character)
        try:
            return await self.app.receive(self.seat.message(text, self.app.clock.now()))
        finally:
            screen.rest()

    def stop(self) -> bool:
        """Stop the answer that is under way; whether there was one."""
        return self.app.cancel(self.seat.place.conversation)

    async def warm(self) -> None:
        """Have whoever will answer get ready, while the person still types; a failure shows later anyway.

        A backend that wants this offers a service called ``<plugin>.warm``.
        """
        message = self.seat.message("Hello.", self.app.clock.now())
        turn = await self.app.preview(message, Casting(self.character, "getting ready"))
        request = turn.trace.request
        for backend in turn.active.of("generate"):
            stream = backend.call((turn, request))
            if stream is None:
                continue
            # Only asked whether it would answer: nothing has been started.
            await stream.aclose()
            ready = self.app.contributions.services.find(ServiceKey[object](f"{backend.plugin}.warm"))
            if callable(ready):
                await ready(turn, request)
            return


def failures(outcome: Outcome) -> list[str]:
    """Why there was no answer, or not from everyone; empty when all is well."""
    if outcome.unanswered is not None:
        return [outcome.unanswered]
    said = []
    for result in outcome.results:
        if result.error is not None:
            said.append(str(result.error))
        elif result.reply is None:
            said.append(result.turn.trace.unanswered or "there was no answer")
    return said or ([] if outcome.results else ["nobody answered"])

"""From a message to its replies: who answers, in which order, and what a turn carries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from tzurot import (
    Casting,
    Delta,
    Manifest,
    Message,
    NoConfig,
    Outbound,
    Persona,
    Plugin,
    Reply,
    Request,
    Sent,
    StashKey,
    Turn,
    hookimpl,
)
from tzurot.testing.stage import Stage
from tzurot.turns.pipeline import MOST_SPEAKERS

WORD = StashKey[str]("word")
OTHER = StashKey[str]("word")


class Director(Plugin[NoConfig]):
    """Casts the whole pack many times over."""

    manifest = Manifest(name="director", summary="casts everybody")

    @hookimpl
    async def cast(self, message: Message) -> Sequence[Casting] | None:
        everybody = list(self.kit.shelf().characters())
        return [Casting(character, "all of you") for character in everybody * 20]


async def test_a_message_costs_no_more_turns_than_the_bound_whatever_is_cast():
    async with Stage.of(Director) as stage:
        assert len(await stage.say("everybody!")) == MOST_SPEAKERS


async def test_the_stash_keeps_what_plugins_put_on_a_turn_apart():
    class Writer(Plugin[NoConfig]):
        manifest = Manifest(name="writer", summary="stashes a word")

        @hookimpl
        async def persona(self, turn: Turn) -> Persona | None:
            turn.stash[WORD] = f"a word for {turn.character.name}"
            return None

        @hookimpl
        async def edit_reply(self, turn: Turn, reply: Reply) -> Reply:
            assert turn.stash.get(OTHER) is None
            assert turn.stash.get(OTHER, "none") == "none"
            return Reply(turn.stash[WORD])

    async with Stage.of(Writer) as stage:
        assert await stage.say("Mara and Tam!") == ["a word for Mara", "a word for Tam"]


async def test_an_ingress_that_rewrites_is_what_everybody_after_it_sees():
    class Translator(Plugin[NoConfig]):
        manifest = Manifest(name="translator", summary="translates")

        @hookimpl
        async def ingress(self, message: Message) -> Message:
            return replace(message, text=message.text.replace("Leuchtturm", "lighthouse"))

    async with Stage.of(Translator) as stage:
        await stage.say("Tam, where is the Leuchtturm?")
        assert stage.platform.sent[0].character.name == "Tam"
        assert stage.model.requests[-1].messages[-1].content.endswith("where is the lighthouse?")


async def test_a_reply_that_fails_on_its_way_out_is_not_said_twice():
    class Pipe(Plugin[NoConfig]):
        manifest = Manifest(name="pipe", summary="breaks after the first piece")

        @hookimpl
        async def chunk(self, turn: Turn, reply: Reply) -> Sequence[Outbound]:
            return [Outbound(turn.place, turn.character, word) for word in reply.text.split()]

        @hookimpl(tryfirst=True)
        async def deliver(self, turn: Turn, outbound: Outbound) -> Sent | None:
            if outbound.text == "hear":
                raise ConnectionError("the line is cut")
            return None

        @hookimpl
        async def turn_failed(self, turn: Turn, error: Exception) -> Reply:
            return Reply("Sorry.")

    async with Stage.of(Pipe) as stage:
        outcome = await stage.hear(stage.message("hello"))
        assert [o.text for o in stage.platform.sent] == ["I"]
        assert "the line is cut" in str(outcome.results[0].error)


async def test_a_preview_sends_nothing_and_answers_nobody():
    async with Stage.of() as stage:
        message = stage.message("hello")
        character = next(iter(stage.app.shelf.characters()))
        turn = await stage.app.preview(message, Casting(character, "asked for"))
        assert turn.trace.request is not None
        assert "hello" in turn.trace.request.messages[-1].content
        assert (stage.model.requests, stage.platform.sent) == ([], [])


async def test_a_mistake_of_our_own_ends_one_turn_with_an_apology_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
):
    class Excuse(Plugin[NoConfig]):
        manifest = Manifest(name="excuse", summary="apologises")

        @hookimpl
        async def turn_failed(self, turn: Turn, error: Exception) -> Reply:
            return Reply(turn.character.error_line)

    async with Stage.of(Excuse) as stage:

        def mistake(*_: object) -> Request:
            raise ZeroDivisionError("ours")

        with monkeypatch.context() as patch:
            patch.setattr(stage.app.preparation, "assemble", mistake)
            assert await stage.say("hello") == ["The lamp went out for a moment."]
        assert await stage.say("hello") == ["I hear you."]


async def test_a_switch_in_the_middle_of_a_turn_touches_the_next_one_only():
    class Slow(Plugin[NoConfig]):
        manifest = Manifest(name="slow", summary="takes its time")
        begun: asyncio.Event
        go: asyncio.Event

        @hookimpl
        async def start(self) -> None:
            self.begun, self.go = asyncio.Event(), asyncio.Event()

        @hookimpl(tryfirst=True)
        def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta] | None:
            return self._speak()

        async def _speak(self) -> AsyncIterator[Delta]:
            self.begun.set()
            await self.go.wait()
            yield Delta("Slowly.")

        @hookimpl
        async def edit_reply(self, turn: Turn, reply: Reply) -> Reply:
            return Reply(f"{reply.text} Indeed.")

    async with Stage.of(Slow) as stage:
        slow = stage.app.registry.plugins["slow"]
        assert isinstance(slow, Slow)
        outcome = stage.app.receive(stage.message("hello"))
        async with asyncio.timeout(20):
            await slow.begun.wait()
            await stage.app.preparation.stored.switch(stage.owner("home"), "slow", False)
            slow.go.set()
            await outcome
        assert [o.text for o in stage.platform.sent] == ["Slowly. Indeed."]
        assert await stage.say("hello") == ["I hear you."]

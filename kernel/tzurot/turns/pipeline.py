"""From a message to its replies: the one place that knows the order of the hooks.

ingress → gate → cast → per speaker: persona, history → build_context → (assembly) → edit_request
→ around_generate(generate) → edit_reply → chunk → deliver → after_turn
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tzurot.errors import TzurotError
from tzurot.hooks.dispatch import Dispatcher, From, HookFailed
from tzurot.hooks.nesting import around_generate, around_turn, speak
from tzurot.observe.trace import Trace, Traces, current_trace
from tzurot.payloads.decisions import Casting, Persona
from tzurot.payloads.delivery import Outbound, Reply, Sent
from tzurot.payloads.generation import Category, GenerationError, Request
from tzurot.payloads.message import Message
from tzurot.plugin import Plugin
from tzurot.turns.generation import gather
from tzurot.turns.preparation import Preparation
from tzurot.turns.result import Outcome, TurnResult
from tzurot.turns.turn import Turn

log = logging.getLogger("tzurot.turns")

MOST_SPEAKERS = 10
"""Turns of one message; a bound on what a message can cost, whatever a plugin casts."""


class Unanswered(Exception):
    """A message gets no answer; the text says why."""


@dataclass(slots=True)
class _Place:
    """A turn's place in the order of delivery: wait for the one before, let the next one go."""

    before: asyncio.Event
    mine: asyncio.Event


class Pipeline:
    """Handles one message at a time per conversation; the inbox sees to that.

    ``turn_seconds`` bounds a whole turn.
    """

    def __init__(
        self, dispatcher: Dispatcher, preparation: Preparation, traces: Traces, turn_seconds: float = 300.0
    ) -> None:
        self._dispatcher = dispatcher
        self._preparation = preparation
        self._traces = traces
        self._turn_seconds = turn_seconds

    async def handle(self, message: Message) -> Outcome:
        """Take ``message`` through all stages; a failure of one speaker leaves the others alone."""
        trace = Trace(message.id, message.place.conversation)
        mark = current_trace.set(trace)
        try:
            message, castings = await self._decide(message)
        except Unanswered as reason:
            trace.unanswered = str(reason)
            self._finish(trace)
            return Outcome(unanswered=trace.unanswered)
        finally:
            current_trace.reset(mark)
        turns = [await self._open(message, casting, trace) for casting in castings]
        return Outcome(results=tuple(await self._answer_all(turns)))

    def pass_over(self, message: Message, reason: str) -> None:
        """Trace and log a message that is not answered, for a reason that lies outside the pipeline."""
        trace = Trace(message.id, message.place.conversation, unanswered=reason)
        self._finish(trace)

    async def preview(self, message: Message, casting: Casting) -> Turn:
        """A turn up to its request, with nothing sent to any model: ``turn.trace.request``."""
        turn = await self._open(message, casting, Trace(message.id, message.place.conversation))
        mark = current_trace.set(turn.trace)
        try:
            await self._prepare(turn)
        finally:
            current_trace.reset(mark)
        return turn

    async def _decide(self, message: Message) -> tuple[Message, Sequence[Casting]]:
        """Ingress, gate and cast.

        Raises:
            Unanswered: with the reason.
        """
        active = await self._preparation.active(message.place)
        seen = await self._dispatcher.fold(Plugin.ingress, active, message)
        if isinstance(seen, From):
            raise Unanswered(f"{seen.plugin}: {seen.value.reason}")
        try:
            verdict = await self._dispatcher.first(Plugin.gate, active, seen)
        except HookFailed as error:
            raise Unanswered(f"a check could not be made ({error})") from error
        if verdict is not None:
            raise Unanswered(f"{verdict.plugin}: {verdict.value.reason}")
        chosen = await self._dispatcher.first(Plugin.cast, active, seen)
        if chosen is None:
            raise Unanswered("no character was addressed")
        if not chosen.value:
            raise Unanswered(f"{chosen.plugin}: nobody shall speak")
        return seen, chosen.value[:MOST_SPEAKERS]

    async def _open(self, message: Message, casting: Casting, ingress: Trace) -> Turn:
        trace = Trace(
            message.id,
            ingress.conversation,
            casting.character.key,
            list(ingress.runs),
            started=ingress.started,
        )
        author = message.author
        return Turn(
            id=f"{message.place.platform}:{message.id}:{casting.character.key}",
            message=message,
            character=casting.character,
            why=casting.why,
            active=await self._preparation.active(message.place, casting.character),
            settings=await self._preparation.settings(message, casting.character),
            trace=trace,
            persona=Persona(author.id, author.shown, avatar=author.avatar, source="platform"),
        )

    async def _answer_all(self, turns: Sequence[Turn]) -> list[TurnResult]:
        """Generate side by side, deliver strictly in order."""
        if len(turns) == 1:
            return [await self._answer(turns[0], None)]
        gates = [asyncio.Event() for _ in range(len(turns) + 1)]
        gates[0].set()
        places = [_Place(gates[i], gates[i + 1]) for i in range(len(turns))]
        return list(await asyncio.gather(*(self._answer(t, p) for t, p in zip(turns, places, strict=True))))

    async def _answer(self, turn: Turn, place: _Place | None) -> TurnResult:
        """One turn with everything round it; never raises an ``Exception``."""
        current_trace.set(turn.trace)
        try:
            run = around_turn(self._dispatcher, turn, lambda: self._core(turn, place))
            limit = asyncio.timeout(self._turn_seconds)
            try:
                async with limit:
                    result = await run()
            except Exception as error:  # noqa: BLE001  # logged by _apologise
                late = f"the turn took longer than {self._turn_seconds:g} s"
                failure = GenerationError(Category.TIMEOUT, late) if limit.expired() else error
                result = await self._apologise(TurnResult(turn, error=failure), place)
        finally:
            if place is not None:
                place.mine.set()
        if result.error is not None:
            turn.trace.unanswered = str(result.error)
        elif not result.sent:
            turn.trace.unanswered = turn.trace.unanswered or "nothing was sent"
        self._finish(turn.trace)
        self._dispatcher.notify(Plugin.after_turn, turn.active, result)
        return result

    async def _core(self, turn: Turn, place: _Place | None) -> TurnResult:
        try:
            request = await self._prepare(turn)
            return await self._speak(turn, request, place)
        except Exception as error:  # noqa: BLE001  # logged by _apologise
            return await self._apologise(TurnResult(turn, turn.trace.request, error=error), place)

    async def _prepare(self, turn: Turn) -> Request:
        """Persona, history and context, assembled into the request that would be sent."""
        if (persona := await self._dispatcher.first(Plugin.persona, turn.active, turn)) is not None:
            turn.persona = persona.value
        history = await self._dispatcher.first(Plugin.history, turn.active, turn)
        turn.history = () if history is None else history.value
        fragments = await self._dispatcher.collect(Plugin.build_context, turn.active, turn)
        request = self._preparation.assemble(turn, fragments)
        edited = await self._dispatcher.fold(Plugin.edit_request, turn.active, request, turn)
        request = request if isinstance(edited, From) else edited
        turn.trace.request = request
        return request

    async def _speak(self, turn: Turn, request: Request, place: _Place | None) -> TurnResult:
        trace = turn.trace
        core = speak(self._dispatcher, turn)
        answer = await gather(around_generate(self._dispatcher, turn, core)(request), trace)
        trace.answer, trace.reasoning = answer.text, answer.reasoning
        trace.usage, trace.model = answer.usage, answer.model or request.model
        self._preparation.learn(turn, request, answer.usage)
        result = TurnResult(turn, request, usage=answer.usage, model=trace.model)
        reply = await self._dispatcher.fold(Plugin.edit_reply, turn.active, Reply(answer.text), turn)
        if isinstance(reply, From):
            trace.unanswered = f"{reply.plugin}: {reply.value.reason}"
            return result
        if not reply.text.strip():
            raise GenerationError(Category.EMPTY_RESPONSE, "Nothing of the model's answer could be shown.")
        return await self._deliver(result, reply, place)

    async def _deliver(self, result: TurnResult, reply: Reply, place: _Place | None) -> TurnResult:
        """Send ``reply`` chunk by chunk; what went out counts, even if the rest could not be sent.

        Raises:
            HookFailed: nothing of it could be sent.
        """
        turn = result.turn
        if place is not None:
            await place.before.wait()
        turn.trace.reply = reply.text
        cut = await self._dispatcher.first(Plugin.chunk, turn.active, turn, reply)
        whole = Outbound(turn.place, turn.character, reply.text, turn.message.id)
        sent: list[Sent] = []
        for outbound in (whole,) if cut is None else cut.value:
            try:
                receipt = await self._dispatcher.first(Plugin.deliver, turn.active, turn, outbound)
                if receipt is None:
                    raise HookFailed(f"no plugin delivers to {turn.place.platform!r}")
            except HookFailed as error:
                if not sent:
                    raise
                log.warning("only %d chunks of turn %s were sent: %s", len(sent), turn.id, error)
                return replace(result, reply=reply, sent=tuple(sent), error=error)
            sent.append(receipt.value)
            turn.trace.sent.append(receipt.value.message_id)
        return replace(result, reply=reply, sent=tuple(sent))

    async def _apologise(self, result: TurnResult, place: _Place | None) -> TurnResult:
        """Say that it failed in the character's words, unless part of a reply went out already."""
        turn, error = result.turn, result.error or RuntimeError("nothing was said")
        # An error that is for people says enough; of any other its author wants to know where.
        where = None if isinstance(error, TzurotError) else error
        log.warning(
            "%s did not answer message %s: %s", turn.character.key, turn.message.id, error, exc_info=where
        )
        if turn.trace.sent:
            return result
        words = await self._dispatcher.first(Plugin.turn_failed, turn.active, turn, error)
        if words is None:
            return result
        try:
            return await self._deliver(result, replace(words.value, notice=True), place)
        except HookFailed as second:
            log.warning("the error of turn %s could not be said either: %s", turn.id, second)
            return result

    def _finish(self, trace: Trace) -> None:
        trace.close()
        self._traces.add(trace)
        if trace.unanswered is None:
            log.info(
                "answered message=%s conversation=%s character=%s model=%s seconds=%.3f sent=%d",
                trace.message_id,
                trace.conversation,
                trace.character,
                trace.model,
                trace.seconds,
                len(trace.sent),
            )
        else:
            log.info(
                "unanswered message=%s conversation=%s character=%s reason=%s",
                trace.message_id,
                trace.conversation,
                trace.character,
                " ".join(trace.unanswered.split()),
            )

"""What a turn is prepared from: the active set of its place, its settings, its request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tzurot.hooks.active import ActiveSet
from tzurot.hooks.dispatch import From
from tzurot.hooks.registry import Registry
from tzurot.packs.compiled import Character
from tzurot.payloads.context import Fragment
from tzurot.payloads.contributions import Tokenizer
from tzurot.payloads.generation import JsonValue, Request, Usage
from tzurot.payloads.message import Message, Place
from tzurot.prompt.assemble import Conversation, assemble
from tzurot.prompt.budget import Budget
from tzurot.prompt.tokens import TokenCounters
from tzurot.settings.behaviour import MAX_MESSAGES
from tzurot.settings.cascade import Resolved, resolve
from tzurot.settings.layers import Layer, Problem
from tzurot.settings.model_parameters import CONTEXT_WINDOW_TOKENS, MAX_TOKENS, MODEL
from tzurot.settings.registry import CORE
from tzurot.settings.scopes import Scope
from tzurot.turns.stored import Owner, Stored, guild_of, owners
from tzurot.turns.switchboard import enabled
from tzurot.turns.turn import Turn

UNKNOWN_ANSWER = 1024
"""Tokens that are kept free for an answer whose length nobody limits."""
UNKNOWN_WINDOW = 8192
"""Tokens that are assumed of a model whose window nobody knows; ``context_window_tokens`` says better."""


def owners_of(place: Place) -> list[Owner]:
    """Whose switches and settings count in a place, whoever is there: guild, channel, thread."""
    guild: list[Owner] = [(Scope.GUILD, guild_of(place))] if place.guild else []
    channel: list[Owner] = [(Scope.CHANNEL, f"{place.platform}:{place.channel}")]
    if place.thread:
        channel.append((Scope.CHANNEL, place.conversation))
    return [*guild, *channel]


class Preparation:
    """Knows the registry, the instance's settings, what is stored, and the token counters."""

    def __init__(
        self, registry: Registry, instance: Mapping[str, JsonValue], tokenizers: Sequence[Tokenizer]
    ) -> None:
        self._registry = registry
        self._instance = CORE.read(Scope.INSTANCE, "", dict(instance))
        self.stored = Stored()
        self.counters = TokenCounters(tokenizers)

    @property
    def complaints(self) -> tuple[Problem, ...]:
        """What is wrong with the instance's settings."""
        return self._instance.problems

    async def active(self, place: Place, character: Character | None = None) -> ActiveSet:
        """Which implementations run for this place, and for this character's pack."""
        switches = await self.stored.switches(owners_of(place))
        return enabled(self._registry, switches, character)

    async def settings(self, message: Message, character: Character) -> Resolved:
        """The settings that hold for this author, place and character."""
        return resolve(await self.layers(owners(message, character.key), character))

    async def layers(self, owners: Sequence[Owner], character: Character | None = None) -> list[Layer]:
        """What the instance, the character's pack and these owners set, lowest scope first."""
        layers = [self._instance]
        if character is not None:
            layers.append(CORE.read(Scope.CHARACTER, character.key, dict(character.settings)))
        return [*layers, *await self.stored.layers(owners)]

    def assemble(self, turn: Turn, fragments: Sequence[From[Fragment]]) -> Request:
        """The request for ``turn`` within its model's window.

        Raises:
            PromptTooLong: not even the message fits.
        """
        settings = turn.settings
        model = settings.value(MODEL)
        limits = (settings.value(CONTEXT_WINDOW_TOKENS), self.counters.window(model))
        window = min((limit for limit in limits if limit is not None), default=UNKNOWN_WINDOW)
        answer = settings.value(MAX_TOKENS) or UNKNOWN_ANSWER
        budget = Budget(window, answer, history_utterances=settings.value(MAX_MESSAGES))
        parameters = settings.parameters()
        if MAX_TOKENS.name in parameters:
            # Servers refuse an answer that would not fit the window any more.
            parameters[MAX_TOKENS.name] = budget.reserved
        return assemble(
            fragments,
            Conversation.of(turn),
            budget,
            self.counters.for_model(model),
            model=model,
            parameters=parameters,
        )

    def learn(self, turn: Turn, request: Request, usage: Usage | None) -> None:
        """Compare the count of a request's tokens with what its server says."""
        if usage is not None and usage.prompt:
            self.counters.observe(turn.settings.value(MODEL), request.report.used, usage.prompt)

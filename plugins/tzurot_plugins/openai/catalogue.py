"""What a server's list of models says: windows and supported parameters; cached, and never waited for."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from tzurot import JsonValue

if TYPE_CHECKING:
    from openai import AsyncOpenAI

log = logging.getLogger("tzurot.plugin.openai")

_MOST_MODELS = 5000
_FRESH_SECONDS = 8 * 3600.0
_PATIENCE_SECONDS = 20.0
_AFTER_FAILURE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Card:
    """A model: its window in tokens, and the parameters it supports, where the server says so."""

    id: str
    window: int | None = None
    supported: frozenset[str] | None = None


class Catalogue:
    """The models of one server. What is not known yet is ``None``, and is asked for in the background."""

    def __init__(
        self,
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.cards: dict[str, Card] = {}
        self._spawn = spawn
        self._now = now
        self._due = 0.0
        self._refreshing = asyncio.Lock()

    def card(self, model: str) -> Card | None:
        """What is known about ``model``; a variant such as ``:free`` may be listed under its plain name."""
        return self.cards.get(model) or self.cards.get(model.partition(":")[0])

    def supported(self, model: str) -> frozenset[str] | None:
        """The parameters that ``model`` supports, or ``None`` if nobody knows."""
        card = self.card(model)
        return card.supported if card else None

    def window(self, model: str) -> int | None:
        """The context window of ``model`` in tokens, or ``None`` if nobody knows."""
        card = self.card(model)
        return card.window if card else None

    def refresh_if_due(self, client: Callable[[], Coroutine[Any, Any, AsyncOpenAI]]) -> None:
        """Ask again in the background when what is known has aged."""
        if self._now() >= self._due and not self._refreshing.locked():
            self._due = self._now() + _AFTER_FAILURE_SECONDS
            self._spawn(self._refresh_quietly(client), "openai: list of models")

    async def _refresh_quietly(self, client: Callable[[], Coroutine[Any, Any, AsyncOpenAI]]) -> None:
        try:
            await self.refresh(await client())
        except Exception as error:  # noqa: BLE001  # models work without the list: all parameters are sent
            # The kind alone: a server may repeat the key in what it says.
            log.info("The list of models can't be had (%s); nothing else needs it.", type(error).__name__)

    async def refresh(self, client: AsyncOpenAI) -> None:
        """Ask the server for its models now.

        Raises:
            OpenAIError: it didn't answer, or refused.
            TimeoutError: it took too long.
            ValueError: it sent something else than a list of models.
        """
        async with self._refreshing, asyncio.timeout(_PATIENCE_SECONDS):
            listed: object = await client.get("/models", cast_to=object)
        self.cards = {card.id: card for card in _cards(cast(JsonValue, listed))}
        self._due = self._now() + _FRESH_SECONDS


def _cards(listed: JsonValue) -> list[Card]:
    models = listed.get("data", listed.get("models")) if isinstance(listed, dict) else listed
    if not isinstance(models, list):
        raise ValueError("expected a list of models")
    return [card for model in models[:_MOST_MODELS] if (card := _card(model)) is not None]


def _card(model: JsonValue) -> Card | None:
    if not isinstance(model, dict) or not isinstance(name := model.get("id"), str):
        return None
    supported = model.get("supported_parameters")
    named = frozenset(str(each) for each in supported) if isinstance(supported, list) else None
    return Card(name, _window(model), named)


def _window(model: dict[str, JsonValue]) -> int | None:
    meta = model.get("meta")
    places = (
        model.get("context_length"),  # OpenRouter
        model.get("max_model_len"),  # vLLM
        meta.get("n_ctx") if isinstance(meta, dict) else None,  # llama.cpp
    )
    return next((size for size in places if isinstance(size, int) and size > 0), None)

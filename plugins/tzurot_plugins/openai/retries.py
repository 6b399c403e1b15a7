"""Asks again when a failure may pass, and the fallback models after that; only before anything was said."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import cast

from tzurot import Category, Delta, Finish, GenerationError, Request

_MOST_HELD = 64_000
_FIRST_WAIT = 1.0
_LONGEST_BACKOFF = 10.0
Generate = Callable[[Request], AsyncIterator[Delta]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a model is asked, and how long is waited in between (seconds)."""

    attempts: int = 3
    longest_wait: float = 20.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random

    def wait(self, error: GenerationError, attempt: int) -> float | None:
        """How long to wait before the next attempt; ``None`` to give up on this model."""
        # An empty answer is paid for like a full one: one more chance, not more.
        most = min(2, self.attempts) if error.category is Category.EMPTY_RESPONSE else self.attempts
        if not error.transient or attempt >= most:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.longest_wait else None
        backoff = min(_FIRST_WAIT * 2.0 ** (attempt - 1), _LONGEST_BACKOFF, self.longest_wait)
        return backoff * (0.75 + 0.25 * self.chance())


@dataclass(slots=True)
class _Attempt:
    """One generation: thinking is held back until the answer begins, so that it can still be repeated."""

    begun: bool = False
    size: int = 0
    held: list[Delta] = field(default_factory=list)
    finish: Finish | None = None

    async def run(self, stream: AsyncIterator[Delta]) -> AsyncGenerator[Delta, None]:
        async with aclosing(cast("AsyncGenerator[Delta, None]", stream)) as deltas:
            async for delta in deltas:
                self.finish = delta.finish or self.finish
                if self.begun:
                    yield delta
                    continue
                self.held.append(delta)
                self.size += len(delta.reasoning)
                if delta.text.strip() or delta.tool is not None or self.size > _MOST_HELD:
                    self.begun = True
                    for waiting in self.held:
                        yield waiting
                    self.held.clear()
        if not self.begun:
            raise GenerationError(
                Category.EMPTY_RESPONSE, "The model answered with nothing. It is tried again."
            )


async def persist(
    request: Request,
    fallbacks: Sequence[str],
    generate: Generate,
    patience: Patience,
    log: logging.Logger,
) -> AsyncIterator[Delta]:
    """The deltas of the first attempt that gets as far as a first word.

    Raises:
        GenerationError: the last failure, when every attempt at every model failed, or the one that
            broke off an answer that had begun.
    """
    models = list(dict.fromkeys((request.model, *fallbacks)))
    for position, model in enumerate(models):
        begun = False
        asked = request if model == request.model else replace(request, model=model)
        try:
            async with aclosing(_insist(asked, generate, patience, log)) as deltas:
                async for delta in deltas:
                    begun = True
                    yield delta
            return
        except GenerationError as error:
            if begun or model == models[-1]:
                raise
            log.warning("%s: %s Next is %s.", model, error.message, models[position + 1])


async def _insist(
    request: Request, generate: Generate, patience: Patience, log: logging.Logger
) -> AsyncGenerator[Delta, None]:
    """The deltas of one model's first attempt that gets as far as a first word."""
    for number in itertools.count(1):
        attempt = _Attempt()
        try:
            async with aclosing(attempt.run(generate(request))) as deltas:
                async for delta in deltas:
                    yield delta
            return
        except GenerationError as error:
            wait = None if attempt.begun else patience.wait(error, number)
            if wait is None:
                raise
            log.info("%s: %s Asked again in %.1f s.", request.model, error.message, wait)
        await patience.sleep(wait)

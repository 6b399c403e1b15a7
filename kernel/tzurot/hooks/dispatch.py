"""Calls the hooks: each mode's way of running, with time-outs, isolation, attribution and a breaker.

pluggy is synchronous, so the kernel only takes the ordered implementations from it and runs them here.
Only ``Exception`` is caught: cancellation always passes. No time-out is held across a ``yield``.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from tzurot.errors import TzurotError
from tzurot.hooks.active import ActiveSet, Implementation
from tzurot.hooks.breaker import Breaker
from tzurot.hooks.markers import OnError, Policy, policy_of
from tzurot.hooks.timing import Late, within
from tzurot.observe.trace import HookRun, current_trace
from tzurot.payloads.decisions import Drop
from tzurot.plugin import Plugin
from tzurot.tasks import Tasks

log = logging.getLogger("tzurot.hooks")
current_plugin: ContextVar[str] = ContextVar("tzurot_plugin", default="kernel")
"""The plugin whose code is running: attributes logs and costs."""

P = ParamSpec("P")
T = TypeVar("T")
V = TypeVar("V")


class HookFailed(TzurotError):
    """An implementation failed where the hook's policy lets nothing slip."""


@dataclass(frozen=True, slots=True)
class From(Generic[T]):
    """A value, and the plugin that gave it."""

    plugin: str
    value: T


_FAILED = object()


class Dispatcher:
    """Runs hooks over an active set. Every outcome is traced and feeds the breaker."""

    def __init__(self, tasks: Tasks, breaker: Breaker | None = None) -> None:
        self.breaker = breaker or Breaker()
        self._tasks = tasks

    async def collect(
        self,
        hook: Callable[Concatenate[Plugin[Any], P], Awaitable[Iterable[T] | None]],
        active: ActiveSet,
        *args: P.args,
        **_: P.kwargs,
    ) -> list[From[T]]:
        """Run all implementations side by side; their answers in calling order, flattened."""
        policy = policy_of(hook)
        implementations = self._willing(hook, active, policy)
        if len(implementations) == 1:
            answers = [await self._guard(implementations[0], policy, args)]
        else:
            answers = await asyncio.gather(*(self._guard(i, policy, args) for i in implementations))
        return [
            From(implementation.plugin, value)
            for implementation, answer in zip(implementations, answers, strict=True)
            if answer is not None and answer is not _FAILED
            for value in answer
        ]

    async def first(
        self,
        hook: Callable[Concatenate[Plugin[Any], P], Awaitable[T | None]],
        active: ActiveSet,
        *args: P.args,
        **_: P.kwargs,
    ) -> From[T] | None:
        """Ask one after the other until one answers."""
        policy = policy_of(hook)
        for implementation in self._willing(hook, active, policy):
            answer = await self._guard(implementation, policy, args)
            if answer is not None and answer is not _FAILED:
                return From(implementation.plugin, answer)
        return None

    async def fold(
        self,
        hook: Callable[..., Awaitable[V | Drop | None]],
        active: ActiveSet,
        value: V,
        *before: object,
    ) -> V | From[Drop]:
        """Thread ``value``, the hook's last argument, through all implementations.

        Returns the value in the end, or the ``Drop`` that ended it with its plugin's name.
        """
        policy = policy_of(hook)
        for implementation in self._willing(hook, active, policy):
            answer = await self._guard(implementation, policy, (*before, value))
            if isinstance(answer, Drop):
                return From(implementation.plugin, answer)
            if answer is not None and answer is not _FAILED:
                value = answer
        return value

    def notify(
        self,
        hook: Callable[Concatenate[Plugin[Any], P], Awaitable[None]],
        active: ActiveSet,
        *args: P.args,
        **_: P.kwargs,
    ) -> None:
        """Run all implementations in the background."""
        policy = policy_of(hook)
        for implementation in self._willing(hook, active, policy):
            work = self._guard(implementation, policy, args)
            self._tasks.spawn(work, f"{implementation.plugin}.{implementation.hook}")

    def record(self, implementation: Implementation, outcome: str, seconds: float, gave: str = "") -> None:
        """Trace one run and tell the breaker how it ended."""
        trace = current_trace.get()
        if trace is not None:
            trace.runs.append(HookRun(implementation.hook, implementation.plugin, seconds, outcome, gave))
        key = (implementation.plugin, implementation.hook)
        if outcome in ("ok", "none"):
            self.breaker.succeeded(key)
        elif self.breaker.failed(key):
            log.error(
                "%s.%s failed too often and rests for %.0f s. See `tzurot plugins info %s`.",
                implementation.plugin,
                implementation.hook,
                self.breaker.rest(key),
                implementation.plugin,
            )

    def _willing(
        self, hook: Callable[..., Any], active: ActiveSet, policy: Policy
    ) -> tuple[Implementation, ...]:
        implementations = active.of(hook.__name__)
        if policy.on_error is OnError.RAISE or not self.breaker.tripped:
            # Hooks that fail closed are never skipped: a resting gate would be an open one.
            return implementations
        return tuple(i for i in implementations if not self.breaker.resting((i.plugin, i.hook)))

    async def _guard(self, implementation: Implementation, policy: Policy, args: tuple[object, ...]) -> Any:
        """Run one implementation; its checked answer, ``None``, or ``_FAILED``."""
        mark = current_plugin.set(implementation.plugin)
        started = time.perf_counter()
        try:
            answer = checked(await within(policy.timeout, implementation.call(args)), policy)
        except Exception as error:
            seconds = time.perf_counter() - started
            late = isinstance(error, Late)
            why = str(error) if late else f"{type(error).__name__}: {error}"
            self.record(implementation, "timeout" if late else "error", seconds, why)
            self._report(implementation, policy, why, None if late else error)
            if policy.on_error is OnError.RAISE:
                raise HookFailed(
                    f"{implementation.hook} failed in plugin {implementation.plugin}: {why}"
                ) from error
            return _FAILED
        finally:
            current_plugin.reset(mark)
        outcome = "none" if answer is None else "ok"
        self.record(implementation, outcome, time.perf_counter() - started, describe(answer))
        return answer

    def _report(
        self, implementation: Implementation, policy: Policy, why: str, error: Exception | None
    ) -> None:
        goes_on = "the call fails" if policy.on_error is OnError.RAISE else "the turn goes on without it"
        log.warning("%s.%s %s; %s.", implementation.plugin, implementation.hook, why, goes_on, exc_info=error)


def checked(answer: Any, policy: Policy) -> Any:
    """``answer`` if it is what the hook's policy allows; an iterable becomes a tuple.

    Raises:
        TypeError: it is something else.
    """
    if answer is None or not policy.gives:
        return answer
    if policy.many:
        if isinstance(answer, str) or not isinstance(answer, Iterable):
            raise TypeError(f"expected an iterable of {_names(policy)}, got {type(answer).__name__}")
        answer = tuple(answer)
        for value in answer:
            _check_one(value, policy)
        return answer
    _check_one(answer, policy)
    return answer


def _check_one(value: object, policy: Policy) -> None:
    if not isinstance(value, policy.gives):
        raise TypeError(f"expected {_names(policy)}, got {type(value).__name__}")


def _names(policy: Policy) -> str:
    return " or ".join(kind.__name__ for kind in policy.gives)


def describe(answer: object) -> str:
    """What an implementation gave, in a word or two, for the trace."""
    if answer is None:
        return ""
    if isinstance(answer, (tuple, list)):
        return ", ".join(str(getattr(value, "key", type(value).__name__)) for value in answer[:8])
    return type(answer).__name__

"""The markers that make a method a hook specification or an implementation, and the policy of each hook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import pluggy

PROJECT = "tzurot"
F = TypeVar("F", bound=Callable[..., Any])

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Mark a method as the implementation of the hook of the same name; ``tryfirst`` and ``trylast`` order it."""

_pluggy_spec = pluggy.HookspecMarker(PROJECT)
_POLICY = "__tzurot_policy__"


class Mode(StrEnum):
    """How the implementations of a hook are run and what becomes of their answers."""

    SETUP = "setup"
    """Plain functions, once per load; each yields contributions."""
    LIFE = "life"
    """Async, in order of load (``stop``: backwards); a failing plugin is cut out."""
    COLLECT = "collect"
    """Async, side by side; all answers are kept, in order, each with its plugin's name."""
    FIRST = "first"
    """Async, in order, until one answers."""
    FOLD = "fold"
    """Async, in order; each may replace the last argument, or end it with a ``Drop``."""
    AROUND = "around"
    """Nested round a core; each decides when, and whether, to call the next."""
    STREAM = "stream"
    """Plain functions in order; the first to return an async iterator streams the answer."""
    NOTIFY = "notify"
    """Async, in the background; answers are ignored, shutdown waits for them."""


class OnError(StrEnum):
    """What a failing or late implementation does to the call."""

    SKIP = "skip"
    """It is passed over; the call goes on."""
    RAISE = "raise"
    """The call fails with ``HookFailed``."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A hook's contract: how it runs, how long each implementation may take (seconds), what a failure does.

    ``gives`` is what an implementation may answer, or, where it gives ``many``, what its iterable may
    hold; anything else counts as a failure of that implementation.
    """

    mode: Mode
    timeout: float = 5.0
    on_error: OnError = OnError.SKIP
    gives: tuple[type, ...] = ()
    many: bool = False


def hookspec(
    mode: Mode,
    *,
    timeout: float = 5.0,
    on_error: OnError = OnError.SKIP,
    gives: type | tuple[type, ...] = (),
    many: bool = False,
) -> Callable[[F], F]:
    """Make a method of ``Plugin`` a hook specification with a policy."""
    types = gives if isinstance(gives, tuple) else (gives,)
    many = many or mode in (Mode.SETUP, Mode.COLLECT)

    def mark(function: F) -> F:
        setattr(function, _POLICY, Policy(mode, timeout, on_error, types, many))
        return _pluggy_spec(function)

    return mark


def policy_of(specification: Callable[..., Any]) -> Policy:
    """The policy of a hook specification such as ``Plugin.gate``.

    Raises:
        LookupError: the function is no hook specification.
    """
    policy = getattr(specification, _POLICY, None)
    if not isinstance(policy, Policy):
        raise LookupError(f"{specification.__qualname__} is not a hook specification.")
    return policy

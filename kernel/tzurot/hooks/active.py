"""Which implementations run, in which order, for one combination of plugins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Implementation:
    """One plugin's implementation of one hook; ``picks`` are the positions of the arguments it takes."""

    plugin: str
    hook: str
    function: Callable[..., Any]
    picks: tuple[int, ...] | None = None

    def call(self, args: tuple[object, ...]) -> Any:
        """Call it with those of ``args``, the hook's arguments in order, that it takes."""
        if self.picks is None:
            return self.function(*args)
        return self.function(*(args[i] for i in self.picks))


class ActiveSet:
    """The implementations that run for one combination of plugins: immutable, in calling order."""

    __slots__ = ("_hooks", "plugins")

    def __init__(self, plugins: frozenset[str], hooks: Mapping[str, tuple[Implementation, ...]]) -> None:
        self.plugins = plugins
        self._hooks = hooks

    def of(self, hook: str) -> tuple[Implementation, ...]:
        """The implementations of ``hook``, in calling order."""
        return self._hooks.get(hook, ())

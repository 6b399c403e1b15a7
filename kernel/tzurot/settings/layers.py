"""One level's share of the cascade: the values that somebody set, the locks, and what was wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tzurot.payloads.generation import JsonValue
from tzurot.settings.fields import Value, to_json
from tzurot.settings.scopes import Scope


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a stored bag that can't be used; ``path`` leads to it, ``remedy`` says what to do.

    ``known`` is false where the key itself is unknown, which is no reason to throw it away.
    """

    path: tuple[str | int, ...]
    text: str
    remedy: str = ""
    known: bool = False

    def __str__(self) -> str:
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return f"{where.lstrip('.') or 'settings'}: {self.text}. {self.remedy}".rstrip()


@dataclass(frozen=True, slots=True)
class Layer:
    """What is set at one ``scope`` for one ``id`` (a guild's, a user's, a character's key, ...).

    A key that is absent from ``values`` inherits. ``locks`` fix values as they stand at this scope.
    ``unknown`` keeps what this version doesn't know, ``problems`` what was wrong.
    """

    scope: Scope
    id: str
    values: Mapping[str, Value] = field(default_factory=_nothing)
    locks: frozenset[str] = frozenset()
    unknown: Mapping[str, JsonValue] = field(default_factory=_nothing)
    problems: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, JsonValue]:
        """The bag as it is stored; reading it again gives the same layer."""
        return {**self.unknown, **{name: to_json(value) for name, value in self.values.items()}}

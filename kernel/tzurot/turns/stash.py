"""Typed scratch space on a turn, a key per use, so that plugins can't collide."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


class StashKey(Generic[T]):
    """The key to one value of type ``T``; every instance is a key of its own."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Stash:
    """Values that plugins keep on a turn."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[StashKey[Any], Any] = {}

    def __setitem__(self, key: StashKey[T], value: T) -> None:
        self._values[key] = value

    def __getitem__(self, key: StashKey[T]) -> T:
        return cast(T, self._values[key])

    def get(self, key: StashKey[T], default: T | None = None) -> T | None:
        """The value under ``key``, or ``default``."""
        return cast("T | None", self._values.get(key, default))

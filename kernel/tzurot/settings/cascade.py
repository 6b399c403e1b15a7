"""The cascade: layers from low to high become one set of values, each of which knows where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from tzurot.payloads.generation import JsonValue
from tzurot.settings.fields import OFF, Field, Value, to_json
from tzurot.settings.layers import Layer
from tzurot.settings.registry import CORE, Registry
from tzurot.settings.scopes import LOCKING, Scope

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value came from: the scope, and whose."""

    scope: Scope
    id: str = ""

    def __str__(self) -> str:
        return f"{self.scope.words} {self.id}".rstrip()


@dataclass(frozen=True, slots=True)
class Ignored:
    """A value that somebody set and that doesn't hold, because ``lock`` fixed the setting below it."""

    source: Source
    value: Value
    lock: Source


_BUILT_IN = Source(Scope.BUILT_IN)


class Resolved(Mapping[str, Value]):
    """The settings that hold. ``resolved[name]`` is a value or ``OFF``; every setting is there.

    Code that knows which setting it wants asks with the declaration, ``resolved.value(MAX_AGE)``, and
    gets its type.
    """

    __slots__ = ("_ignored", "_locks", "_sources", "_values", "registry")

    def __init__(self, registry: Registry = CORE) -> None:
        self.registry = registry
        self._values: dict[str, Value] = dict(registry.built_in)
        self._sources: dict[str, Source] = {}
        self._locks: dict[str, Source] = {}
        self._ignored: dict[str, list[Ignored]] = {}

    def __getitem__(self, name: str) -> Value:
        try:
            return self._values[name]
        except KeyError:
            self.registry[name]  # raises with a suggestion
            raise

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Resolved {self.as_json(changed_only=True)}>"

    def value(self, field: Field[T]) -> T:
        """The value of a declared setting, in its type; ``None`` for *off*."""
        value = self[field.name]
        return cast(T, None if value is OFF else value)

    def is_off(self, name: str) -> bool:
        """Whether a setting is switched off."""
        return self[name] is OFF

    def source(self, name: str) -> Source:
        """Where the value came from."""
        self[name]
        return self._sources.get(name, _BUILT_IN)

    def lock(self, name: str) -> Source | None:
        """Who fixed the value, if somebody did."""
        return self._locks.get(name)

    def ignored(self, name: str) -> Sequence[Ignored]:
        """What people set in vain, because the value is locked below them."""
        return self._ignored.get(name, ())

    def parameters(self) -> dict[str, JsonValue]:
        """The model parameters that are not off: what a request carries."""
        values = self._values
        return {
            each.name: cast(JsonValue, values[each.name])
            for each in self.registry
            if each.api is not None and values[each.name] is not OFF
        }

    def as_json(self, *, changed_only: bool = False) -> dict[str, JsonValue]:
        """All values in their stored spelling, or those only that differ from the built-in source."""
        return {
            name: to_json(value)
            for name, value in self._values.items()
            if not changed_only or name in self._sources
        }

    def _apply(self, layer: Layer) -> None:
        source = Source(layer.scope, layer.id)
        for name, value in layer.values.items():
            if name not in self._values:
                continue  # a layer read with a larger registry
            lock = self._locks.get(name)
            if lock is None:
                self._values[name] = value
                self._sources[name] = source
            elif lock.scope < layer.scope:
                self._ignored.setdefault(name, []).append(Ignored(source, value, lock))
        if layer.scope in LOCKING:
            for name in layer.locks:
                self._locks.setdefault(name, source)


def resolve(layers: Sequence[Layer], registry: Registry = CORE) -> Resolved:
    """The settings that hold when ``layers`` are laid over the built-in values, the lowest scope first.

    Layers of one scope keep their order, the later wins (a thread over its channel). A lock fixes the
    value as it stands after the locking scope's own layers; only higher scopes are ignored.
    """
    resolved = Resolved(registry)
    ordered = sorted(layers, key=_scope) if len(layers) > 1 else layers
    for layer in ordered:
        resolved._apply(layer)
    return resolved


def _scope(layer: Layer) -> Scope:
    return layer.scope

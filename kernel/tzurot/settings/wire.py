"""How a model parameter becomes part of the body of a chat completion, in the dialects that servers speak."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from tzurot.payloads.generation import JsonValue

Body: TypeAlias = dict[str, JsonValue]


class Dialect(StrEnum):
    """What a server understands beyond the common ground of chat completions."""

    GENERIC = "generic"
    """Any OpenAI-compatible server: vLLM, LM Studio, Ollama, KoboldCpp, TabbyAPI and the like."""
    OPENAI = "openai"
    """OpenAI itself, which answers 400 to parameters it doesn't know."""
    OPENROUTER = "openrouter"
    LLAMACPP = "llamacpp"
    ZAI = "zai"


NOT_OPENAI = frozenset(Dialect) - {Dialect.OPENAI}


def _same(value: JsonValue, dialect: Dialect) -> JsonValue:
    return value


@dataclass(frozen=True, slots=True)
class Wire:
    """Where a parameter goes in the body, and under which of its names a model says that it supports it.

    ``key`` is a path with dots; ``spelled`` replaces it in some dialects. ``negotiated`` are other keys
    for the same thing: the first that the model supports is used. ``supported_as`` are names of the
    parameter in a model's ``supported_parameters`` (the key itself if empty); what a gateway does before
    the model sees it is ``always`` supported. ``encode`` changes the value; ``None`` leaves it out.
    ``yields_to`` names a setting that, when set, says the same in more detail.
    """

    key: str
    dialects: frozenset[Dialect] = frozenset(Dialect)
    spelled: Mapping[Dialect, str] = field(default_factory=dict)
    negotiated: tuple[str, ...] = ()
    supported_as: tuple[str, ...] = ()
    always: bool = False
    encode: Callable[[JsonValue, Dialect], JsonValue] = _same
    yields_to: str = ""

    def key_for(self, dialect: Dialect, supported: Collection[str] | None) -> str | None:
        """The path in the body, or ``None`` if the dialect or the model doesn't know the parameter."""
        if dialect not in self.dialects:
            return None
        key = self.spelled.get(dialect, self.key)
        if supported is None or self.always:
            return key
        for candidate in (key, *self.negotiated):
            if candidate in supported:
                return candidate
        return key if any(name in supported for name in self.supported_as) else None

    def put(self, body: Body, value: JsonValue, dialect: Dialect, supported: Collection[str] | None) -> None:
        """Write ``value`` into ``body`` where the dialect and the model want it, if they do."""
        key = self.key_for(dialect, supported)
        if key is None:
            return
        encoded = self.encode(value, dialect)
        if encoded is None:
            return
        *parents, last = key.split(".")
        target = body
        for parent in parents:
            inner = target.setdefault(parent, {})
            if not isinstance(inner, dict):  # something else sits there already: the more general one wins
                return
            target = inner
        target[last] = encoded

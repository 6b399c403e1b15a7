"""What goes into a prompt: utterances of the history, and fragments that say where they want to stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Role(StrEnum):
    """In whose voice a piece of the prompt speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class Slot(IntEnum):
    """Where in the prompt a fragment stands, from the first (most stable) to the last (most volatile).

    The order is the order of the prompt: what never changes comes first, so that providers can cache it.
    """

    SYSTEM = 10
    BEFORE_CHARACTER = 20
    CHARACTER = 30
    AFTER_CHARACTER = 40
    EXAMPLES = 50
    SCENE = 60
    """Who is here, what this place is: changes seldom."""
    HISTORY = 70
    """Among the utterances, ``depth`` from their end."""
    VOLATILE = 80
    """After the history, before the message: the time, memories."""
    FINAL = 90
    """After everything: the last word to the model."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of prompt text that says where it wants to stand, who it speaks as and how dear it is.

    ``key`` identifies it within its plugin, in traces and budget reports. ``depth`` counts utterances
    from the end and is only for ``Slot.HISTORY``. ``order`` sorts inside a slot. When the budget is
    short, the lowest ``priority`` goes first; a ``required`` fragment goes last and only when nothing
    else is left to give. ``max_tokens`` caps it from the start.
    """

    key: str
    text: str
    slot: Slot = Slot.SYSTEM
    role: Role = Role.SYSTEM
    depth: int = 0
    order: int = 100
    priority: int = 50
    required: bool = False
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """One line of conversation history. ``tokens`` is its cost in the prompt, where it is known."""

    id: str
    role: Role
    author_id: str
    name: str
    text: str
    at: datetime
    tokens: int | None = None
    character: str | None = None

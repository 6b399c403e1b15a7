"""What is decided about a message before anyone speaks: drop it, refuse it, or cast a speaker."""

from __future__ import annotations

from dataclasses import dataclass

from tzurot.packs.compiled import Character


@dataclass(frozen=True, slots=True)
class Drop:
    """Ends a FOLD: the value goes no further. ``reason`` is what ``/why`` and the log say."""

    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A gate's refusal of a message; ``reason`` is for the log, the trace and the owner."""

    reason: str


@dataclass(frozen=True, slots=True)
class Casting:
    """A speaker chosen to answer a message, and why; each casting becomes one turn."""

    character: Character
    why: str


@dataclass(frozen=True, slots=True)
class Persona:
    """How a human wants to be known to characters."""

    id: str
    name: str
    pronouns: str = ""
    about: str = ""
    avatar: str | None = None
    source: str = ""
    """Which plugin knew it, and from where."""

"""How a scan tells what it did: every entry that was looked at, and why it came in or stayed out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Round(IntEnum):
    """What one pass over the entries reads."""

    END = 0
    CONVERSATION = 1
    LORE = 2
    """The texts of entries that came in, too."""
    FURTHER_BACK = 3
    """More of the conversation, because too few entries came in."""


class Verdict(StrEnum):
    """What became of an entry in one pass."""

    # Decided before any key is looked for.
    OFF = "off"
    WRONG_TURN = "not in this kind of turn"
    WRONG_CHARACTER = "not for this character"
    TOO_EARLY = "the conversation is too short yet"
    COOLING = "it came in lately"
    WAITS_FOR_LORE = "waits for the texts of other entries"
    NOT_BY_LORE = "not brought in by other entries"
    UNWANTED = "kept out by a decorator"
    # Decided by keys.
    NO_KEY = "no key was found"
    ALSO_FAILED = "a key was found, but the further keys did not agree"
    # Candidates.
    WANTED = "brought in by a decorator"
    FORCED = "brought in by another plugin"
    ALWAYS = "always in"
    STUCK = "still in from before"
    KEYS = "keys were found"
    # What became of candidates.
    LOST_GROUP = "another of its group won"
    UNLUCKY = "chance was against it"
    OVER_BUDGET = "the budget is used up"
    IN = "in"


CANDIDATES = (Verdict.WANTED, Verdict.FORCED, Verdict.ALWAYS, Verdict.STUCK, Verdict.KEYS)


@dataclass(frozen=True, slots=True)
class Found:
    """A key that was found, and in which text."""

    key: str
    where: str


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to one entry in one pass; ``detail`` says more, such as what was rolled."""

    turn: int
    ref: str
    verdict: Verdict
    found: tuple[Found, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass: who could come in, who was not kept out by chance, and what follows."""

    number: int
    round: Round
    next: Round
    candidates: tuple[str, ...]
    passed: tuple[str, ...]
    budget: int
    overflowed: bool
    level: int

"""How turns and messages end: with a result per turn, or with the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from tzurot.payloads.delivery import Reply, Sent
from tzurot.payloads.generation import Request, Usage
from tzurot.turns.turn import Turn


@dataclass(frozen=True, slots=True)
class TurnResult:
    """A finished turn: what was asked, said and sent, or the error that ended it."""

    turn: Turn
    request: Request | None = None
    reply: Reply | None = None
    sent: tuple[Sent, ...] = ()
    usage: Usage | None = None
    model: str | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message: a result per turn, or why there was none."""

    results: tuple[TurnResult, ...] = ()
    unanswered: str | None = None

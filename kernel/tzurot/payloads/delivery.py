"""What is said in the end: the reply, its chunks, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tzurot.packs.compiled import Character
from tzurot.payloads.generation import Request, Usage
from tzurot.payloads.message import Place

if TYPE_CHECKING:
    from tzurot.turns.turn import Turn


@dataclass(frozen=True, slots=True)
class Reply:
    """What is delivered, as a whole. ``notice`` marks an error line or other text that is not memory."""

    text: str
    notice: bool = False
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outbound:
    """One chunk of a reply on its way out; ``index`` of ``count``."""

    place: Place
    character: Character
    text: str
    reply_to: str | None = None
    index: int = 0
    count: int = 1


@dataclass(frozen=True, slots=True)
class Sent:
    """Proof of a delivered chunk."""

    message_id: str
    place: Place


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

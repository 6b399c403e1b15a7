"""What is said in the end: the reply, its chunks, and the proof that they went out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tzurot.packs.compiled import Character
from tzurot.payloads.message import Place


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

"""A turn: one speaker's answer to one message, the unit that flows through the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tzurot.hooks.active import ActiveSet
from tzurot.observe.trace import Trace
from tzurot.packs.compiled import Character
from tzurot.payloads.context import Utterance
from tzurot.payloads.decisions import Persona
from tzurot.payloads.message import Message, Place
from tzurot.settings.cascade import Resolved
from tzurot.turns.stash import Stash


@dataclass(slots=True, eq=False)
class Turn:
    """One speaker's answer to one message.

    It keeps the active set, the character and the settings that it began with: toggles, edits of packs
    and of settings touch the next turn. ``persona`` and ``history`` are filled in before the context is
    built. ``why`` says why this character speaks.
    """

    id: str
    message: Message
    character: Character
    why: str
    active: ActiveSet
    settings: Resolved
    trace: Trace
    persona: Persona
    history: Sequence[Utterance] = ()
    stash: Stash = field(default_factory=Stash)

    @property
    def place(self) -> Place:
        """Where the message was written, and where the reply goes."""
        return self.message.place

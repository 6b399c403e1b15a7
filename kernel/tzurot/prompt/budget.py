"""The budget of a prompt: how much of the model's window each part may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tzurot.payloads.context import Slot
from tzurot.payloads.generation import Category, GenerationError

MESSAGE_OVERHEAD = 4
"""Tokens that a chat template spends on each message, beside its content."""
ANSWER_OVERHEAD = 3
"""Tokens that a chat template spends on opening the answer."""

SHARES: Mapping[Slot, float] = MappingProxyType(
    {
        Slot.BEFORE_CHARACTER: 0.25,
        Slot.AFTER_CHARACTER: 0.25,
        Slot.EXAMPLES: 0.2,
        Slot.SCENE: 0.15,
        Slot.HISTORY: 0.15,
        Slot.VOLATILE: 0.25,
    }
)
"""What the optional fragments of a slot may take of the room; memory stands in ``VOLATILE``: a quarter."""


class PromptTooLong(GenerationError):
    """Not even the message alone fits the model's window."""

    def __init__(self, window_tokens: int, reserved: int) -> None:
        super().__init__(
            Category.CONTEXT_LENGTH,
            f"The prompt can't hold even the message: the model's window is {window_tokens} tokens, "
            f"{reserved} of them for the answer. Choose a model with a larger window, or set a larger "
            "context window or a shorter answer.",
        )


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a prompt may be, in tokens, and how the room is shared.

    ``window_tokens`` is the model's context window, ``answer_tokens`` what the answer may need; never more
    than half of the window is kept free for it. ``history_utterances`` caps the history by count,
    ``history_minimum`` utterances and ``history_share`` of the room are safe from optional fragments.
    ``step`` is the part of the history that is given up at once when it grows too long, so that the
    prompt's beginning stays the same for many turns.
    """

    window_tokens: int
    answer_tokens: int = 0
    history_utterances: int = 50
    history_minimum: int = 2
    history_share: float = 0.3
    step: float = 0.35
    shares: Mapping[Slot, float] = field(default_factory=lambda: SHARES)

    @property
    def reserved(self) -> int:
        """Tokens kept free for the answer."""
        return max(0, min(self.answer_tokens, self.window_tokens // 2))

    @property
    def room(self) -> int:
        """Tokens that the messages may take, their overhead included."""
        return self.window_tokens - self.reserved - ANSWER_OVERHEAD

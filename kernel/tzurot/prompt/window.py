"""Which part of the history is shown: the newest that fits, beginning where it began last time if it can."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from tzurot.payloads.context import Utterance
from tzurot.prompt.budget import Budget


def begin_of_history(
    history: Sequence[Utterance], own: Sequence[bool], costs: Sequence[int], room: int, budget: Budget
) -> int:
    """The index of the first utterance to show; ``len(history)`` when none fits.

    When the history is longer than what may be shown, the beginning would move with every message, and the
    provider's prompt cache would never match. So the window doesn't begin at the oldest utterance that
    fits, but at a landmark among the oldest ones: the one whose id has the smallest checksum. It stays the
    smallest until it moves out of reach, and then the window takes a step. No state is kept for this, so
    every process agrees. ``own`` marks the character's own lines, which are poor beginnings.
    """
    cap = max(0, budget.history_utterances)
    oldest = max(0, len(history) - cap)
    fits, used = len(history), 0
    while fits > oldest and used + costs[fits - 1] <= room:
        fits -= 1
        used += costs[fits]
    shown = len(history) - fits
    if fits == 0 and shown < cap:
        return 0
    spare = min(int(shown * budget.step), shown - budget.history_minimum)
    if spare <= 0:
        return fits
    reach = range(fits, fits + spare + 1)
    candidates = [index for index in reach if not own[index]] or list(reach)
    return min(candidates, key=lambda index: zlib.crc32(history[index].id.encode("utf-8", "replace")))

"""Long work in a thread that lets the event loop through: packs may be large, the bot may not stall."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

_WORK_SECONDS = 0.002
_REST_SECONDS = 0.0001

_rested = time.monotonic()


def breathe() -> None:
    """Rest for a moment if it is time to.

    A thread that computes keeps the interpreter's lock for 5 ms before it hands it over, and an event loop
    needs it twice for one step. Resting of our own accord makes that 2 ms. Several threads share the clock,
    which at worst makes one of them rest more often.
    """
    global _rested  # a module's clock: one per process, as the lock is
    if time.monotonic() - _rested > _WORK_SECONDS:
        time.sleep(_REST_SECONDS)
        _rested = time.monotonic()


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage collection meanwhile.

    Reading makes many short-lived objects without circles. They set off full collections, each of which
    stops every thread for as long as it takes to walk through all that the process holds.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

"""Following packs' folders: saved means live, and a broken edit changes nothing but the report."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path

from watchfiles import awatch

from tzurot.packs.library import Library
from tzurot.packs.shelf import ShelfChange

log = logging.getLogger("tzurot.packs")

# An editor's save is a handful of events within a few milliseconds; a copied folder some more.
_QUIET_MS = 20
_AT_MOST_MS = 200
_TICK_MS = 1000
_TICKS_BETWEEN_LOOKS = 30


async def watch(library: Library) -> AsyncIterator[ShelfChange]:
    """Yield every change of the shelf, after it happened. Cancel the task, or close the iterator, to end."""
    async with aclosing(_touched(library.folders)) as batches:
        async for touched in batches:
            change = await asyncio.to_thread(library.refresh, touched)
            if change:
                yield change


async def _touched(folders: Sequence[Path]) -> AsyncGenerator[set[Path] | None, None]:
    """The paths that changed, a batch at a time; ``None`` when it is time to look at everything."""
    roots = [root.absolute() for root in folders if root.is_dir()]
    for root in folders:
        if not root.is_dir():
            log.warning("there is no folder %s, so packs put there later are seen after a restart.", root)
    if not roots:
        return
    events = awatch(
        *roots, debounce=_AT_MOST_MS, step=_QUIET_MS, rust_timeout=_TICK_MS, yield_on_timeout=True
    )
    ticks = itertools.count()
    async with aclosing(events):
        async for batch in events:
            if batch:
                yield {Path(path) for _, path in batch}
            elif next(ticks) % _TICKS_BETWEEN_LOOKS == 0:
                # The first tick catches what was written before the watch stood; later ones what it missed.
                yield None

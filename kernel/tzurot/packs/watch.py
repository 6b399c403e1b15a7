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
    polls = False
    while True:
        roots = _there(folders)
        if not roots:
            await asyncio.sleep(_TICK_MS / 1000)
            continue
        try:
            async with aclosing(_batches(folders, roots, polls)) as batches:
                async for touched in batches:
                    yield touched
        except (OSError, RuntimeError) as error:
            # The system refuses to watch (often: too many watches), or a folder went away meanwhile.
            log.warning("packs can't be watched (%s); they are looked at every second instead.", error)
            polls = True
            await asyncio.sleep(_TICK_MS / 1000)


async def _batches(
    folders: Sequence[Path], roots: list[Path], polls: bool
) -> AsyncGenerator[set[Path] | None, None]:
    """The same, for as long as the same folders are there."""
    events = awatch(
        *roots,
        debounce=_AT_MOST_MS,
        step=_QUIET_MS,
        rust_timeout=_TICK_MS,
        yield_on_timeout=True,
        force_polling=True if polls else None,
        poll_delay_ms=_TICK_MS,
    )
    ticks = itertools.count()
    async with aclosing(events):
        async for batch in events:
            if batch:
                yield {Path(path) for _, path in batch}
            elif _there(folders) != roots:
                return
            elif next(ticks) % _TICKS_BETWEEN_LOOKS == 0:
                # The first tick catches what was written before the watch stood; later ones what it missed.
                yield None


def _there(folders: Sequence[Path]) -> list[Path]:
    return [folder.absolute() for folder in folders if folder.is_dir()]

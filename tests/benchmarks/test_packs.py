"""From saved to live: how long it takes, and what the event loop notices of it."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from pydantic import Field
from tests.benchmarks.measuring import lag, table

from tzurot import PackModel
from tzurot.packs.library import Library
from tzurot.packs.shelf import ShelfChange
from tzurot.packs.watch import watch

pytestmark = pytest.mark.benchmark

PACK = "schema: 1\nname: {}\ncharacters:\n  - id: someone\n    name: Someone\n"
PACKS, ENTRIES, SAVES = 1000, 5000, 10


class Entry(PackModel):
    """An entry of the large pack."""

    keys: list[str]
    text: str


class Lore(PackModel):
    """What the large pack says to a plugin."""

    entries: list[Entry] = Field(default=[])


def _library(root: Path, packs: int) -> Library:
    for number in range(packs):
        (root / f"p{number}").mkdir(parents=True)
        (root / f"p{number}" / "pack.yaml").write_text(PACK.format("One"))
    library = Library([root], {"lore": Lore})
    library.load()
    return library


@asynccontextmanager
async def _watched(library: Library) -> AsyncIterator[AsyncIterator[ShelfChange]]:
    """Changes of a library, once the watch stands: what was written before arrives first."""
    probe = library.folders[0] / "probe"
    async with asyncio.timeout(120):
        async with aclosing(watch(library)) as changes:
            upcoming = asyncio.ensure_future(anext(changes))
            await asyncio.to_thread(probe.mkdir)
            await asyncio.to_thread((probe / "pack.yaml").write_text, PACK.format("Probe"))
            await upcoming
            yield changes


async def _save(changes: AsyncIterator[ShelfChange], path: Path, text: str) -> float:
    """Save ``text`` and wait until it is live; how many milliseconds that took."""
    upcoming = asyncio.ensure_future(anext(changes))
    began = time.perf_counter()
    await asyncio.to_thread(path.write_text, text)
    await upcoming
    return (time.perf_counter() - began) * 1000


async def test_from_saved_to_live(tmp_path: Path):
    rows = []
    for packs in (1, PACKS):
        library = _library(tmp_path / str(packs), packs)
        file = library.folders[0] / "p0" / "pack.yaml"
        async with _watched(library) as changes:
            ours = [await _save(changes, file, PACK.format(f"N{number}")) for number in range(SAVES)]
        began = time.perf_counter()
        Library(library.folders, {"lore": Lore}).load()
        anew = (time.perf_counter() - began) * 1000
        rows.append([str(packs), f"{statistics.median(ours):.0f}", f"{max(ours):.0f}", f"{anew:.0f}"])
    header = ("packs", "saved to live, median", "slowest", "all packs read anew")
    table("A pack is saved (ms by the clock, this machine)", header, rows)


def _large(name: str) -> str:
    entries = "".join(
        f"  - {{keys: [word{number}, other{number}], text: Something about {number}.}}\n"
        for number in range(ENTRIES)
    )
    return PACK.format(name) + "plugins:\n lore:\n  entries:\n" + entries


async def test_a_large_pack_and_the_loop(tmp_path: Path):
    library = _library(tmp_path, 1)
    file = tmp_path / "p0" / "pack.yaml"
    longest, took = [], []
    async with _watched(library) as changes:
        for number in range(3):
            async with lag() as waits:
                took.append(await _save(changes, file, _large(f"N{number}")))
            longest.append(max(waits))
    file.write_text(_large("naive"))
    async with lag() as waits:
        library.load()
    rows = [
        ["as it is", f"{min(longest):.1f}", f"{max(longest):.1f}", f"{min(took):.0f}"],
        ["read in the loop", f"{max(waits):.1f}", f"{max(waits):.1f}", "-"],
    ]
    header = ("how", "longest step, best run", "longest step, worst run", "saved to live, ms")
    table(f"A pack of {ENTRIES} entries is saved: what the loop notices (CPU ms)", header, rows)

"""What the benchmarks measure with: processes of their own, their CPU time, and a table."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(slots=True)
class Process:
    """A running child and its first line of JSON."""

    child: subprocess.Popen[str]
    said: dict[str, Any]

    @property
    def cpu_seconds(self) -> float:
        """CPU time that the child has used, user and system."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def resident_mib(self) -> float:
        """Memory of the child that is in RAM, in MiB."""
        pages = int(Path(f"/proc/{self.child.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[Process]:
    """Run Python with ``arguments`` until the block ends; the child says a line of JSON when it is ready."""
    child = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
        cwd=HERE.parents[1],
    )
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
        assert line, f"{arguments} ended before it was ready"
        yield Process(child, json.loads(line))
    finally:
        child.terminate()
        child.wait(timeout=30)


class Control:
    """The control interface of a Discord test server in a process of its own."""

    def __init__(self, server: Process) -> None:
        self._base: str = server.said["control"]

    def __call__(self, act: str, **asked: Any) -> dict[str, Any]:
        request = urllib.request.Request(f"{self._base}/{act}", json.dumps(asked).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=120) as answer:
            said: dict[str, Any] = json.load(answer)
        return said


@contextmanager
def stopwatch(watched: Process) -> Iterator[dict[str, float]]:
    """CPU and wall seconds of a block, for ``watched``."""
    taken: dict[str, float] = {}
    cpu, wall = watched.cpu_seconds, time.perf_counter()
    yield taken
    taken["cpu"] = watched.cpu_seconds - cpu
    taken["wall"] = time.perf_counter() - wall


@asynccontextmanager
async def lag() -> AsyncIterator[list[float]]:
    """How long the event loop's steps took meanwhile, in milliseconds of this process's CPU time."""
    waits: list[float] = []

    async def beat() -> None:
        while True:
            began = time.process_time()
            await asyncio.sleep(0.002)
            waits.append((time.process_time() - began) * 1000)

    beating = asyncio.create_task(beat())
    try:
        await asyncio.sleep(0.005)
        yield waits
        await asyncio.sleep(0.005)  # the beat that was held up is noted, too
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    print(f"\n{title}")
    for row in (header, ["-" * width for width in widths], *rows):
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))

"""Starts the server's process on demand, waits until it serves, notices its death, and ends it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tzurot import Category, GenerationError
from tzurot_plugins.local.config import LocalSettings
from tzurot_plugins.local.loading import Loading
from tzurot_plugins.local.weights import Weights, find

log = logging.getLogger("tzurot.plugin.local")

_SERVER = Path(__file__).with_name("server.py")
_LINES_KEPT = 20
_END_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens, and the key that it wants."""

    url: str
    key: str

    def __repr__(self) -> str:
        return f"Address({self.url!r})"


class Child:
    """The process of one model's server.

    It is a process of its own, because a crash in native code would take the bot along, and because
    computing must not hold the interpreter's lock while other conversations go on.
    """

    def __init__(self, settings: LocalSettings, loading: Loading) -> None:
        self._settings = settings
        self._loading = loading
        self._process: Process | None = None
        self._address: Address | None = None
        self._starting: asyncio.Task[Address] | None = None
        self._listening: asyncio.Task[None] | None = None
        self._words: deque[str] = deque(maxlen=_LINES_KEPT)
        self._stopped = False

    @property
    def running(self) -> bool:
        """Whether the process is there and serves."""
        process = self._process
        return self._address is not None and process is not None and process.returncode is None

    @property
    def pid(self) -> int | None:
        """The process's id, while it runs."""
        return self._process.pid if self._process is not None and self.running else None

    async def address(self) -> Address:
        """Where the server listens; it is started, or started anew, if it isn't there.

        Callers that give up don't stop a start that others wait for.

        Raises:
            GenerationError: it can't be started; the message says why and what to do.
        """
        if self._address is not None and self.running:
            return self._address
        if self._stopped:
            raise GenerationError(
                Category.SERVER_ERROR, "The local model has been stopped: tzurot is ending."
            )
        if self._starting is None or self._starting.done():
            self._starting = asyncio.create_task(self._start(), name="load the local model")
        return await asyncio.shield(self._starting)

    async def stop(self) -> None:
        """End the process and what waits for it."""
        self._stopped = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        await self._end()

    async def wait_dead(self, seconds: float) -> bool:
        """Whether the process is gone, within ``seconds``: a broken connection comes before the news."""
        if self._process is None:
            return True
        try:
            async with asyncio.timeout(seconds):
                await self._process.wait()
        except TimeoutError:
            return False
        return True

    async def _start(self) -> Address:
        if self._process is not None:
            await self._end()
            log.warning(
                "The local model's process had ended; it is started again. Its last words: %s", self._last()
            )
        weights = await asyncio.to_thread(find, self._settings.model_path)
        self._words.clear()
        self._loading.tell(weights.name, 0.0)
        try:
            async with asyncio.timeout(self._settings.load_seconds):
                self._address = await self._launch(weights)
            return self._address
        except TimeoutError as error:
            raise GenerationError(
                Category.TIMEOUT,
                f"The local model {weights.name} did not load within {self._settings.load_seconds:g} s. "
                "Take a smaller one, or raise plugins.local.load_seconds in tzurot.yaml.",
            ) from error
        finally:
            self._loading.tell(weights.name, None)
            if self._address is None:
                await self._end()

    async def _launch(self, weights: Weights) -> Address:
        key = secrets.token_urlsafe(24)
        # A session of its own keeps Ctrl-C in a terminal from reaching it; it ends with our end of the pipe.
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            str(_SERVER),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=os.name == "posix",
        )
        assert process.stdin is not None
        assert process.stderr is not None
        self._listening = asyncio.create_task(self._listen(process.stderr), name="the local model's log")
        with suppress(ConnectionError):  # it has ended already: what it said is read below
            process.stdin.write(self._orders(weights, key))
            await process.stdin.drain()
        async for line in _answers(process):
            if "progress" in line:
                self._loading.tell(weights.name, float(line["progress"]))
            elif "address" in line:
                return Address(str(line["address"]), key)
            else:
                break
        await process.wait()
        await self._listening
        raise GenerationError(
            Category.SERVER_ERROR,
            f"The local model {weights.path} can't be loaded: {self._last()} "
            "Set TZUROT_LOCAL_MODEL to a GGUF file that llama.cpp can run, or leave it unset.",
        )

    def _orders(self, weights: Weights, key: str) -> bytes:
        settings = self._settings
        orders = {
            "model": str(weights.path),
            "context_size": settings.context_size,
            "slots": settings.slots,
            "threads": settings.threads,
            "key": key,
        }
        return json.dumps(orders).encode() + b"\n"

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        """Keep reading, or the process would wait for us; keep the last lines."""
        while block := await stream.read(1 << 16):
            self._words.extend(line for line in block.decode("utf-8", "replace").splitlines() if line.strip())

    def _last(self) -> str:
        telling = [line for line in self._words if "error loading model:" in line] or list(self._words)[-1:]
        return (
            f"{telling[0].split('error loading model:')[-1].strip()[:300]}."
            if telling
            else "it said nothing."
        )

    async def _end(self) -> None:
        process, self._process, self._address = self._process, None, None
        if process is not None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                async with asyncio.timeout(_END_SECONDS):
                    await process.wait()
            except TimeoutError:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._listening is not None:
            await asyncio.gather(self._listening, return_exceptions=True)
            self._listening = None


async def _answers(process: Process) -> AsyncIterator[dict[str, Any]]:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        try:
            answer = json.loads(line)
        except ValueError:
            continue
        if isinstance(answer, dict):
            yield answer

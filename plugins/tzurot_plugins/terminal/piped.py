"""The conversation without a person in front of it: one message, or a line of standard input each."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any, TextIO

from tzurot import Outcome, TurnResult
from tzurot_plugins.terminal.safe import safe_line
from tzurot_plugins.terminal.screen import Pipe
from tzurot_plugins.terminal.slash import Slash
from tzurot_plugins.terminal.talk import Talk, failures
from tzurot_plugins.terminal.tracing import drawn

_AHEAD = 16


class Script:
    """Says messages one after another; ``well`` stays true while every one is answered."""

    def __init__(self, talk: Talk, pipe: Pipe, *, as_json: bool = False, tracing: bool = False) -> None:
        self._talk = talk
        self._pipe = pipe
        self._as_json = as_json
        self._tracing = tracing
        self._slash = Slash(talk, lambda character: pipe.notice(f"Talking with {safe_line(character.name)}."))
        self.well = True

    async def lines(self, stream: TextIO | None = None) -> None:
        """Say every line of ``stream``; those that begin with a slash are commands."""
        async for line in _lines(stream or sys.stdin):
            text = line.strip()
            if text.startswith("/") and not text.startswith("//"):
                await self._slash.run(text)
            elif text:
                await self.say(text.removeprefix("/") if text.startswith("//") else text)
            if self._slash.over:
                return

    async def say(self, text: str) -> None:
        """Say ``text``: the answers go to standard output, what went wrong to standard error."""
        outcome = await self._talk.say(text)
        wrong = failures(outcome)
        for why in wrong:
            self._pipe.complaint(f"tzurot: {safe_line(why)}")
        self.well = self.well and not wrong
        self._write(outcome, wrong)

    def _write(self, outcome: Outcome, wrong: list[str]) -> None:
        answered = [result for result in outcome.results if result.reply is not None and result.error is None]
        for result in answered:
            assert result.reply is not None
            self._pipe.answer(result.reply.text, **self._about(result))
        if self._as_json and not answered:
            self._pipe.answer(None, error="; ".join(wrong), **self._traced())
        if self._tracing and not self._as_json and (trace := self._talk.trace) is not None:
            self._pipe.show(drawn(trace))

    def _about(self, result: TurnResult) -> dict[str, Any]:
        usage = None if result.usage is None else asdict(result.usage)
        about = {"character": result.turn.character.key, "model": result.model, "usage": usage}
        return about | ({"trace": result.turn.trace.as_json()} if self._tracing else {})

    def _traced(self) -> dict[str, Any]:
        trace = self._talk.trace
        return {"trace": trace.as_json()} if self._tracing and trace is not None else {}


async def _lines(stream: TextIO) -> AsyncIterator[str]:
    """The lines of ``stream``, as they come."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str] = asyncio.Queue(_AHEAD)

    def read() -> None:
        try:
            for line in stream:
                asyncio.run_coroutine_threadsafe(queue.put(line), loop).result()
            asyncio.run_coroutine_threadsafe(queue.put(""), loop).result()
        except RuntimeError:  # the loop is closed: nobody listens any more
            return

    # A daemon, because nothing can interrupt a read of standard input at the end.
    threading.Thread(target=read, name="standard input", daemon=True).start()
    while line := await queue.get():
        yield line

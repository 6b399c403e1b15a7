"""A model that says what a script tells it to, and remembers what it was asked."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeAlias

from tzurot.hooks.markers import hookimpl
from tzurot.kit import Kit
from tzurot.payloads.generation import Delta, Finish, Request, Usage
from tzurot.plugin import Manifest, NoConfig, Plugin
from tzurot.turns.turn import Turn

Line: TypeAlias = str | Exception | Sequence[Delta] | Callable[[Request], str]
"""One answer: a text, an error to raise, deltas to stream, or a function of the request."""


class ScriptedModel(Plugin[NoConfig]):
    """A model backend for tests: says its ``lines`` in order, then ``otherwise`` for ever."""

    manifest = Manifest(name="scripted_model", summary="a model that follows a script", required=True)

    otherwise: Line = "I hear you."

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.lines: deque[Line] = deque()
        self.requests: list[Request] = []

    def script(self, *lines: Line) -> None:
        """Say these next."""
        self.lines.extend(lines)

    @hookimpl(tryfirst=True)
    def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta]:
        """Answer every request."""
        return self._speak(request)

    async def _speak(self, request: Request) -> AsyncIterator[Delta]:
        self.requests.append(request)
        line = self.lines.popleft() if self.lines else self.otherwise
        if isinstance(line, Exception):
            raise line
        if isinstance(line, str) or callable(line):
            text = line if isinstance(line, str) else line(request)
            half = len(text) // 2
            yield Delta(text[:half])
            yield Delta(text[half:])
            yield Delta(finish=Finish.STOP, usage=Usage(1, 1), model="scripted")
            return
        for delta in line:
            yield delta

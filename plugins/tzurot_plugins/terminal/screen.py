"""What a person sees: a window on a terminal, or plain text in a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Protocol, TextIO

from rich.console import Console, RenderableType
from rich.status import Status
from rich.text import Text

from tzurot import Character, Delta
from tzurot_plugins.terminal.flow import Flow
from tzurot_plugins.terminal.safe import safe, safe_line

_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
_BAR = 24


class Screen(Protocol):
    """Where a conversation is shown."""

    def waiting(self, character: Character) -> None:
        """A message was sent; ``character`` is to answer."""

    def delta(self, character: Character, delta: Delta) -> None:
        """A piece of the answer passes by."""

    def said(self, character: Character, text: str) -> None:
        """The answer as it is after all post-processing."""

    def rest(self) -> None:
        """The turn is over, however it ended."""

    def loading(self, name: str, done: float | None) -> None:
        """A model loads; ``None`` when that is over."""

    def notice(self, text: str) -> None:
        """Something worth knowing, from us."""

    def complaint(self, text: str) -> None:
        """Something went wrong."""

    def show(self, what: RenderableType) -> None:
        """A table or the like, that was asked for."""


class Window:
    """A terminal in front of a person. Everything goes to standard output."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._status: Status | None = None
        self._flow: Flow | None = None
        self._streamed = ""
        self._who = ""
        self.load: tuple[str, float] | None = None
        self.load_changed: Callable[[], None] = lambda: None

    def waiting(self, character: Character) -> None:
        self._streamed, self._flow = "", None
        self._who = safe_line(character.name)
        self._status = self._console.status(self._waiting_line(), spinner="dots")
        self._status.start()

    def delta(self, character: Character, delta: Delta) -> None:
        if not delta.text:
            return
        text = safe(delta.text if self._streamed else delta.text.lstrip())
        if not text:
            return
        flow = self._flow or self._begin(character)
        self._streamed += text
        self._print(flow, text)

    def said(self, character: Character, text: str) -> None:
        shown, final = self._streamed.strip(), safe(text).strip()
        if self._flow is not None and final.startswith(shown):
            rest = final[len(shown) :]
            self._print(self._flow, rest)
        else:
            if self._flow is not None:
                self._end_line()
                self._console.print(Text("edited:", "dim"))
            self._print(self._begin(character), final)
        self._end_line()

    def rest(self) -> None:
        self._quiet()
        if self._flow is not None:
            self._end_line()

    def loading(self, name: str, done: float | None) -> None:
        self.load = None if done is None else (safe_line(name), done)
        if self._status is not None:
            self._status.update(self._waiting_line())
        self.load_changed()

    def notice(self, text: str) -> None:
        self._aside(Text(safe(text), "dim"))

    def complaint(self, text: str) -> None:
        self._aside(Text(safe(text), "red"))

    def show(self, what: RenderableType) -> None:
        self._aside(what)

    def greet(self, character: Character, text: str) -> None:
        """Show a line of ``character`` that no model wrote."""
        self._streamed = ""
        self.said(character, text)

    def _begin(self, character: Character) -> Flow:
        self._quiet()
        name = safe_line(character.name)
        self._console.print(Text(f"{name} ", f"bold {colour(character)}"), end="")
        self._flow = Flow(self._console.width, Text(name).cell_len + 1)
        return self._flow

    def _print(self, flow: Flow, text: str) -> None:
        for piece in flow.feed(text):
            style = "italic dim" if piece.action else ""
            self._console.print(Text(piece.text, style), end="", soft_wrap=True)
        self._console.file.flush()

    def _end_line(self) -> None:
        if self._flow is not None:
            for piece in self._flow.finish():
                style = "italic dim" if piece.action else ""
                self._console.print(Text(piece.text, style), end="", soft_wrap=True)
        self._flow = None
        self._console.print("\n")

    def _aside(self, what: RenderableType) -> None:
        if self._flow is not None:
            self._end_line()
        self._console.print(what, soft_wrap=isinstance(what, Text))

    def _quiet(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _waiting_line(self) -> Text:
        if self.load is not None:
            return Text(bar(*self.load), "dim")
        return Text(f"{self._who} is thinking", "dim")


class Pipe:
    """No terminal: finished answers go to standard output, everything else to standard error."""

    def __init__(
        self,
        *,
        quiet: bool = False,
        as_json: bool = False,
        out: TextIO | None = None,
        err: TextIO | None = None,
    ) -> None:
        self._out = out or sys.stdout
        self._console = Console(file=err or sys.stderr, highlight=False)
        self._quiet = quiet
        self._as_json = as_json
        self._status: Status | None = None

    def waiting(self, character: Character) -> None: ...

    def delta(self, character: Character, delta: Delta) -> None:
        self.rest()

    def said(self, character: Character, text: str) -> None: ...

    def answer(self, text: str | None, **more: object) -> None:
        """Write a finished answer, with ``more`` about it where JSON was asked for."""
        # JSON escapes what is not ASCII, so that nothing in it can command a terminal either.
        line = json.dumps({"text": text, **more}) if self._as_json else safe(text or "").strip()
        self._out.write(line + "\n")
        self._out.flush()

    def rest(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def loading(self, name: str, done: float | None) -> None:
        if not self._console.is_terminal:
            return
        if done is None:
            self.rest()
            return
        line = Text(bar(safe_line(name), done), "dim")
        if self._status is None:
            self._status = self._console.status(line)
            self._status.start()
        self._status.update(line)

    def notice(self, text: str) -> None:
        if not self._quiet:
            self._console.print(Text(safe(text), "dim"), soft_wrap=True)

    def complaint(self, text: str) -> None:
        self.rest()
        self._console.print(Text(safe(text), "red"), soft_wrap=True)

    def show(self, what: RenderableType) -> None:
        self._console.print(what, soft_wrap=isinstance(what, Text))


def bar(name: str, done: float) -> str:
    """How far a model is loaded, as a line of text."""
    full = round(min(1.0, max(0.0, done)) * _BAR)
    doing = "loading" if done < 1 else "preparing"
    return f"{doing} {name} {'━' * full}{'╌' * (_BAR - full)} {done:.0%}"


def colour(character: Character) -> str:
    """A character's own colour, always the same."""
    return _COLOURS[sum(character.key.encode()) % len(_COLOURS)]

"""What can be typed beside messages: our own commands, and those of the plugins."""

from __future__ import annotations

import difflib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from tzurot import Character, Command, Invocation, Permission, TzurotError
from tzurot.commands import leaves, usage
from tzurot.controls import CommandFailed
from tzurot_plugins.terminal.choose import NobodyThere, named
from tzurot_plugins.terminal.safe import safe, safe_line
from tzurot_plugins.terminal.talk import Talk
from tzurot_plugins.terminal.tracing import drawn

_MARKED = re.compile(r"\*\*(\S(?:[^*\n]*\S)?)\*\*|`([^`\n]+)`")
EVERYTHING = frozenset(Permission)
"""Whoever sits at the keyboard runs the instance."""


@dataclass(frozen=True, slots=True)
class _Own:
    usage: str
    summary: str
    run: Callable[[str], Awaitable[None]]


class Slash:
    """Commands that begin with a slash. ``greet`` is called when another character is chosen."""

    def __init__(self, talk: Talk, greet: Callable[[Character], None]) -> None:
        self._talk = talk
        self._greet = greet
        self.over = False
        self._own = {
            "help": _Own("", "what can be typed here", self._help),
            "characters": _Own("", "who is there", self._characters),
            "switch": _Own("NAME", "talk with somebody else", self._switch),
            "trace": _Own("", "what happened in the latest turn", self._trace),
            "commands": _Own("", "the commands of the plugins", self._commands),
            "quit": _Own("", "leave (or Ctrl-D)", self._quit),
        }

    @property
    def _contributed(self) -> Mapping[str, Command]:
        return self._talk.app.contributions.commands

    @property
    def names(self) -> list[str]:
        """All commands, for completion."""
        return sorted({*self._own, *self._contributed})

    async def run(self, line: str) -> None:
        """Run the command of ``line``, which begins with a slash; what it says appears on the screen."""
        name, _, arguments = line[1:].strip().partition(" ")
        if (own := self._own.get(name)) is not None:
            await own.run(arguments.strip())
        elif name in self._contributed:
            await self._give(line[1:].strip())
        else:
            close = difflib.get_close_matches(name, self.names, 1)
            hint = f"Did you mean /{close[0]}?" if close else "/help lists what there is."
            self._complain(f"There is no command /{safe_line(name)}. {hint} (Begin with // to say a slash.)")

    async def _give(self, line: str) -> None:
        seat = self._talk.seat
        told = Invocation(seat.author, seat.place, allowed=EVERYTHING)
        try:
            seat.screen.show(Text(_plain(await self._talk.app.controls.run_line(line, told))))
        except TzurotError as error:
            self._complain(_why(error))

    async def _help(self, _: str) -> None:
        table = _table()
        for name, own in self._own.items():
            table.add_row(Text(f"/{name} {own.usage}".rstrip(), "bold"), own.summary)
        table.add_row(Text("Ctrl-C", "bold"), "stop the answer; twice to leave")
        self._show(table)

    async def _commands(self, _: str) -> None:
        if not self._contributed:
            self._talk.seat.screen.notice("No plugin contributes commands.")
            return
        table = _table()
        for _, command in sorted(self._contributed.items()):
            for path, each in leaves(command):
                table.add_row(Text(safe_line(usage(each, path)), "bold"), Text(safe_line(each.summary)))
        self._show(table)

    async def _characters(self, _: str) -> None:
        table = _table()
        for character in self._talk.app.shelf.characters():
            mark = "▸" if character.key == self._talk.seat.character else " "
            about = " ".join(safe_line(character.description).split()[:12])
            name = Text(f"{mark} {safe_line(character.name)}", "bold")
            table.add_row(name, Text(character.key, "dim"), Text(about))
        self._show(table)

    async def _switch(self, name: str) -> None:
        if not name:
            self._complain("Whom to? /switch NAME; /characters lists them.")
            return
        try:
            character = named(self._talk.app.shelf, name)
        except NobodyThere as error:
            self._complain(str(error))
            return
        self._talk.seat.character = character.key
        self._greet(character)

    async def _trace(self, _: str) -> None:
        trace = self._talk.trace
        if trace is None:
            self._talk.seat.screen.notice("Nothing has been said yet.")
        else:
            self._show(drawn(trace))

    async def _quit(self, _: str) -> None:
        self.over = True

    def _show(self, what: RenderableType) -> None:
        self._talk.seat.screen.show(what)

    def _complain(self, text: str) -> None:
        self._talk.seat.screen.complaint(text)


def _table() -> Table:
    return Table(box=None, show_header=False, padding=(0, 2, 0, 0))


def _why(error: TzurotError) -> str:
    """What went wrong, with the cause that only the operator may see."""
    if not isinstance(error, CommandFailed) or error.__cause__ is None:
        return str(error)
    cause = error.__cause__
    return str(error).replace(".", f": {type(cause).__name__}: {cause}.", 1)


def _plain(text: str) -> str:
    """What a command says, without the marks for bold and code that other platforms draw."""
    return _MARKED.sub(lambda found: found[1] or found[2], safe(text).strip())

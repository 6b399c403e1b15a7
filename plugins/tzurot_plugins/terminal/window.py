"""The conversation in front of a person: a prompt, answers that stream, Ctrl-C that stops them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout

from tzurot import Character
from tzurot_plugins.terminal.safe import safe_line
from tzurot_plugins.terminal.screen import Window, bar
from tzurot_plugins.terminal.slash import Slash
from tzurot_plugins.terminal.talk import Talk, failures
from tzurot_plugins.terminal.tracing import drawn

HISTORY = "chat_history"


class Conversation:
    """Reads what is typed and has it answered, until the person leaves."""

    def __init__(self, talk: Talk, window: Window, home: Path, *, tracing: bool = False) -> None:
        self._talk = talk
        self._window = window
        self._tracing = tracing
        self._slash = Slash(talk, self._greet)
        self._session: PromptSession[str] = PromptSession(
            history=_history(home / HISTORY),
            completer=_Completer(self._slash, talk),
            complete_while_typing=False,
            auto_suggest=AutoSuggestFromHistory(),
        )
        window.load_changed = self._load_changed

    async def run(self) -> None:
        """Talk until the person leaves."""
        self._greet(self._talk.character)
        warming = asyncio.create_task(self._talk.warm(), name="get ready")
        try:
            await self._until_over()
        finally:
            warming.cancel()
            await asyncio.gather(warming, return_exceptions=True)

    async def _until_over(self) -> None:
        asked_once = False
        while not self._slash.over:
            try:
                # Only while it is asked: an answer that streams through it would come in jerks.
                with patch_stdout(raw=True):
                    line = await self._session.prompt_async("› ")
            except KeyboardInterrupt:
                if asked_once and not self._session.default_buffer.text:
                    return
                asked_once = True
                self._window.notice("Ctrl-C again to leave.")
                continue
            except EOFError:
                return
            asked_once = False
            if line.strip():
                await self._stoppable(self._answer(line.strip()))

    async def _answer(self, line: str) -> None:
        if line.startswith("/") and not line.startswith("//"):
            await self._slash.run(line)
            return
        outcome = await self._talk.say(line.removeprefix("/") if line.startswith("//") else line)
        for why in failures(outcome):
            if why == "cancelled":
                self._window.notice("(stopped)")
            else:
                self._window.complaint(why)
        if self._tracing and (trace := self._talk.trace) is not None:
            self._window.show(drawn(trace))

    async def _stoppable(self, work: Coroutine[Any, Any, None]) -> None:
        """Do ``work``; Ctrl-C stops the answer, and once more leaves."""
        task = asyncio.create_task(work, name="answer")

        def pressed() -> None:
            if stopping or not self._talk.stop():
                self._slash.over = bool(stopping)
                task.cancel()
            stopping.append(True)

        stopping: list[bool] = []
        with _on_interrupt(pressed):
            await asyncio.wait({task})
        if not task.cancelled():
            task.result()

    def _greet(self, character: Character) -> None:
        name = safe_line(character.name)
        self._window.notice(f"You are talking with {name} ({character.key}). /help says what else there is.")
        if character.greeting.strip():
            self._window.greet(character, character.greeting)

    def _load_changed(self) -> None:
        load = self._window.load
        self._session.bottom_toolbar = None if load is None else f" {bar(*load)}"
        self._session.app.invalidate()


class _Completer(Completer):
    def __init__(self, slash: Slash, talk: Talk) -> None:
        self._slash = slash
        self._talk = talk

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        typed = document.text_before_cursor
        if not typed.startswith("/"):
            return
        command, space, name = typed[1:].partition(" ")
        if not space:
            found, start = self._slash.names, command
        elif command == "switch":
            found, start = [safe_line(c.name) for c in self._talk.app.shelf.characters()], name
        else:
            return
        for each in found:
            if each.casefold().startswith(start.casefold()):
                yield Completion(each, -len(start))


class _on_interrupt:  # reads as a statement
    """Have Ctrl-C call ``pressed`` for a while, where the system's event loop can do that."""

    def __init__(self, pressed: Callable[[], None]) -> None:
        self._pressed = pressed

    def __enter__(self) -> None:
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._pressed)

    def __exit__(self, *_: object) -> None:
        with suppress(NotImplementedError):
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)


class _Kept(FileHistory):
    def store_string(self, string: str) -> None:
        with suppress(OSError):  # a full disk costs the history, not the conversation
            super().store_string(string)


def _history(path: Path) -> History:
    """What was typed, in a file that only its owner reads: what people say is nobody else's business."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return _Kept(str(path))

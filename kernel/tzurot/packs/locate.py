"""YAML read into plain values, every value with its place: for packs and for ``tzurot.yaml`` alike.

The parser's events are turned into values one by one, so that neither a hostile file nor a large one ever
stands in memory as a graph of nodes. Places are looked up only when somebody asks, by a second reading:
a good file never pays for them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from tzurot.packs.complaints import explain
from tzurot.packs.pace import breathe
from tzurot.packs.problems import Problem, Severity, Spot, Trail, dotted
from tzurot.packs.scalars import plain

FILE_BYTES = 1024 * 1024
DEPTH = 32
NODES = 50_000
PROBLEMS = 100
_LINE = FILE_BYTES * 2

_UNPRINTABLE = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


# Where these become visible (often the end of the file) is far from where they were made.
_TOLD_AT_THE_START = (
    "found unexpected end of stream",
    "did not find expected ',' or",
    "could not find expected ':'",
)


class _Stop(Exception):
    """The rest of the file isn't read."""


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is being filled."""

    value: dict[str, Any] | list[Any]
    trail: Trail
    key: str | None = None
    awaits_key: bool = False
    ignored: bool = False
    """What it holds goes nowhere: it stood where a key belongs."""


@dataclass(slots=True)
class Document:
    """A file's value, what is wrong with its YAML, and the places of its keys and values."""

    file: str
    text: str = field(repr=False, default="")
    value: Any = None
    problems: tuple[Problem, ...] = ()
    complete: bool = True
    """Whether the file could be read to its end."""
    _marks: tuple[dict[Trail, int], dict[Trail, int]] | None = field(default=None, repr=False)

    def spot(self, trail: Trail, on_key: bool = False) -> Spot:
        """The place of a value or of its key; of the nearest one round it when there is none."""
        if self._marks is None:
            reader = _Reader(self.file, self.text, surveys=True)
            reader.read()
            self._marks = (reader.keys, reader.values)
        keys, values = self._marks
        if on_key and trail in keys:
            return self._spot(keys[trail])
        while trail and trail not in values:
            trail = trail[:-1]
        return self._spot(values[trail]) if trail in values else Spot(self.file)

    def _spot(self, mark: int) -> Spot:
        line, column = divmod(mark, _LINE)
        return Spot(self.file, line + 1, column + 1)


def parse(text: str, file: str) -> Document:
    """Read YAML text; problems come in the document, never as an exception."""
    reader = _Reader(file, text, surveys=False)
    value = reader.read()
    return Document(file, text, value, tuple(reader.problems), reader.complete)


def _start(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line, mark.column) if mark is not None else (0, 0)


def _mark(event: yaml.Event) -> int:
    """An event's place in one number: a large file has many, and numbers weigh least."""
    line, column = _start(event)
    return line * _LINE + column


class _Reader:
    """One pass over a file's events."""

    def __init__(self, file: str, text: str, *, surveys: bool) -> None:
        self.file = file
        self.text = text
        self.surveys = surveys
        self.problems: list[Problem] = []
        self.keys: dict[Trail, int] = {}
        self.values: dict[Trail, int] = {}
        self._stack: list[_Frame] = []
        self._root: Any = None
        self._nodes = 0
        self._documents = 0
        self.complete = True

    def read(self) -> Any:
        """Build the value as far as the file can be read."""
        try:
            self._refuse_unprintable()
            parser = yaml.CSafeLoader(self.text)
            while (event := parser.get_event()) is not None:
                self._take(event)
                breathe()
        except (_Stop, yaml.YAMLError) as error:
            self.complete = False
            self._complain(error)
        return self._root

    def _refuse_unprintable(self) -> None:
        found = _UNPRINTABLE.search(self.text)
        if found is None:
            return
        before = self.text[: found.start()]
        line = before.count("\n")
        column = found.start() - (before.rfind("\n") + 1)
        self._report(
            line, column, f"an invisible control character ({found.group()!r}) stands here.", "Remove it."
        )
        raise _Stop

    def _complain(self, error: Exception) -> None:
        if isinstance(error, _Stop):
            return
        problem = str(getattr(error, "problem", ""))
        mark = getattr(error, "problem_mark", None)
        if problem.startswith(_TOLD_AT_THE_START):
            mark = getattr(error, "context_mark", None) or mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        lines = self.text.split("\n")
        found = lines[line][column : column + 1] if line < len(lines) else ""
        self._report(line, column, *explain(error, found))

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, NodeEvent):
            self._count(event)
            self._refuse_decoration(event)
        if isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, CollectionStartEvent):
            self._open(event)
        elif isinstance(event, CollectionEndEvent):
            self._close()
        elif isinstance(event, AliasEvent):
            self._place(None, event)
        elif isinstance(event, DocumentStartEvent):
            self._start_document(event)

    def _start_document(self, event: yaml.Event) -> None:
        self._documents += 1
        if self._documents > 1:
            text = "a second YAML document starts here, and a file holds only one."
            self._report_at(event, text, "Remove the '---' line, or make it a file of its own.")
            raise _Stop

    def _count(self, event: yaml.Event) -> None:
        self._nodes += 1
        if self._nodes > NODES:
            self._report_at(
                event, f"this file has more than {NODES:,} values.", "Split it into several files."
            )
            raise _Stop

    def _refuse_decoration(self, event: NodeEvent) -> None:
        if isinstance(event, AliasEvent):
            text, remedy = (
                f"aliases (*{event.anchor}) are not used in packs.",
                "Write the value out, or quote it.",
            )
        elif event.anchor is not None:
            text, remedy = (
                f"anchors (&{event.anchor}) are not used in packs.",
                "Remove it, or quote the text.",
            )
        elif getattr(event, "tag", None) is not None:
            tag = str(getattr(event, "tag", ""))
            text, remedy = f"tags ({tag[:40]}) are not used in packs.", "Remove it, or quote the text."
        else:
            return
        self._report_at(event, text, remedy)

    def _scalar(self, event: ScalarEvent) -> None:
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.awaits_key:
            self._key(frame, event)
            return
        self._place(self._read_scalar(event), event)

    def _read_scalar(self, event: ScalarEvent) -> Any:
        value: str = event.value
        if event.style:
            return value
        if value and event.end_mark is not None and event.end_mark.line > _start(event)[0]:
            text = "this text runs on over several lines without quotes, which is seldom meant."
            self._report_at(
                event, text, "Check the indentation of the next line, or use '|' or '>' for long text."
            )
        try:
            return plain(value)
        except ValueError as error:
            self._report_at(event, str(error), "Put quotes round it if it is meant as text.")
            return None

    def _key(self, frame: _Frame, event: ScalarEvent) -> None:
        key = event.value
        value = key if event.style else self._read_scalar(event)
        frame.awaits_key = False
        frame.key = key
        if not isinstance(value, str):
            self._report_at(event, f"the key {key or 'null'} would not be read as text.", f'Write "{key}".')
        elif key == "<<" and not event.style:
            self._report_at(event, "merge keys (<<) are not used in packs.", "Write the settings out.")
        elif isinstance(frame.value, dict) and key in frame.value:
            line = self._line_of(frame, key)
            self._report_at(event, f"{key!r} is already set{line}.", "Keep one of the two.")
        if self.surveys:
            self.keys.setdefault((*frame.trail, key), _mark(event))

    def _line_of(self, frame: _Frame, key: str) -> str:
        if not self.keys:
            survey = _Reader(self.file, self.text, surveys=True)
            survey.read()
            self.keys = survey.keys
        mark = self.keys.get((*frame.trail, key))
        return "" if mark is None else f" on line {mark // _LINE + 1}"

    def _open(self, event: CollectionStartEvent) -> None:
        if len(self._stack) >= DEPTH:
            self._report_at(event, f"this is nested more than {DEPTH} levels deep.", "Make it flatter.")
            raise _Stop
        is_map = isinstance(event, MappingStartEvent)
        value: dict[str, Any] | list[Any] = {} if is_map else []
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.awaits_key:
            self._report_at(event, "a list or mapping can't be a key.", "Use a text as the key.")
            self._stack.append(_Frame(value, frame.trail, awaits_key=is_map, ignored=True))
            return
        trail = self._place(value, event)
        self._stack.append(_Frame(value, trail, awaits_key=is_map))

    def _close(self) -> None:
        closed = self._stack.pop()
        if closed.ignored:
            parent = self._stack[-1]
            parent.awaits_key, parent.key = False, None

    def _place(self, value: Any, event: yaml.Event) -> Trail:
        """Put a value where it belongs and say where that is."""
        if not self._stack:
            self._root = value
            trail: Trail = ()
        else:
            trail = self._put(self._stack[-1], value)
        if self.surveys:
            self.values.setdefault(trail, _mark(event))
        return trail

    def _put(self, frame: _Frame, value: Any) -> Trail:
        if isinstance(frame.value, list):
            frame.value.append(value)
            return (*frame.trail, len(frame.value) - 1)
        if frame.awaits_key:  # an alias in the place of a key; reported already
            frame.awaits_key, frame.key = False, None
            return frame.trail
        frame.awaits_key = True
        if frame.key is None:
            return frame.trail
        frame.value.setdefault(frame.key, value)
        return (*frame.trail, frame.key)

    def _report_at(self, event: yaml.Event, text: str, remedy: str) -> None:
        self._report(*_start(event), text, remedy)

    def _report(self, line: int, column: int, text: str, remedy: str) -> None:
        if self.surveys:
            return
        trail: Trail = ()
        if self._stack:
            frame = self._stack[-1]
            trail = frame.trail if frame.key is None or frame.awaits_key else (*frame.trail, frame.key)
        spot = Spot(self.file, line + 1, column + 1)
        self.problems.append(Problem(Severity.ERROR, spot, dotted(trail), text, remedy))
        if len(self.problems) >= PROBLEMS:
            raise _Stop

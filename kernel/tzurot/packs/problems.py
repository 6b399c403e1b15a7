"""What is wrong with a file, and exactly where: spots, problems, reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

Trail = tuple[str | int, ...]
"""The way from the root of a document to one of its values: keys and list positions."""


class Severity(StrEnum):
    """How bad a problem is: an error keeps the pack out, a warning doesn't."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file, counted from 1 as editors do."""

    file: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, what, and what to do about it."""

    severity: Severity
    spot: Spot
    path: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        where = f"{self.spot.file}:{self.spot.line}:{self.spot.column}"
        return f"{where}: {self.sentence}"

    @property
    def sentence(self) -> str:
        """The problem without its place in the file: path, text and remedy."""
        told = f"{self.text} {self.remedy}".rstrip()
        return f"{self.path}: {told}" if self.path else told

    @property
    def is_error(self) -> bool:
        """Whether the problem keeps the pack out."""
        return self.severity is Severity.ERROR

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """The key that sorts problems as a reader meets them."""
        return (self.spot.file, self.spot.line, self.spot.column, self.path, self.text)


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem whose place in the file is still to be looked up: only its trail is known.

    ``on_key`` points at the key instead of the value, as for a key that shouldn't be there.
    """

    trail: Trail
    text: str
    remedy: str = ""
    on_key: bool = False
    severity: Severity = Severity.ERROR


class Refusal(Exception):
    """A file that isn't read at all: too large, out of the folder, no text."""

    def __init__(self, text: str, remedy: str = "", spot: Spot | None = None) -> None:
        super().__init__(f"{text} {remedy}".rstrip())
        self.text = text
        self.remedy = remedy
        self.spot = spot


def dotted(trail: Trail) -> str:
    """Write a trail as people read it: ``plugins.lorebook.books.0.name``."""
    return ".".join(str(step) for step in trail)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort by file, line and column, without repetitions."""
    return tuple(sorted(set(problems), key=lambda problem: problem.order))


def errors(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Only those that keep the pack out."""
    return tuple(problem for problem in problems if problem.is_error)

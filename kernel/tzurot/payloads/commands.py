"""Commands as plugins declare them, for every platform alike, and one use of a command."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from tzurot.payloads.message import Author, Place

OptionValue: TypeAlias = str | int | float | bool
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_MOST = 25
_SUMMARY = 100


class Permission(StrEnum):
    """What somebody must be allowed, where they stand, to use a command."""

    EVERYONE = "everyone"
    MANAGE_CHANNEL = "manage_channel"
    MANAGE_GUILD = "manage_guild"
    OWNER = "owner"
    """To run this instance; no right in any guild follows from it."""


class OptionKind(StrEnum):
    """What an option takes."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    """One of its ``choices``."""


Complete: TypeAlias = "Callable[[str, Invocation], Awaitable[Sequence[str]]]"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a command wants to know.

    ``autocomplete(typed, invocation)`` suggests values while somebody types; other values are legal, too.
    """

    name: str
    summary: str
    kind: OptionKind = OptionKind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    autocomplete: Complete | None = None


def _nothing() -> Mapping[str, OptionValue]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command as somebody gave it: who, where, with which options, and what they may do there.

    ``options`` has those that were given, in the type of their kind. ``arguments`` is the free text behind
    the name, for commands that declare no options. ``allowed`` is what the platform vouches for.
    """

    author: Author
    place: Place
    arguments: str = ""
    options: Mapping[str, OptionValue] = field(default_factory=_nothing)
    allowed: frozenset[Permission] = frozenset()

    def text(self, name: str, otherwise: str = "") -> str:
        """The option ``name`` as text."""
        return str(self.options.get(name, otherwise))


Run: TypeAlias = Callable[[Invocation], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command that every platform offers in its own way; ``run`` returns what is shown to the person.

    It either runs or is a group of ``commands``, one level deep. Without options it takes free text, which
    ``usage`` names. ``private`` answers are seen by the person alone, where the platform can do that.
    """

    name: str
    summary: str
    run: Run | None = None
    usage: str = ""
    options: tuple[Option, ...] = ()
    commands: tuple[Command, ...] = ()
    permission: Permission = Permission.EVERYONE
    private: bool = True

    def __post_init__(self) -> None:
        for wrong in _mistakes(self):
            raise ValueError(f"the command /{self.name}: {wrong}")

    def sub_command(self, name: str) -> Command | None:
        """The command of this name within the group."""
        return next((each for each in self.commands if each.name == name), None)


def _mistakes(command: Command) -> Iterator[str]:
    """What platforms would refuse, said to the author of the plugin."""
    inner: list[Command | Option] = [*command.options, *command.commands]
    for each in (command, *inner):
        yield from _mistakes_in_words(each)
    if (command.run is None) == (not command.commands):
        yield "give it either a run or commands."
    if command.commands and command.options:
        yield "a group takes no options. Give them to its commands."
    if len(inner) > _MOST or len({each.name for each in inner}) < len(inner):
        yield f"up to {_MOST} options or commands, each with a name of its own."
    if any(each.commands for each in command.commands):
        yield "groups stand one level deep only."
    yield from _mistakes_in_options(command.options)


def _mistakes_in_words(each: Command | Option) -> Iterator[str]:
    if not _NAME.fullmatch(each.name):
        yield f"{each.name!r} is no name. Use up to 32 small letters, digits, - and _."
    if not 1 <= len(each.summary) <= _SUMMARY:
        yield f"the summary of {each.name} must have 1 to {_SUMMARY} characters."


def _mistakes_in_options(options: Sequence[Option]) -> Iterator[str]:
    required = [option.required for option in options]
    if required != sorted(required, reverse=True):
        yield "required options come before the others."
    for option in options:
        if (option.kind is OptionKind.CHOICE) != bool(option.choices) or len(option.choices) > _MOST:
            yield f"{option.name}: choices are for options of that kind, and up to {_MOST}."

"""Commands read and judged: what a line of text means, and who may do what. Pure; the one place for both."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tzurot.errors import TzurotError
from tzurot.payloads.commands import Command, Invocation, Option, OptionKind, OptionValue, Permission

_SUFFICIENT: Mapping[Permission, frozenset[Permission]] = {
    Permission.MANAGE_CHANNEL: frozenset({Permission.MANAGE_CHANNEL, Permission.MANAGE_GUILD}),
    Permission.MANAGE_GUILD: frozenset({Permission.MANAGE_GUILD}),
    Permission.OWNER: frozenset({Permission.OWNER}),
}
"""For each permission, those of which one is enough."""
_WHO = {
    Permission.MANAGE_CHANNEL: "who may manage this channel",
    Permission.MANAGE_GUILD: "who may manage this server",
    Permission.OWNER: "who owns this bot",
}
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_WORD = re.compile(r'(?:([a-z][a-z0-9_-]*)[=:])?"((?:[^"\\]|\\.)*)"(?=\s|$)|(\S+)')
_NAMED = re.compile(r"([a-z][a-z0-9_-]*)[=:](.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class BadCommand(TzurotError):
    """A command was written in a way that can't be carried out; the message has its usage."""


class NotAllowed(TzurotError):
    """Somebody may not do what they asked for."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a line means: the command that runs, its name with its group's, and its options."""

    command: Command
    path: tuple[str, ...]
    arguments: str
    options: Mapping[str, OptionValue]


def require(permission: Permission, invocation: Invocation, what: str = "This") -> None:
    """Let pass who has ``permission`` where they stand, as their platform vouches for.

    Raises:
        NotAllowed: they have not; also for a permission that nobody knows.
    """
    if permission is Permission.EVERYONE:
        return
    if not _SUFFICIENT.get(permission, frozenset()) & invocation.allowed:
        who = _WHO.get(permission, "nobody")
        raise NotAllowed(f"{what} is only for {who}.")


def authorise(command: Command, invocation: Invocation, path: Sequence[str] = ()) -> None:
    """Let pass who may use ``command``, which is called ``path``.

    Raises:
        NotAllowed: they may not.
    """
    require(command.permission, invocation, "/" + " ".join(path or (command.name,)))


def usage(command: Command, path: Sequence[str] = ()) -> str:
    """How a command is written, such as ``/plugins on NAME [where=server|channel]``."""
    name = "/" + " ".join(path or (command.name,))
    if command.commands:
        return f"{name} {'|'.join(each.name for each in command.commands)}"
    return (
        " ".join([name, *map(_written, command.options)])
        if command.options
        else f"{name} {command.usage}".rstrip()
    )


def _written(option: Option) -> str:
    values = "|".join(option.choices) or {OptionKind.FLAG: "yes|no"}.get(option.kind, option.name.upper())
    return (
        values
        if option.required and not option.choices
        else (f"{option.name}={values}" if option.required else f"[{option.name}={values}]")
    )


def leaves(command: Command) -> Iterator[tuple[tuple[str, ...], Command]]:
    """The commands that run, each with its whole name."""
    if not command.commands:
        yield (command.name,), command
    for each in command.commands:
        yield (command.name, each.name), each


def parse(command: Command, text: str) -> Parsed:
    """What ``text``, all that follows the command's name, means.

    Options are written in order, or by name as ``name=value`` or ``name:value``; quotes keep words together.

    Raises:
        BadCommand: with the usage.
    """
    path: tuple[str, ...] = (command.name,)
    text = text.strip()
    if command.commands:
        word, _, text = text.partition(" ")
        found = command.sub_command(word)
        if found is None:
            wrong = f"There is no /{command.name} {word}." if word else f"/{command.name} wants to know more."
            raise BadCommand(f"{wrong} Write {usage(command)}.")
        command, path, text = found, (*path, word), text.strip()
    if not command.options:
        if text and len(path) > 1:
            raise BadCommand(f"/{' '.join(path)} takes nothing more. Write {usage(command, path)}.")
        return Parsed(command, path, text, {})
    try:
        options = checked(command, _assigned(command, text))
    except BadCommand as error:
        raise BadCommand(f"{error} Write {usage(command, path)}.") from None
    return Parsed(command, path, text, options)


def checked(command: Command, given: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    """Options as given, by text or by a platform's own types, each in the type of its kind.

    Raises:
        BadCommand: one is missing, unknown, or of the wrong kind.
    """
    known = {option.name: option for option in command.options}
    if unknown := sorted(set(given) - set(known)):
        raise BadCommand(f"There is no option {unknown[0]}.")
    if missing := [name for name, option in known.items() if option.required and name not in given]:
        raise BadCommand(f"{missing[0]} is missing.")
    return {name: _value(known[name], value) for name, value in given.items()}


def _assigned(command: Command, text: str) -> dict[str, OptionValue]:
    """Which option gets which piece of ``text``."""
    names = [option.name for option in command.options]
    if len(names) == 1 and command.options[0].kind is OptionKind.TEXT and not _starts_named(text, names[0]):
        return {names[0]: _bare(text)} if text else {}
    given: dict[str, OptionValue] = {}
    loose: list[str] = []
    for name, value in _words(text, names):
        if not name:
            loose.append(value)
        elif name in given:
            raise BadCommand(f"{name} is given twice.")
        else:
            given[name] = value
    free = [name for name in names if name not in given]
    if len(loose) > len(free):
        raise BadCommand(f"{loose[len(free)]!r} is too much; quotes keep words together.")
    return {**given, **dict(zip(free, loose, strict=False))}


def _starts_named(text: str, name: str) -> bool:
    return text.startswith((f"{name}=", f"{name}:"))


def _bare(text: str) -> str:
    """``text`` without the quotes round it, if it is one quoted piece."""
    found = _WORD.fullmatch(text)
    return _ESCAPED.sub(r"\1", found[2]) if found and found[1] is None and found[2] is not None else text


def _words(text: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The pieces of ``text``, each with the option that it names, if it names one."""
    for found in _WORD.finditer(text):
        name, quoted, plain = found.groups()
        if quoted is not None:
            value = _ESCAPED.sub(r"\1", quoted)
            yield (name, value) if name in names else ("", value if name is None else found[0])
            continue
        named = _NAMED.fullmatch(plain)
        yield (named[1], named[2]) if named and named[1] in names else ("", plain)


def _value(option: Option, value: OptionValue) -> OptionValue:
    text = str(value).strip()
    if option.kind is OptionKind.FLAG:
        if text.casefold() not in _FLAGS:
            raise BadCommand(f"{option.name} is yes or no, not {text!r}.")
        return _FLAGS[text.casefold()]
    if option.kind in (OptionKind.WHOLE, OptionKind.NUMBER):
        return _number(option, text)
    if option.kind is OptionKind.CHOICE:
        chosen = next((each for each in option.choices if each.casefold() == text.casefold()), None)
        if chosen is None:
            raise BadCommand(f"{option.name} is one of {', '.join(option.choices)}, not {text!r}.")
        return chosen
    return str(value)


def _number(option: Option, text: str) -> int | float:
    try:
        if option.kind is OptionKind.WHOLE:
            return int(text)
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        kind = "a whole number" if option.kind is OptionKind.WHOLE else "a number"
        raise BadCommand(f"{option.name} is {kind}, not {text!r}.")
    return number

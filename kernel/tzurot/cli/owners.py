"""Whose settings a command is about: options that name a guild, a channel, a person, a character."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from tzurot.app import App
from tzurot.packs.compiled import Character
from tzurot.packs.messages import suggestion
from tzurot.settings.scopes import Scope
from tzurot.turns.stored import Owner

F = TypeVar("F", bound=Callable[..., Any])
_WHOLE = re.compile(r"[a-z][a-z0-9_]*:[^:]+")


def _whole(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _WHOLE.fullmatch(value):
        raise click.BadParameter(f"{value!r} lacks its platform. Write platform:id, such as discord:1234.")
    return value


def guild_option() -> Callable[[F], F]:
    """``--guild``."""
    words = "A guild, as platform:id: discord:1234."
    return click.option("--guild", metavar="ID", callback=_whole, help=words)


def channel_option() -> Callable[[F], F]:
    """``--channel``."""
    words = "A channel or thread, as platform:id."
    return click.option("--channel", metavar="ID", callback=_whole, help=words)


def thread_option() -> Callable[[F], F]:
    """``--thread``."""
    words = "A thread of the channel, as platform:id."
    return click.option("--thread", metavar="ID", callback=_whole, help=words)


def user_option() -> Callable[[F], F]:
    """``--user``."""
    return click.option("--user", metavar="ID", callback=_whole, help="A person, as platform:id.")


def character_option(words: str) -> Callable[[F], F]:
    """``--character``."""
    return click.option("--character", metavar="NAME", help=words)


def found_character(app: App, wanted: str) -> Character:
    """The character of that key, name or alias.

    Raises:
        ClickException: there is none; the message has the nearest.
    """
    character = app.shelf.character(wanted)
    if character is None:
        known = {name for each in app.shelf.characters() for name in (each.key, *each.names)}
        hint = suggestion(wanted, sorted(known))
        raise click.ClickException(f"There is no character {wanted!r}. {hint}".rstrip())
    return character


def owner_of(guild: str | None, channel: str | None, user: str | None, character: str | None) -> Owner:
    """The one owner that is meant; ``character`` is a key.

    Raises:
        UsageError: none is named, or several are.
    """
    named = [each for each in (guild, channel, user) if each is not None]
    if len(named) != 1:
        raise click.UsageError("Say for whom: one of --guild, --channel or --user.")
    if character is not None and user is None:
        raise click.UsageError("--character goes with --user. For everybody, write it into the pack.")
    if guild is not None:
        return (Scope.GUILD, guild)
    if channel is not None:
        return (Scope.CHANNEL, channel)
    return (Scope.USER, str(user)) if character is None else (Scope.USER_CHARACTER, f"{user}:{character}")

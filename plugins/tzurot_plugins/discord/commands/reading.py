"""Reads an interaction as a use of a command: which, by whom, where, and what they may do there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tzurot import Author, Invocation, Permission
from tzurot_plugins.discord.channels import Channels
from tzurot_plugins.discord.commands.declaration import (
    ADMINISTRATOR,
    FREE_TEXT,
    MANAGE_CHANNELS,
    MANAGE_GUILD,
    SUB_COMMAND,
)
from tzurot_plugins.discord.convert import CDN

COMMAND, AUTOCOMPLETE = 2, 4


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a command; ``focused`` is the option in which somebody types. Its token is a secret."""

    callback: str
    webhook: str
    path: tuple[str, ...]
    invocation: Invocation
    focused: str = ""

    def __repr__(self) -> str:
        return f"<Use /{' '.join(self.path)}>"


def read(data: Mapping[str, Any], channels: Channels, owners: Collection[str]) -> Use:
    """What an INTERACTION_CREATE of a command says."""
    told = _dict(data.get("data"))
    path, given = _chosen(told)
    options = {str(each.get("name")): each.get("value", "") for each in given}
    focused = next((str(each.get("name")) for each in given if each.get("focused")), "")
    guild = str(data["guild_id"]) if data.get("guild_id") else None
    channel = str(data.get("channel_id") or "")
    if guild and channels.of(channel) is None:
        channels.changed(data.get("channel"), guild)
    author = _author(data)
    invocation = Invocation(
        author,
        channels.place(channel, guild),
        arguments=str(options.get(FREE_TEXT, "")),
        options=options,
        allowed=_allowed(data, author.id in owners),
    )
    token = str(data.get("token"))
    return Use(
        f"/interactions/{data.get('id')}/{token}/callback",
        f"/webhooks/{data.get('application_id')}/{token}",
        path,
        invocation,
        focused,
    )


def _chosen(told: Mapping[str, Any]) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """The name of the command that was chosen, with its group's, and the options that were given."""
    name = str(told.get("name") or "")
    options = [each for each in told.get("options") or () if isinstance(each, dict)]
    if len(options) == 1 and options[0].get("type") == SUB_COMMAND:
        inner = [each for each in options[0].get("options") or () if isinstance(each, dict)]
        return (name, str(options[0].get("name"))), inner
    return (name,), options


def _author(data: Mapping[str, Any]) -> Author:
    member = _dict(data.get("member"))
    user = _dict(member.get("user") or data.get("user"))
    user_id, name, avatar = str(user.get("id") or ""), str(user.get("username") or ""), user.get("avatar")
    display = str(member.get("nick") or user.get("global_name") or name)
    return Author(user_id, name, display, avatar=f"{CDN}/avatars/{user_id}/{avatar}.png" if avatar else None)


def _allowed(data: Mapping[str, Any], owner: bool) -> frozenset[Permission]:
    """What Discord vouches for; outside of a guild nobody manages anything."""
    found = {Permission.EVERYONE}
    if owner:
        found.add(Permission.OWNER)
    told = str(_dict(data.get("member")).get("permissions") or "")
    bits = int(told) if data.get("guild_id") and told.isdecimal() and told.isascii() else 0
    if bits & (MANAGE_CHANNELS | ADMINISTRATOR):
        found.add(Permission.MANAGE_CHANNEL)
    if bits & (MANAGE_GUILD | ADMINISTRATOR):
        found.add(Permission.MANAGE_GUILD)
    return frozenset(found)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

"""Commands as Discord wants them declared, and whether what is registered is the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tzurot import Command, Option, OptionKind, Permission

SUB_COMMAND = 1
FREE_TEXT = "text"
"""The option that stands for the free text of commands that declare no options."""
GUILD, DIRECT = 0, 1
_TYPES = {
    OptionKind.TEXT: 3,
    OptionKind.WHOLE: 4,
    OptionKind.NUMBER: 10,
    OptionKind.FLAG: 5,
    OptionKind.CHOICE: 3,
}
ADMINISTRATOR, MANAGE_CHANNELS, MANAGE_GUILD = 1 << 3, 1 << 4, 1 << 5
_SHOWN_TO = {
    Permission.EVERYONE: None,
    Permission.MANAGE_CHANNEL: MANAGE_CHANNELS,
    Permission.MANAGE_GUILD: MANAGE_GUILD,
    Permission.OWNER: 0,
}
_STRICTER = list(Permission)


def declared(commands: Iterable[Command]) -> list[dict[str, Any]]:
    """The body that registers ``commands`` for all guilds and direct messages."""
    return [_command(command) for command in sorted(commands, key=lambda each: each.name)]


def same(wanted: Iterable[Mapping[str, Any]], registered: Any) -> bool:
    """Whether Discord has it so already; what it adds of its own accord doesn't count."""
    if not isinstance(registered, list):
        return False
    return _by_name(wanted) == _by_name(registered)


def _command(command: Command) -> dict[str, Any]:
    weakest = min((each.permission for each in command.commands or (command,)), key=_STRICTER.index)
    managed = weakest in (Permission.MANAGE_CHANNEL, Permission.MANAGE_GUILD)
    return {
        "name": command.name,
        "type": 1,
        "description": command.summary,
        "options": _options(command),
        # Only what the client shows: who may use it is checked when it is used.
        "default_member_permissions": _SHOWN_TO[weakest],
        "contexts": [GUILD] if managed else [GUILD, DIRECT],
        "integration_types": [0],
    }


def _options(command: Command) -> list[dict[str, Any]]:
    if command.commands:
        return [
            {
                "name": each.name,
                "type": SUB_COMMAND,
                "description": each.summary,
                "options": _options(each),
            }
            for each in command.commands
        ]
    if command.usage and not command.options:
        return [_option(Option(FREE_TEXT, command.usage[:100]))]
    return [_option(option) for option in command.options]


def _option(option: Option) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": option.name,
        "type": _TYPES[option.kind],
        "description": option.summary,
        "required": option.required,
    }
    if option.choices:
        found["choices"] = [{"name": choice, "value": choice} for choice in option.choices]
    if option.autocomplete is not None and option.kind is OptionKind.TEXT:
        found["autocomplete"] = True
    return found


def _by_name(commands: Iterable[Mapping[str, Any]]) -> dict[tuple[int, str], dict[str, Any]]:
    return {(each.get("type") or 1, str(each.get("name"))): _essence(each) for each in commands}


def _essence(command: Mapping[str, Any]) -> dict[str, Any]:
    shown_to = command.get("default_member_permissions")
    return {
        "description": command.get("description"),
        "options": [_option_essence(each) for each in command.get("options") or ()],
        # A number when it is sent, and a text when Discord answers.
        "default_member_permissions": None if shown_to is None else str(shown_to),
        "contexts": sorted(command.get("contexts") or ()),
        "integration_types": sorted(command.get("integration_types") or ()),
    }


def _option_essence(option: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": option.get("name"),
        "type": option.get("type"),
        "description": option.get("description"),
        "required": bool(option.get("required")),
        "choices": [(each.get("name"), each.get("value")) for each in option.get("choices") or ()],
        "autocomplete": bool(option.get("autocomplete")),
        "options": [_option_essence(each) for each in option.get("options") or ()],
    }

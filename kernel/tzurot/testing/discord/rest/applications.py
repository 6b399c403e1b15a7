"""The application and its commands over HTTP."""

from __future__ import annotations

from typing import Any

from tzurot.testing.discord import payloads
from tzurot.testing.discord.call import Call
from tzurot.testing.discord.errors import invalid, refuse
from tzurot.testing.discord.routes import Route

GLOBAL = "/applications/{application_id}/commands"
IN_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
# What Discord refuses more of: slash commands, and commands on users and on messages.
COMMANDS_LIMIT = {1: 100, 2: 15, 3: 15}


def me(call: Call) -> dict[str, Any]:
    """The bot's application."""
    return payloads.application(call.bot)


def commands(call: Call) -> list[dict[str, Any]]:
    """The registered commands, global or of one guild."""
    _own(call)
    guild_id = call.params.get("guild_id")
    return [one for one in call.bot.commands.values() if one.get("guild_id") == guild_id]


def replace_commands(call: Call) -> list[dict[str, Any]]:
    """Register exactly these commands; those with a known name keep their ids."""
    earlier = {(one["type"], one["name"]): one for one in commands(call)}
    wanted = call.body or []
    for index, body in enumerate(wanted):
        _check(body, f"{index}.")
    for command in earlier.values():
        del call.bot.commands[command["id"]]
    return [_register(call, body, earlier) for body in wanted]


def create_command(call: Call) -> dict[str, Any]:
    """Register a command; one with a known name is overwritten."""
    earlier = {(one["type"], one["name"]): one for one in commands(call)}
    _check(call.body, "")
    call.status = 200 if (call.body.get("type") or 1, call.body["name"]) in earlier else 201
    return _register(call, call.body, earlier)


def read_command(call: Call) -> dict[str, Any]:
    """One command."""
    _own(call)
    command = call.bot.commands.get(call.params["command_id"])
    if command is None or command.get("guild_id") != call.params.get("guild_id"):
        raise refuse(10063)
    return command


def change_command(call: Call) -> dict[str, Any]:
    """Change a command."""
    command = read_command(call)
    command |= call.body | {"version": call.world.ids.next()}
    return command


def remove_command(call: Call) -> None:
    """Unregister a command."""
    del call.bot.commands[read_command(call)["id"]]


def _own(call: Call) -> None:
    if call.params["application_id"] != call.bot.id:
        raise refuse(50001)
    if "guild_id" in call.params and call.params["guild_id"] not in call.world.guilds:
        raise refuse(50001)


def _check(body: dict[str, Any], path: str) -> None:
    if (body.get("type") or 1) == 1:
        if not body.get("description"):
            raise invalid(f"{path}description", "BASE_TYPE_REQUIRED", "This field is required")
        if body["name"] != body["name"].lower():
            text = "Command name is invalid"
            raise invalid(f"{path}name", "APPLICATION_COMMAND_INVALID_NAME", text)


def _register(
    call: Call, body: dict[str, Any], earlier: dict[tuple[int, str], dict[str, Any]]
) -> dict[str, Any]:
    kind = body.get("type") or 1
    known = earlier.get((kind, body["name"]))
    command: dict[str, Any] = {
        "description": "",
        "default_member_permissions": None,
        "nsfw": False,
        "contexts": None,
        "integration_types": [0],
        "dm_permission": True,
    }
    command |= {key: value for key, value in body.items() if value is not None}
    command |= {
        "id": known["id"] if known else call.world.ids.next(),
        "application_id": call.bot.id,
        "type": kind,
        "version": call.world.ids.next(),
    }
    if "guild_id" in call.params:
        command["guild_id"] = call.params["guild_id"]
    same = [one for one in commands(call) if one["type"] == kind and one["id"] != command["id"]]
    if len(same) >= COMMANDS_LIMIT[kind]:
        raise refuse(30032)
    call.bot.commands[command["id"]] = command
    return command


ROUTES = (
    Route("GET", "/applications/@me", me),
    Route("GET", "/oauth2/applications/@me", me),
    *(
        route
        for base in (GLOBAL, IN_GUILD)
        for route in (
            Route("GET", base, commands),
            Route("PUT", base, replace_commands),
            Route("POST", base, create_command),
            Route("GET", f"{base}/{{command_id}}", read_command),
            Route("PATCH", f"{base}/{{command_id}}", change_command),
            Route("DELETE", f"{base}/{{command_id}}", remove_command),
        )
    ),
)

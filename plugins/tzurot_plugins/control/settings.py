"""``/settings``: what holds here and who set it; setting it for oneself, a channel or a server."""

from __future__ import annotations

import json

from tzurot import Command, Invocation, JsonValue, Kit, Option, Resolved, TzurotError
from tzurot.settings.cascade import Source
from tzurot.settings.fields import to_json
from tzurot.settings.registry import AnyField
from tzurot.settings.scopes import Scope
from tzurot_plugins.control.characters import found, names_of
from tzurot_plugins.control.places import CHANNEL, ME, SERVER, chosen, whose

_WORDS = {
    Scope.BUILT_IN: "built in",
    Scope.INSTANCE: "the bot's operator",
    Scope.CHARACTER: "the character's pack",
    Scope.GUILD: "this server",
    Scope.CHANNEL: "this channel",
    Scope.USER: "you",
    Scope.USER_CHARACTER: "you, with this character",
}


def settings_command(kit: Kit) -> Command:
    """The command ``/settings`` with its sub-commands."""
    does = _Settings(kit)
    name = Option("name", "which setting", required=True, autocomplete=does.names)
    for_whom = whose("for yourself, this channel or the whole server", ME, CHANNEL, SERVER)
    value = Option("value", "as in YAML: 0.7, true, off, text", required=True)
    one = Option("name", "which setting; without it, all that somebody has set", autocomplete=does.names)
    character = Option("character", "when talking with whom", autocomplete=does.characters)
    return Command(
        "settings",
        "how answers are made, and who has set that",
        commands=(
            Command("show", "says what holds here and who set it", does.show, options=(one, character)),
            Command("set", "sets something", does.set, options=(name, value, for_whom)),
            Command("unset", "takes back what was set", does.unset, options=(name, for_whom)),
        ),
    )


class _Settings:
    """What the sub-commands do."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def names(self, typed: str, _: Invocation) -> list[str]:
        return [each.name for each in self._kit.controls().settings if typed.casefold() in each.name]

    async def characters(self, typed: str, _: Invocation) -> list[str]:
        return names_of(self._kit, typed)

    async def show(self, invocation: Invocation) -> str:
        controls, wanted, character = (
            self._kit.controls(),
            invocation.text("name"),
            invocation.text("character"),
        )
        resolved = await controls.resolved(invocation, found(self._kit, character) if character else None)
        if wanted:
            field = _declared(self._kit, wanted)
            return "\n".join([*_lines(resolved, wanted), field.description, f"It takes {field.expects}."])
        changed = [name for name in resolved if resolved.source(name).scope is not Scope.BUILT_IN]
        if not changed:
            return "Nothing differs from what is built in. /settings show with a name says what it is."
        return "\n".join(line for name in changed for line in _lines(resolved, name))

    async def set(self, invocation: Invocation) -> str:
        scope, words = chosen(invocation, ME)
        name, controls = invocation.text("name"), self._kit.controls()
        _declared(self._kit, name)
        stored = await controls.set(controls.owner(scope, invocation), name, invocation.text("value"))
        said = f"{name} is {_written(stored)} for {words} now."
        lock = (await controls.resolved(invocation)).lock(name)
        if lock is not None and lock.scope < scope:
            said += f" It doesn't hold here: {_by(lock)} has locked it."
        return said

    async def unset(self, invocation: Invocation) -> str:
        scope, words = chosen(invocation, ME)
        name, controls = invocation.text("name"), self._kit.controls()
        await controls.unset(controls.owner(scope, invocation), name)
        resolved = await controls.resolved(invocation)
        return f"{name} is not set for {words} any more. Here it is now {_holds(resolved, name)}."


def _declared(kit: Kit, name: str) -> AnyField:
    try:
        return kit.controls().settings[name]
    except KeyError as error:
        raise TzurotError(str(error.args[0])) from None


def _lines(resolved: Resolved, name: str) -> list[str]:
    lock = resolved.lock(name)
    locked = f", locked by {_by(lock)}" if lock else ""
    lines = [f"**{name}**: {_holds(resolved, name)}{locked}"]
    lines += [
        f"– {_written(to_json(each.value))} of {_by(each.source)} does not count"
        for each in resolved.ignored(name)
    ]
    return lines


def _holds(resolved: Resolved, name: str) -> str:
    if name not in resolved:
        return "unknown to this version"
    return f"{_written(to_json(resolved[name]))} ({_by(resolved.source(name))})"


def _by(source: Source) -> str:
    return _WORDS[source.scope]


def _written(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

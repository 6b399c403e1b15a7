"""``/plugins``: which are on here, and switching them for a server or a channel."""

from __future__ import annotations

from tzurot import Command, Invocation, Kit, Option, Permission
from tzurot_plugins.control.places import CHANNEL, SERVER, chosen, whose

_WHY = {
    "always": "always",
    "default": "by default",
    "guild": "switched for this server",
    "channel": "switched for this channel",
}


def plugins_command(kit: Kit) -> Command:
    """The command ``/plugins`` with its sub-commands."""

    async def show(invocation: Invocation) -> str:
        standings = await kit.controls().plugins(invocation.place)
        return "\n".join(
            f"{'on ' if each.on else 'off'} **{each.name}**: {each.summary} ({_WHY.get(each.why, each.why)})"
            for each in sorted(standings, key=lambda standing: (not standing.on, standing.name))
        )

    async def names(typed: str, invocation: Invocation) -> list[str]:
        standings = await kit.controls().plugins(invocation.place)
        return [each.name for each in standings if typed in each.name and each.why != "always"]

    async def switch(invocation: Invocation, on: bool | None) -> str:
        scope, words = chosen(invocation, SERVER if invocation.place.guild else CHANNEL)
        name, controls = invocation.text("plugin"), kit.controls()
        await controls.switch(controls.owner(scope, invocation), name, on)
        state = {True: "on", False: "off", None: "as by default"}[on]
        said = f"{name} is {state} for {words} now."
        now = next(each for each in await controls.plugins(invocation.place) if each.name == name)
        if on is not None and now.on is not on:
            said += f" Here it is still {'on' if now.on else 'off'}: {_WHY.get(now.why, now.why)}."
        return said

    async def on(invocation: Invocation) -> str:
        return await switch(invocation, True)

    async def off(invocation: Invocation) -> str:
        return await switch(invocation, False)

    async def default(invocation: Invocation) -> str:
        return await switch(invocation, None)

    options = (
        Option("plugin", "its name", required=True, autocomplete=names),
        whose("for the whole server or only here", SERVER, CHANNEL),
    )
    ways = (
        ("on", "switches a plugin on", on),
        ("off", "switches a plugin off", off),
        ("default", "leaves a plugin to its default again", default),
    )
    return Command(
        "plugins",
        "what the bot does here, and switching it",
        commands=(
            Command("list", "says which plugins are on here, and why", show),
            *(
                Command(name, summary, run, options=options, permission=Permission.MANAGE_CHANNEL)
                for name, summary, run in ways
            ),
        ),
    )

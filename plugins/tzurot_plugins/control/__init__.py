"""Control: commands by which people see what the bot does, and server owners steer it."""

from __future__ import annotations

from collections.abc import Iterable

from tzurot import Command, Invocation, Manifest, NoConfig, Option, Plugin, hookimpl
from tzurot.commands import BadCommand, leaves, usage
from tzurot_plugins.control.characters import characters_command
from tzurot_plugins.control.settings import settings_command
from tzurot_plugins.control.switches import plugins_command
from tzurot_plugins.control.why import why_command


class Control(Plugin[NoConfig]):
    """Required, so that nobody can switch off what would switch it on again."""

    manifest = Manifest(
        name="control",
        summary="commands to see and steer plugins, settings and answers: /plugins, /settings, /why",
        required=True,
    )

    @hookimpl
    def commands(self) -> Iterable[Command]:
        yield Command(
            "help",
            "what can be typed here",
            self._help,
            options=(Option("command", "one of them", autocomplete=self._names),),
        )
        yield plugins_command(self.kit)
        yield settings_command(self.kit)
        yield why_command(self.kit)
        yield characters_command(self.kit)

    async def _help(self, invocation: Invocation) -> str:
        commands = self.kit.commands()
        wanted = invocation.text("command").removeprefix("/").partition(" ")[0]
        if wanted and wanted not in commands:
            raise BadCommand(f"There is no command /{wanted}. /help lists them all.")
        chosen = [commands[wanted]] if wanted else [commands[name] for name in sorted(commands)]
        lines = [
            f"`{usage(each, path)}` {each.summary}" for command in chosen for path, each in leaves(command)
        ]
        return "\n".join(lines)

    async def _names(self, typed: str, _: Invocation) -> list[str]:
        return [name for name in sorted(self.kit.commands()) if typed.removeprefix("/") in name]

"""What plugins may see and steer of the running instance: commands, switches, settings, traces."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tzurot.commands import BadCommand, NotAllowed, authorise, checked, parse, usage
from tzurot.errors import TzurotError
from tzurot.hooks.registry import Registry
from tzurot.loading import Contributions
from tzurot.observe.trace import Trace, Traces
from tzurot.packs.compiled import Character
from tzurot.packs.locate import parse as read_yaml
from tzurot.packs.messages import suggestion
from tzurot.payloads.commands import Command, Invocation
from tzurot.payloads.generation import JsonValue
from tzurot.payloads.message import Place
from tzurot.settings.cascade import Resolved, resolve
from tzurot.settings.registry import CORE
from tzurot.settings.registry import Registry as Settings
from tzurot.settings.scopes import Scope
from tzurot.storage.bags import Bag
from tzurot.turns.preparation import Preparation, owners_of
from tzurot.turns.stored import Owner, guild_of

log = logging.getLogger("tzurot.controls")

LONGEST_SECONDS = 60.0
"""How long a command may take."""
COMPLETION_SECONDS = 2.0
"""How long suggestions may take: platforms give them three seconds in all."""
MOST_SUGGESTIONS = 25


class CommandFailed(TzurotError):
    """A command broke; its cause is in the log, and is nobody else's business but the operator's."""


class Impossible(TzurotError):
    """What was asked for can't be switched or set; the message says what can."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a plugin stands in a place: whether it is on, and who says so.

    ``why`` is ``always``, ``default``, ``guild``, ``channel``, or ``requires NAME`` for want of another.
    """

    name: str
    summary: str
    on: bool
    why: str


class Controls:
    """``kit.controls()``: the same door for first-party plugins and all others.

    It does what it is told: whether somebody may ask for it is for the caller's command to declare.
    """

    def __init__(
        self, registry: Registry, contributions: Contributions, preparation: Preparation, traces: Traces
    ) -> None:
        self._registry = registry
        self._contributions = contributions
        self._preparation = preparation
        self._traces = traces

    # --- commands --------------------------------------------------------------------------------------

    @property
    def commands(self) -> Mapping[str, Command]:
        """The commands of all loaded plugins, by name."""
        return self._contributions.commands

    def find(self, path: Sequence[str]) -> Command:
        """The command that runs under this name, which has two words within a group.

        Raises:
            BadCommand: there is none.
        """
        name, *rest = path
        command = self.commands.get(name)
        if command is None:
            raise BadCommand(
                f"There is no command /{name}. {suggestion(name, sorted(self.commands))}".rstrip()
            )
        found = command.sub_command(rest[0]) if rest else command
        if found is None or found.run is None:
            raise BadCommand(f"There is no /{' '.join(path)}. Write {usage(command)}.")
        return found

    async def run_line(self, line: str, invocation: Invocation) -> str:
        """Run a command as it is written, without its slash; what it says. Raises like ``run``."""
        name, _, text = line.strip().partition(" ")
        if name not in self.commands:
            self.find((name,))
        parsed = parse(self.commands[name], text)
        told = replace(invocation, arguments=parsed.arguments, options=parsed.options)
        return await self.run(parsed.path, told)

    async def run(self, path: Sequence[str], invocation: Invocation) -> str:
        """Run a command for somebody, if it is on where they stand and they may use it; what it says.

        Raises:
            BadCommand: it was asked for wrongly.
            NotAllowed: they may not use it.
            CommandFailed: it broke; the log has it.
            TzurotError: it says itself what is wrong.
        """
        command = self.find(path)
        await self._permit(command, path, invocation)
        try:
            options = checked(command, invocation.options) if command.options else {}
        except BadCommand as error:
            raise BadCommand(f"{error} Write {usage(command, path)}.") from None
        assert command.run is not None
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                return await command.run(replace(invocation, options=options))
        except TzurotError:
            raise
        except Exception as error:
            log.exception("the command /%s failed", " ".join(path))
            raise CommandFailed(f"/{' '.join(path)} failed. The log has more.") from error

    async def complete(self, path: Sequence[str], option: str, invocation: Invocation) -> list[str]:
        """What could be meant by what stands in ``option``; nothing for who may not use the command."""
        try:
            command = self.find(path)
            suggest = next((each.autocomplete for each in command.options if each.name == option), None)
            if suggest is None:
                return []
            async with asyncio.timeout(COMPLETION_SECONDS):
                await self._permit(command, path, invocation)
                return list(await suggest(invocation.text(option), invocation))[:MOST_SUGGESTIONS]
        except TzurotError:
            return []
        except Exception:
            log.exception("no suggestions for %s of /%s", option, " ".join(path))
            return []

    async def _permit(self, command: Command, path: Sequence[str], invocation: Invocation) -> None:
        plugin = self._contributions.owners[path[0]]
        if plugin not in (await self._preparation.active(invocation.place)).plugins:
            raise NotAllowed(
                f"/{path[0]} belongs to the plugin {plugin}, which is off here. "
                f"Who may manage this server switches it on: /plugins on {plugin}."
            )
        authorise(command, invocation, path)

    # --- plugins ---------------------------------------------------------------------------------------

    async def plugins(self, place: Place) -> list[Standing]:
        """How every loaded plugin stands in ``place``, in order of load."""
        active = (await self._preparation.active(place)).plugins
        said: dict[str, str] = {}
        for owner in owners_of(place):
            switched = await self._preparation.stored.switches([owner])
            said.update(dict.fromkeys(switched, owner[0].name.lower()))
        found = []
        for name, plugin in self._registry.plugins.items():
            manifest = plugin.manifest
            why = "always" if manifest.required else said.get(name, "default")
            lacking = [each for each in manifest.requires if each not in active]
            if lacking and not manifest.required:
                why = f"requires {lacking[0]}"
            found.append(Standing(name, manifest.summary, name in active, why))
        return found

    async def switch(self, owner: Owner, plugin: str, on: bool | None) -> None:
        """Switch a plugin on or off for a guild or channel; ``None`` leaves it to its default again.

        Raises:
            Impossible: there is no such plugin, or it can't be off.
        """
        loaded = self._registry.plugins.get(plugin)
        if loaded is None:
            near = suggestion(plugin, self._registry.plugins)
            raise Impossible(f"There is no plugin {plugin!r} here. {near}".rstrip())
        if loaded.manifest.required and on is False:
            raise Impossible(f"{plugin} can't be switched off for a server; only the bot's operator can.")
        await self._preparation.stored.switch(owner, plugin, on)

    # --- settings --------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """Every setting there is."""
        return CORE

    @staticmethod
    def owner(scope: Scope, invocation: Invocation) -> Owner:
        """Whose settings are meant where somebody stands: the guild's, the channel's or thread's, their own.

        Raises:
            Impossible: there is no guild.
        """
        place = invocation.place
        if scope is Scope.USER:
            return (scope, f"{place.platform}:{invocation.author.id}")
        if scope is Scope.CHANNEL:
            return (scope, place.conversation)
        if place.guild is None:
            raise Impossible("This is no server. Choose another, such as the channel.")
        return (Scope.GUILD, guild_of(place))

    async def resolved(self, invocation: Invocation, character: Character | None = None) -> Resolved:
        """The settings that hold for somebody where they stand, with a character's if one is given."""
        user = self.owner(Scope.USER, invocation)
        wanted = [*owners_of(invocation.place), user]
        if character is not None:
            wanted.append((Scope.USER_CHARACTER, f"{user[1]}:{character.key}"))
        return resolve(await self._preparation.layers(wanted, character))

    async def set(self, owner: Owner, name: str, written: str) -> JsonValue:
        """Set ``name`` for ``owner``; ``written`` is as in YAML. The value that is stored.

        Raises:
            Impossible: there is no such setting, or it doesn't take that.
        """
        document = read_yaml(written, "value")
        if document.problems:
            raise Impossible(f"{written!r} can't be read: {document.problems[0].text}")
        layer = CORE.read(*owner, {name: document.value})
        if layer.problems:
            raise Impossible(str(layer.problems[0]).lstrip("."))
        stored = layer.as_json()
        await self._preparation.stored.change(
            owner, lambda bag: replace(bag, values={**bag.values, **stored})
        )
        return stored[name]

    async def unset(self, owner: Owner, name: str) -> None:
        """Take back what ``owner`` set for ``name``.

        Raises:
            Impossible: nothing is set.
        """

        def without(bag: Bag) -> Bag:
            if name not in bag.values:
                raise Impossible(f"{name} is not set there. {suggestion(name, bag.values)}".rstrip())
            return replace(bag, values={key: each for key, each in bag.values.items() if key != name})

        await self._preparation.stored.change(owner, without)

    # --- traces ----------------------------------------------------------------------------------------

    def traces(self, conversation: str) -> list[Trace]:
        """What is still known of the latest messages of a conversation, the newest first."""
        return [trace for trace in reversed([*self._traces]) if trace.conversation == conversation]

"""Builds the discovered plugins, takes their contributions, and starts and stops them in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import click
from pydantic import BaseModel

from tzurot.config import Config, ConfigError, operator_config
from tzurot.errors import TzurotError
from tzurot.hooks.discover import Discovery, Found
from tzurot.hooks.dispatch import checked
from tzurot.hooks.markers import policy_of
from tzurot.hooks.registry import PluginRefused, Registry
from tzurot.kit import Kit, Services
from tzurot.payloads.commands import Command
from tzurot.payloads.contributions import AnyService, Lint, Tokenizer
from tzurot.plugin import Plugin

log = logging.getLogger("tzurot.loading")


@dataclass(slots=True)
class Contributions:
    """What the loaded plugins contributed at set-up."""

    commands: dict[str, Command] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    """The plugin of each command."""
    lints: list[Lint] = field(default_factory=list)
    tokenizers: list[Tokenizer] = field(default_factory=list)
    services: Services = field(default_factory=Services)


class Loader:
    """Loads plugins into a registry. Whoever fails is left out with a line in ``refused``."""

    def __init__(self, registry: Registry, contributions: Contributions, refused: dict[str, str]) -> None:
        self._registry = registry
        self._contributions = contributions
        self.refused = refused
        self.found: dict[str, Found] = {}
        self._begun: list[str] = []

    def load(self, discovery: Discovery, kit: Callable[[str, BaseModel | None], Kit], config: Config) -> None:
        """Build every plugin of ``discovery`` in its order."""
        self.refused.update(discovery.refused)
        for found in discovery.found:
            name = found.manifest.name
            if missing := [r for r in found.manifest.requires if r not in self._registry.plugins]:
                self._refuse(
                    name, f"{name} requires {', '.join(missing)}, which did not load. Mend that first."
                )
                continue
            try:
                model = found.manifest.operator
                operator = None if model is None else operator_config(config, name, model)
                plugin = found.plugin(kit(name, operator))
                self._registry.add(plugin)
            except (ConfigError, PluginRefused) as error:
                self._refuse(name, str(error))
            except Exception as error:  # noqa: BLE001  # a constructor may raise anything
                self._refuse(name, f"{name} can't be built: {type(error).__name__}: {error}. Upgrade it.")
            else:
                self.found[name] = found
                self._contribute(name, plugin)

    def _contribute(self, name: str, plugin: Plugin[Any]) -> None:
        try:
            commands = set_up(plugin, Plugin.commands)
            lints, tokenizers = set_up(plugin, Plugin.lints), set_up(plugin, Plugin.tokenizers)
            services: tuple[AnyService, ...] = set_up(plugin, Plugin.services)
            for command in commands:
                if command.name in self._contributions.commands:
                    other = self._contributions.owners[command.name]
                    raise PluginRefused(f"{name} and {other} both contribute the command /{command.name}.")
            for service in services:
                self._contributions.services.offer(name, service)
        except Exception as error:  # noqa: BLE001  # a plugin's code may raise anything
            self.cut(name, f"{name} can't be set up: {error}")
            return
        for command in commands:
            self._contributions.commands[command.name] = command
            self._contributions.owners[command.name] = name
        self._contributions.lints.extend(lints)
        self._contributions.tokenizers.extend(tokenizers)

    async def start(self) -> None:
        """Run every plugin's ``start`` in order of load; a failing one is cut out, with its dependants."""
        for name in list(self._registry.plugins):
            if name not in self._registry.plugins:
                continue
            plugin = self._registry.plugins[name]
            policy = policy_of(Plugin.start)
            self._begun.append(name)
            try:
                async with asyncio.timeout(policy.timeout):
                    await plugin.start()
            except Exception as error:
                late = isinstance(error, TimeoutError)
                why = f"took longer than {policy.timeout:g} s" if late else f"{type(error).__name__}: {error}"
                if not isinstance(error, TzurotError):
                    log.exception("%s could not start", name)
                self.cut(name, f"{name} could not start: {why}. The others go on without it.")

    async def stop(self) -> None:
        """Run ``stop`` of every plugin that was started, backwards; failures are logged and stop nobody."""
        policy = policy_of(Plugin.stop)
        while self._begun:
            name = self._begun.pop()
            if (plugin := self._registry.plugins.get(name)) is None:
                continue
            try:
                async with asyncio.timeout(policy.timeout):
                    await plugin.stop()
            except Exception:
                log.exception("%s could not stop in order", name)

    def cut(self, name: str, why: str) -> None:
        """Take a plugin out, with what requires it."""
        self._refuse(name, why)
        self._registry.remove(name)
        self._contributions.services.withdraw(name)
        for command in [c for c, owner in self._contributions.owners.items() if owner == name]:
            del self._contributions.commands[command], self._contributions.owners[command]
        for other in list(self._registry.plugins):
            plugin = self._registry.plugins.get(other)
            if plugin is not None and name in plugin.manifest.requires:
                self.cut(other, f"{other} requires {name}, which was cut out.")

    def _refuse(self, name: str, why: str) -> None:
        self.refused[name] = why
        log.error("%s", why)


def set_up(plugin: Plugin[Any], hook: Callable[..., Iterable[Any]]) -> tuple[Any, ...]:
    """What ``plugin`` contributes through the SETUP hook ``hook``, checked.

    Raises:
        TypeError: it contributes something else.
    """
    answer = checked(getattr(plugin, hook.__name__)(), policy_of(hook))
    return tuple(answer or ())


def command_line(discovery: Discovery, kit: Callable[[str, BaseModel | None], Kit]) -> list[click.Command]:
    """The subcommands that plugins contribute; a plugin that fails to contribute is logged and left out."""
    commands: list[click.Command] = []
    for found in discovery.found:
        if found.plugin.cli is Plugin.cli:
            continue
        try:
            commands.extend(set_up(found.plugin(kit(found.manifest.name, None)), Plugin.cli))
        except Exception as error:  # noqa: BLE001  # a plugin's code may raise anything
            log.error("%s contributes no commands: %s", found.manifest.name, error)  # noqa: TRY400
    return commands


def bare_kit(config: Config) -> Callable[[str, BaseModel | None], Kit]:
    """Kits for plugins that are only asked for their command line: nothing is open behind them."""

    def unavailable(*_: object) -> Any:
        raise RuntimeError("nothing is running yet: open an App first")

    def make(name: str, operator: BaseModel | None) -> Kit:
        return Kit(name, config.home, unavailable, unavailable, dict, operator=operator)

    return make

"""The subcommands that plugins contribute, gathered once per process."""

from __future__ import annotations

import functools

import click

from tzurot.config import Config, ConfigError, load
from tzurot.hooks.discover import discover
from tzurot.loading import bare_kit, command_line


@functools.cache
def contributed() -> dict[str, click.Command]:
    """Every plugin's subcommands by name; plugins that can't be imported are left out."""
    try:
        config = load()
    except ConfigError:
        config = Config()  # the command that is run will say what is wrong
    commands = command_line(discover(config.enabled_plugins), bare_kit(config))
    return {command.name: command for command in commands if command.name}

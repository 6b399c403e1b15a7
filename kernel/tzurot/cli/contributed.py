"""The subcommands that plugins contribute, gathered once per process."""

from __future__ import annotations

import functools
import os

import click

from tzurot.config import Config
from tzurot.hooks.discover import discover
from tzurot.loading import bare_kit, command_line


@functools.cache
def contributed() -> dict[str, click.Command]:
    """Every plugin's subcommands by name; plugins that can't be imported are left out."""
    only = [name.strip() for name in os.environ.get("TZUROT_PLUGINS", "").split(",") if name.strip()]
    commands = command_line(discover(only or None), bare_kit(Config()))
    return {command.name: command for command in commands if command.name}

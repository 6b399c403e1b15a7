"""The command line: the kernel's own commands, and those that plugins contribute."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Sequence

import click

from tzurot.errors import TzurotError

KERNEL_COMMANDS = {
    "run": "tzurot.cli.run:run",
    "check": "tzurot.cli.check:check",
    "schema": "tzurot.cli.schema:schema",
    "new": "tzurot.cli.new:new",
    "prompt": "tzurot.cli.prompt:prompt",
    "plugins": "tzurot.cli.plugins:plugins",
    "settings": "tzurot.cli.settings:settings",
    "user": "tzurot.cli.user:user",
    "db": "tzurot.cli.db:db",
    "doctor": "tzurot.cli.doctor:doctor",
}
"""Loaded when they are asked for, so that ``--help`` and one-shot commands start quickly."""


class Root(click.Group):
    """The kernel's commands, then the plugins', found when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, the kernel's and the plugins'."""
        return sorted({*KERNEL_COMMANDS, *self._contributed()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called ``cmd_name``, if anybody has it."""
        if (where := KERNEL_COMMANDS.get(cmd_name)) is not None:
            module, attribute = where.split(":")
            command = getattr(importlib.import_module(module), attribute)
            return command if isinstance(command, click.Command) else None
        return self._contributed().get(cmd_name)

    def _contributed(self) -> dict[str, click.Command]:
        from tzurot.cli.contributed import contributed

        return contributed()


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tzurot")
def root() -> None:
    """Characters that live in Discord.

    Start with `tzurot chat`: it talks with the example character, here in the terminal. `tzurot doctor`
    says what is configured and what is missing; `tzurot run` starts the bot.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; errors that people can mend are one line, without a traceback."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    try:
        root(args=None if arguments is None else list(arguments), prog_name="tzurot")
    except TzurotError as error:
        click.echo(f"tzurot: {error}", err=True)
        sys.exit(1)

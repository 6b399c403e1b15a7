"""``tzurot plugins``: what is installed, what each plugin does, and why one is not loaded."""

from __future__ import annotations

import asyncio
import difflib
import inspect
import json

import click

from tzurot.app import App
from tzurot.cli.opened import opened
from tzurot.cli.owners import channel_option, guild_option, owner_of
from tzurot.config import load
from tzurot.hooks.discover import Found
from tzurot.hooks.registry import hook_names
from tzurot.turns.stored import SECONDS, Owner


@click.group()
def plugins() -> None:
    """List and inspect the installed plugins."""


@plugins.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_plugins(as_json: bool) -> None:
    """List every installed plugin in the order of load, and those that could not be loaded."""
    app = App(load())
    rows = [_row(found) for found in app.loader.found.values()]
    if as_json:
        click.echo(json.dumps({"plugins": rows, "refused": app.loader.refused}, indent=2))
        return
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        where = "" if row["distribution"] == "tzurot" else f"  ({row['distribution']} {row['version']})"
        click.echo(f"{row['name']:<{width}}  {row['summary']}{where}")
    for why in app.loader.refused.values():
        click.secho(f"not loaded: {why}", fg="red")


@plugins.command()
@click.argument("name")
def info(name: str) -> None:
    """Show what plugin NAME is, which hooks it implements, and its settings."""
    app = App(load())
    found = app.loader.found.get(name)
    if found is None:
        raise click.ClickException(_unknown(app, name))
    row = _row(found)
    click.echo(f"{name} {row['version']} ({row['distribution']}): {row['summary']}")
    click.echo(f"hooks: {', '.join(implemented(found))}")
    for label, model in (("pack settings", found.plugin.config_model), ("instance", found.manifest.operator)):
        for field, about in {} if model is None else model.model_fields.items():
            click.echo(f"{label}: {field} = {about.default!r}  {inspect.cleandoc(about.description or '')}")


@plugins.command()
def check() -> None:
    """Check that every installed plugin can be loaded; exit with 1 if one can't."""
    app = App(load())
    for why in app.loader.refused.values():
        click.echo(why, err=True)
    click.echo(f"{len(app.loader.found)} plugins load.")
    if app.loader.refused:
        raise SystemExit(1)


@plugins.command("switch")
@click.argument("name")
@click.argument("state", type=click.Choice(["on", "off", "default"]))
@guild_option()
@channel_option()
def switch(name: str, state: str, guild: str | None, channel: str | None) -> None:
    """Switch plugin NAME on or off for one guild, or one channel."""
    # Somebody who names a channel's guild as well means the channel.
    owner = owner_of(None if channel else guild, channel, None, None)
    asyncio.run(_switch(name, owner, {"on": True, "off": False, "default": None}[state]))
    click.echo(f"{name} is {state} for {owner[1]}; a running bot follows within {SECONDS:.0f} seconds.")


async def _switch(name: str, owner: Owner, on: bool | None) -> None:
    async with opened() as app:
        plugin = app.registry.plugins.get(name)
        if plugin is None:
            raise click.ClickException(_unknown(app, name))
        if plugin.manifest.required and on is False:
            raise click.ClickException(
                f"{name} can't be switched off per server. Leave it out: TZUROT_PLUGINS."
            )
        await app.preparation.stored.switch(owner, name, on)


def _unknown(app: App, name: str) -> str:
    """Why there is no plugin of that name."""
    if (why := app.loader.refused.get(name)) is not None:
        return why
    close = difflib.get_close_matches(name, app.loader.found, 1)
    hint = f"Did you mean {close[0]!r}?" if close else "`tzurot plugins list` has them all."
    return f"There is no plugin {name!r}. {hint}"


def implemented(found: Found) -> list[str]:
    """The hooks that a plugin implements, in the order of ``Plugin``'s page."""
    marked = (n for n in hook_names() if hasattr(getattr(found.plugin, n), "tzurot_impl"))
    return list(marked)


def _row(found: Found) -> dict[str, str]:
    manifest = found.manifest
    return {
        "name": manifest.name,
        "summary": manifest.summary,
        "distribution": found.distribution,
        "version": found.version,
    }

"""``tzurot user``: erase, or hand over, everything that is kept about a person."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import click

from tzurot.app import App
from tzurot.config import load
from tzurot.hooks.dispatch import From
from tzurot.payloads.people import Exported, Forget, Forgotten


@click.group()
def user() -> None:
    """Look after what is kept about a person.

    ID is the person's id with its platform, such as discord:1234; without a platform it means that id on
    every platform.
    """


@user.command()
@click.argument("id")
@click.option("--guild", metavar="ID", help="Only what belongs to this guild (its id, without platform).")
@click.option("--yes", is_flag=True, help="Don't ask.")
def forget(id: str, guild: str | None, yes: bool) -> None:
    """Erase everything that is kept about the person ID, in every plugin, for good."""
    where = f" in guild {guild}" if guild else ""
    if not yes:
        typed = click.prompt(f"This erases all that is kept about {id}{where}, for good. Type the id again")
        if typed != id:
            raise click.ClickException("That is another id. Nothing was erased.")
    erased = asyncio.run(_forget(Forget(id, guild)))
    for each in erased:
        click.echo(f"{each.plugin}: erased {each.value.rows} of {each.value.kind}")
    total = sum(each.value.rows for each in erased)
    if total:
        click.echo("A bot that runs now may still remember the last lines: restart it.")
    else:
        click.echo(f"Nothing was kept about {id}{where}. Was the id written with its platform, discord:1234?")


@user.command()
@click.argument("id")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write a file, not the screen.")
def export(id: str, out: Path | None) -> None:
    """Print everything that is kept about the person ID, as JSON."""
    kept = asyncio.run(_export(id))
    data = [
        {"plugin": e.plugin, "kind": e.value.kind, "rows": [dict(row) for row in e.value.rows]} for e in kept
    ]
    text = json.dumps({"user": id, "kept": data}, indent=2, ensure_ascii=False)
    if out is None:
        click.echo(text)
        return
    rows = sum(len(each.value.rows) for each in kept)
    try:
        _write_privately(out, text + "\n")
    except OSError as error:
        raise click.ClickException(f"{out} can't be written: {error.strerror}.") from None
    click.echo(f"{out}: {rows} rows.")


def _write_privately(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.part")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    draft.replace(path)


async def _forget(forget: Forget) -> list[From[Forgotten]]:
    async with App.open(load()) as app:
        return await app.forget_user(forget)


async def _export(user_id: str) -> list[From[Exported]]:
    async with App.open(load()) as app:
        return await app.export_user(user_id)

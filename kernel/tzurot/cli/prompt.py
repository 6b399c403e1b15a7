"""``tzurot prompt``: the request that would be sent, and what the budget did to it."""

from __future__ import annotations

import asyncio
import json

import click

from tzurot.app import App
from tzurot.config import load
from tzurot.payloads.decisions import Casting
from tzurot.payloads.generation import JsonValue, Request
from tzurot.payloads.message import Author, Message, Place, PlaceKind
from tzurot.turns.turn import Turn


@click.command()
@click.argument("character")
@click.option("-m", "--message", "text", required=True, help="What somebody says to the character.")
@click.option("--author", default="Visitor", show_default=True, help="Who says it.")
@click.option("--json", "as_json", is_flag=True, help="Print request and report as JSON.")
def prompt(character: str, text: str, author: str, as_json: bool) -> None:
    """Show the request that would be sent if somebody said TEXT to CHARACTER; nothing is sent.

    CHARACTER is a name, an alias, or pack/id.
    """
    turn = asyncio.run(_preview(character, text, author))
    request = turn.trace.request
    assert request is not None  # a preview ends with its request
    if as_json:
        budget = turn.trace.as_json()["budget"]
        click.echo(json.dumps({"request": _request(request), "report": budget}, indent=2, ensure_ascii=False))
        return
    for message in request.messages:
        click.secho(f"[{message.role}]", bold=True)
        click.echo(message.content)
    report = request.report
    click.secho(f"\n{report.used} of {report.window - report.reserved} tokens", bold=True, err=True)
    for item in report.items:
        click.echo(f"{item.fate:8} {item.tokens:6}  {item.plugin}.{item.key}  {item.reason}", err=True)


async def _preview(wanted: str, text: str, author: str) -> Turn:
    async with App.open(load()) as app:
        character = app.shelf.character(wanted)
        if character is None:
            names = ", ".join(c.key for c in app.shelf.characters())
            raise click.ClickException(f"There is no character {wanted!r}. There are: {names or 'none'}.")
        place = Place("terminal", "prompt", kind=PlaceKind.DIRECT)
        message = Message("preview", place, Author(author, author), text, app.clock.now(), to_bot=True)
        return await app.preview(message, Casting(character, "asked for"))


def _request(request: Request) -> dict[str, JsonValue]:
    return {
        "model": request.model,
        "messages": [{"role": str(m.role), "content": m.content} for m in request.messages],
        "parameters": dict(request.parameters),
    }

"""``tzurot lore``: trying books on conversations, and playing reference cases."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from tzurot.prompt.tokens import estimate
from tzurot_plugins.lorebook.book import Scanning
from tzurot_plugins.lorebook.bookcase import Bookcase
from tzurot_plugins.lorebook.chats import read_chat
from tzurot_plugins.lorebook.formats import NotABook, kept_fields, read_book_file
from tzurot_plugins.lorebook.macros import filler
from tzurot_plugins.lorebook.replay import replay
from tzurot_plugins.lorebook.scan import scan
from tzurot_plugins.lorebook.scene import Scene
from tzurot_plugins.lorebook.telling import as_json, told

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def lore() -> None:
    """Try lorebooks, and see why each entry comes in or stays out."""


@lore.command("replay")
@click.argument("file", type=_FILE)
@click.option("--check", is_flag=True, help="Compare with the expected results; print only what differs.")
def replay_cases(file: Path, check: bool) -> None:
    """Play the reference cases of FILE (JSON lines) and print one JSON result per case.

    A line is a case, or {"case": ..., "expected": ...} with what SillyTavern answered. With --check it
    exits with 1 if any differs.
    """
    cases = different = 0
    for line in _lines(file):
        case = line.get("case", line)
        result = replay(case)
        cases += 1
        if not check:
            click.echo(json.dumps(result, ensure_ascii=False))
        elif result != line.get("expected"):
            different += 1
            click.echo(str(case.get("id")))
    if check:
        click.echo(f"{cases} cases, {different} of them different.", err=True)
        raise SystemExit(1 if different else 0)


@lore.command()
@click.argument("book", type=_FILE)
@click.argument("chat", type=_FILE)
@click.option("--char", default="Char", show_default=True, help="The character's name.")
@click.option("--user", default="User", show_default=True, help="The person's name.")
@click.option("--window", default=8192, show_default=True, help="How many tokens a prompt may have.")
@click.option("--depth", default=2, show_default=True, help="How many messages are looked through.")
@click.option("--seed", type=int, help="Makes chance repeat itself.")
@click.option("--json", "as_data", is_flag=True, help="Print JSON.")
def test(book: Path, chat: Path, as_data: bool, **options: Any) -> None:
    """Scan the conversation CHAT with BOOK, and tell which entries come in and why.

    BOOK is a lorebook of SillyTavern, a character card with one, or YAML as in a pack. CHAT is a chat of
    SillyTavern, or a text with lines such as "Ana: hello".
    """
    try:
        opened = read_book_file(book)
    except NotABook as error:
        raise click.ClickException(str(error)) from error
    case = Bookcase({opened.name or book.stem: opened}, Scanning(depth=options["depth"]))
    chance = random.Random(options["seed"])
    done = scan(
        case,
        Scene(
            messages=read_chat(chat),
            fill=filler({"char": options["char"], "user": options["user"]}),
            count=estimate,
            draw=chance.random,
            window=options["window"],
            character=options["char"],
        ),
    )
    if as_data:
        click.echo(json.dumps(as_json(done), indent=2, ensure_ascii=False))
        return
    click.echo("\n".join(told(case, done)))
    kept = kept_fields(opened)
    if kept:
        click.echo(f"Kept, but without meaning here: {', '.join(sorted(kept))}", err=True)


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise click.ClickException(f"{file}:{number}: expected JSON, found {error}") from error

"""``tzurot import`` and ``tzurot export``: cards in, cards out."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tzurot import Character, Pack
from tzurot.app import App
from tzurot.config import load
from tzurot_plugins.cards.exporting import FORMATS, export_card
from tzurot_plugins.cards.faults import CardError, Note
from tzurot_plugins.cards.importing import Imported, import_card
from tzurot_plugins.cards.texts import slug


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("packs"),
    show_default=True,
    help="The folder of packs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_(files: tuple[Path, ...], into: Path, as_json: bool) -> None:
    """Make packs of character cards: each FILE is a PNG, JSON or CHARX (V1, V2, V3), or of another program.

    Every card becomes a folder to edit. The original is kept in it, so that `tzurot export` restores what
    packs have no place for; what that is, is said. Nothing is fetched from the web.
    """
    reports: list[dict[str, object]] = []
    failed = False
    for file in files:
        try:
            imported = import_card(file, into)
        except CardError as error:
            failed = True
            reports.append({"file": str(file), "error": str(error)})
            if not as_json:
                click.echo(str(error), err=True)
            continue
        reports.append(_report(imported))
        if not as_json:
            _show(imported)
    if as_json:
        click.echo(json.dumps(reports, indent=2, ensure_ascii=False))
    if failed:
        raise SystemExit(1)


@click.command()
@click.argument("character")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="v2 and v3 are JSON; json is what the original was. Default: as the original.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def export(character: str, form: str | None, output: Path | None, force: bool, as_json: bool) -> None:
    """Write CHARACTER as a card: a pack's folder, or a name, an alias or pack/id of a configured pack."""
    found, pack = _found(character)
    exported = export_card(found, pack, form or "")
    target = output or Path(slug(found.name) + exported.ending)
    try:
        with target.open("wb" if force else "xb") as stream:
            stream.write(exported.data)
    except FileExistsError:
        raise CardError("is there already.", "Use --force, or another name: -o FILE.", str(target)) from None
    except OSError as error:
        raise CardError(
            f"can't be written: {error.strerror}.", "Choose another: -o FILE.", str(target)
        ) from None
    if as_json:
        said = {"character": found.key, "file": str(target), "format": exported.format}
        click.echo(json.dumps({**said, "notes": _notes(exported.notes)}, indent=2, ensure_ascii=False))
        return
    click.echo(f"{found.name} is in {target}.")
    _tell(exported.notes, err=True)


def _found(wanted: str) -> tuple[Character, Pack]:
    config = load()
    folder = Path(wanted)
    app = App(config.model_copy(update={"packs": (folder,)}) if (folder / "pack.yaml").is_file() else config)
    app.library.load()
    named = (
        next(app.shelf.characters(), None)
        if (folder / "pack.yaml").is_file()
        else app.shelf.character(wanted)
    )
    if named is None:
        there = ", ".join(each.key for each in app.shelf.characters())
        raise CardError(
            f"there is no character {wanted!r}.", f"There are: {there or 'none'}. See tzurot check."
        )
    return named, app.shelf.packs[named.pack]


def _show(imported: Imported) -> None:
    click.echo(
        f"{imported.name} is in {imported.folder}: edit pack.yaml, talk: tzurot chat {imported.folder}"
    )
    _tell(imported.notes)


def _tell(notes: tuple[Note, ...], *, err: bool = False) -> None:
    """The notes, those that say the same in one line."""
    places: dict[str, list[str]] = {}
    for note in notes:
        places.setdefault(note.text, []).append(note.at)
    for text, ats in places.items():
        click.echo(f"  {Note(', '.join(filter(None, ats)), text)}", err=err)


def _report(imported: Imported) -> dict[str, object]:
    return {
        "file": str(imported.file),
        "pack": str(imported.folder),
        "character": imported.name,
        "form": str(imported.card.form),
        "spec": str(imported.card.spec),
        "notes": _notes(imported.notes),
    }


def _notes(notes: tuple[Note, ...]) -> list[dict[str, str]]:
    return [{"at": note.at, "text": note.text} for note in notes]

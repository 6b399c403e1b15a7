"""``tzurot check``: everything that is wrong with packs, all at once, with file, line and column."""

from __future__ import annotations

from pathlib import Path

import click

from tzurot.app import App
from tzurot.config import load
from tzurot.hooks.discover import installed
from tzurot.packs.check import FORMATS, render
from tzurot.packs.check import check as check_packs
from tzurot.packs.grammar import Grammar


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="Lines for people, JSON for scripts, or annotations for GitHub.",
)
def check(paths: tuple[Path, ...], form: str) -> None:
    """Check packs: PATHS are pack folders, pack.yaml files, or folders of packs.

    Without PATHS all configured packs are checked. Exits with 1 if a pack has an error; warnings don't count.
    """
    app = App(load())
    grammar = Grammar(app.plugin_schemas, app.settings_schema, installed())
    folders = paths or tuple(folder for folder in app.config.pack_folders if folder.is_dir())
    report = check_packs(folders, grammar, app.contributions.lints)
    click.echo(render(report, form))
    raise SystemExit(report.exit_code)

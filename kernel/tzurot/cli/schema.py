"""``tzurot schema``: the JSON Schema of packs for the plugins that are installed."""

from __future__ import annotations

import click

from tzurot.app import App
from tzurot.config import load
from tzurot.packs.compose import schema_text


@click.command()
def schema() -> None:
    """Print the JSON Schema of pack.yaml, with the settings of every installed plugin.

    Editors complete and check packs by it: tzurot schema > pack.schema.json, and as the pack's first line
    `# yaml-language-server: $schema=pack.schema.json`.
    """
    app = App(load())
    click.echo(schema_text(app.plugin_schemas, app.settings_schema), nl=False)

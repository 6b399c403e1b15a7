"""``tzurot new``: a pack or a plugin to begin with."""

from __future__ import annotations

import re
from pathlib import Path

import click

_NAME = re.compile(r"[a-z][a-z0-9_]*")

PACK = """\
# yaml-language-server: $schema={schema}
schema: 1
name: {title}
characters:
  - id: {name}
    name: {title}
    profile:
      description: >-
        {title} keeps a small shop at the end of a long street and has time for everybody.
      personality: Patient, curious, a little too honest.
    style: Short sentences. Asks back.
    greeting: Come in, mind the step.
    examples:
      - - user: What do you sell?
        - char: Mostly time. And string.
    error_line: Sorry, I lost the thread. Say that again?
"""

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "tzurot-{dashed}"
version = "0.1.0"
description = "{title}, a plugin for tzurot"
requires-python = ">=3.11"
dependencies = ["tzurot"]

[project.entry-points."tzurot.plugins"]
{name} = "tzurot_{name}:{cls}"
"""

PLUGIN = '''\
"""{title}: a plugin for tzurot."""

from __future__ import annotations

from tzurot import Fragment, Manifest, NoConfig, Plugin, Slot, Turn, hookimpl


class {cls}(Plugin[NoConfig]):
    """Tells the character something about the moment."""

    manifest = Manifest(name="{name}", summary="tells characters what they should know")

    @hookimpl
    async def build_context(self, turn: Turn) -> list[Fragment]:
        return [Fragment("moment", "It is raining outside.", slot=Slot.SCENE)]
'''


@click.group()
def new() -> None:
    """Make a pack or a plugin to begin with."""


@new.command()
@click.argument("name")
@click.option(
    "--in", "folder", type=click.Path(path_type=Path), default=Path("packs"), help="Where to put it."
)
def pack(name: str, folder: Path) -> None:
    """Make the pack NAME, with one character that already talks."""
    target = folder / _checked(name)
    schema = "https://raw.githubusercontent.com/tzurot/tzurot/main/schemas/pack.schema.json"
    _write(target, {"pack.yaml": PACK.format(name=name, title=_title(name), schema=schema)})
    click.echo(f"{target / 'pack.yaml'}: edit it, and talk to it: tzurot chat {target}")


@new.command()
@click.argument("name")
@click.option("--in", "folder", type=click.Path(path_type=Path), default=Path(), help="Where to put it.")
def plugin(name: str, folder: Path) -> None:
    """Make the plugin NAME as a package of its own, ready to be installed and published."""
    dashed = _checked(name).replace("_", "-")
    target = folder / f"tzurot-{dashed}"
    words = {"name": name, "dashed": dashed, "title": _title(name), "cls": _title(name).replace(" ", "")}
    _write(
        target,
        {
            "pyproject.toml": PYPROJECT.format(**words),
            f"tzurot_{name}/__init__.py": PLUGIN.format(**words),
            f"tzurot_{name}/py.typed": "",
        },
    )
    click.echo(f"{target}: install it with `pip install -e {target}`, then `tzurot plugins list` shows it.")


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise click.BadParameter(f"{name!r} is no name. Use small letters, digits and _, such as rainy_day.")
    return name


def _title(name: str) -> str:
    return name.replace("_", " ").title()


def _write(target: Path, files: dict[str, str]) -> None:
    if target.exists():
        raise click.ClickException(f"{target} is there already. Choose another name, or remove it.")
    for path, text in files.items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

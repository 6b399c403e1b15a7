"""Apps made up on the spot: a package with models and migrations, as a plugin's author would write it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from textwrap import dedent

import pytest

from tzurot.storage.apps import App
from tzurot.storage.database import Database

_numbers = count(1)


class Workshop:
    """Writes apps into a folder on ``sys.path``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def app(self, label: str, models: str) -> App:
        """A new app without migrations."""
        package = f"made_up_{next(_numbers)}_{label}"
        (self.folder / package / "migrations").mkdir(parents=True)
        (self.folder / package / "__init__.py").touch()
        (self.folder / package / "migrations" / "__init__.py").touch()
        app = App(label, f"{package}.models", f"{package}.migrations")
        self.rewrite(app, models)
        return app

    def rewrite(self, app: App, models: str) -> None:
        """Change the app's models, as a new version of the plugin would."""
        head = "from tortoise import fields\nfrom tortoise.models import Model\n"
        path = self.folder / Path(*app.models.split(".")).with_suffix(".py")
        path.write_text(head + dedent(models))
        package = app.models.partition(".")[0]
        for name in [name for name in sys.modules if name == package or name.startswith(package + ".")]:
            del sys.modules[name]
        for cache in (self.folder / package).rglob("*.pyc"):
            cache.unlink()
        importlib.invalidate_caches()

    def migration(self, app: App, name: str, body: str) -> None:
        """Write a migration by hand."""
        path = self.folder / Path(*app.migrations.split(".")) / f"{name}.py"
        path.write_text(
            "from tortoise import fields, migrations\nfrom tortoise.migrations import operations as ops\n"
            + dedent(body)
        )
        importlib.invalidate_caches()

    async def write_migrations(self, *apps: App) -> list[str]:
        """What an author does before a release; the names of what was written."""
        async with await Database.open("sqlite://:memory:", apps) as database:
            writers = await database.missing_migrations()
        for writer in writers:
            writer.write()
        importlib.invalidate_caches()
        return [f"{writer.app_label}.{writer.name}" for writer in writers]


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """A place to write apps in."""
    folder = tmp_path / "workshop"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    yield Workshop(folder)

"""What tests of the command line share: an instance in a folder of its own, and somebody who types."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tzurot.cli import root
from tzurot.cli.contributed import contributed
from tzurot.errors import TzurotError

PACK = """\
schema: 1
name: Harbour
characters:
  - id: mara
    name: Mara
    aliases: [Keeper]
    settings:
      temperature: 0.3
    profile:
      description: A lighthouse keeper.
"""

FOREIGN = ("TZUROT_", "OPENAI_", "DISCORD_", "DATABASE_URL")


@dataclass(frozen=True)
class Answer:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Tzurot:
    """Types commands, in this process or as a process of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *arguments: str, typed: str = "") -> Answer:
        done = CliRunner().invoke(root, list(arguments), input=typed)
        if isinstance(done.exception, TzurotError):  # what main() makes one line of
            return Answer(1, done.stdout, str(done.exception))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Answer(done.exit_code, done.stdout, done.stderr)

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        """A real process."""
        return subprocess.Popen(
            [sys.executable, "-m", "tzurot", *arguments],
            env={**os.environ, **environ},
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def process(self, *arguments: str, **environ: str) -> Answer:
        """What a real process said when it ended."""
        with self.start(*arguments, **environ) as running:
            out, err = running.communicate(timeout=120)
        return Answer(running.returncode, out, err)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of an instance with one pack, which is also the working directory."""
    folder = tmp_path / "harbour"
    (folder / "packs" / "harbour").mkdir(parents=True)
    (folder / "packs" / "harbour" / "pack.yaml").write_text(PACK, encoding="utf-8")
    for name in list(os.environ):
        if name.startswith(FOREIGN) and name != "TZUROT_SHARED":
            monkeypatch.delenv(name)
    monkeypatch.setenv("TZUROT_HOME", str(folder))
    monkeypatch.setenv("TZUROT_PACKS", str(folder / "packs"))
    monkeypatch.setenv("TZUROT_PLUGINS", "character")
    monkeypatch.chdir(folder)
    contributed.cache_clear()  # it belongs to another configuration
    yield folder
    contributed.cache_clear()


@pytest.fixture
def tzurot(home: Path) -> Tzurot:
    """The command line of that instance, with the plugins that need nothing from outside."""
    return Tzurot(home)

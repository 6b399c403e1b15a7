"""A plugin written outside the repository: installed, listed, talking, switched off for one guild, gone."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "tzurot-rain"
version = "0.3.0"
dependencies = ["tzurot"]

[project.entry-points."tzurot.plugins"]
rain = "tzurot_rain:Rain"
"""

PLUGIN = '''\
"""It rains, and characters know."""

from tzurot import Command, Fragment, Invocation, Manifest, NoConfig, Plugin, Slot, Turn, hookimpl


class Rain(Plugin[NoConfig]):
    manifest = Manifest(name="rain", summary="tells characters about the rain")

    @hookimpl
    def commands(self):
        async def umbrella(invocation: Invocation) -> str:
            return "Here you are."

        yield Command("umbrella", "hands out umbrellas", umbrella)

    @hookimpl
    async def build_context(self, turn: Turn):
        return [Fragment("rain", "It is raining on the whole coast.", slot=Slot.SCENE)]
'''

SPEAK = """\
import asyncio, json, sys
from tzurot.testing.stage import Stage

async def main():
    async with Stage.of(installed=["rain"]) as stage:
        prompts = {}
        await stage.app.preparation.stored.switch(stage.owner("dry"), "rain", False)
        for guild in ("wet", "dry"):
            await stage.say("hello", guild=guild, channel=f"{guild}-channel")
            prompts[guild] = stage.model.requests[-1].messages[0].content
    json.dump(prompts, sys.stdout)

asyncio.run(main())
"""

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs Python in an environment of its own that sees this one's packages, tzurot among them."""
    home = tmp_path / "environment"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    own = next(home.glob("**/site-packages"))
    sources = [Path(__file__).parents[2] / part for part in ("kernel", "plugins")]
    lines = [sysconfig.get_path("purelib"), *map(str, sources)]
    (own / "outer.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run(*arguments: str) -> str:
        environment = os.environ | {"TZUROT_HOME": str(tmp_path / "home"), "PYTHONPATH": ""}
        done = subprocess.run(
            [str(python), *arguments],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def listed(run: Run) -> dict[str, str]:
    rows = json.loads(run("-m", "tzurot", "plugins", "list", "--json"))["plugins"]
    return {row["name"]: f"{row['distribution']} {row['version']}" for row in rows}


def test_a_plugin_from_outside_is_installed_listed_switched_off_for_a_guild_and_uninstalled(
    tmp_path: Path, run: Run
):
    project = tmp_path / "tzurot-rain"
    (project / "tzurot_rain").mkdir(parents=True)
    (project / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (project / "tzurot_rain" / "__init__.py").write_text(PLUGIN, encoding="utf-8")
    assert "rain" not in listed(run)

    pip = ("-m", "pip", "--disable-pip-version-check", "--no-input")
    offline = ("--no-deps", "--no-build-isolation", "--no-index")
    run(*pip, "install", *offline, str(project))
    assert listed(run)["rain"] == "tzurot-rain 0.3.0"

    prompts = json.loads(run("-c", SPEAK))
    assert "It is raining on the whole coast." in prompts["wet"]
    assert "It is raining on the whole coast." not in prompts["dry"]

    said = run("-m", "tzurot", "plugins", "switch", "rain", "off", "--guild", "discord:1234")
    assert "rain is off for discord:1234" in said

    run(*pip, "uninstall", "--yes", "tzurot-rain")
    assert "rain" not in listed(run)

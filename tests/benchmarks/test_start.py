"""What it costs to start, and to be there: CPU until events are accepted, memory with a hundred packs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.benchmarks.measuring import HERE, Control, process, table

pytestmark = pytest.mark.benchmark

EXAMPLES = HERE.parents[1] / "packs"
PACKS = 100


def _start(title: str, kind: str, home: Path, **environment: str) -> list[str]:
    with process("-m", "tzurot.testing.discord") as server:
        control = Control(server)
        world = control(
            "world", bots=["bot"], users=["ann"], guilds=[{"name": "pier", "channels": ["general"]}]
        )
        settings = {
            "DISCORD_TOKEN": world["tokens"]["bot"],
            "DISCORD_API_BASE": server.said["api_base"],
            "TZUROT_HOME": str(home),
            **environment,
        }
        with process("tests/benchmarks/bot.py", kind, **settings) as bot:
            control("ready", bot="bot", seconds=60)
            return [title, f"{bot.cpu_seconds:.2f}", f"{bot.resident_mib:.0f}"]


def test_the_cost_of_being_there(tmp_path: Path):
    examples = sorted(each for each in EXAMPLES.iterdir() if each.is_dir())
    many = tmp_path / "packs"
    for number in range(PACKS):
        shutil.copytree(examples[number % len(examples)], many / f"p{number}")
    scripted = {"OPENAI_BASE_URL": "", "OPENAI_API_KEY": ""}
    with process("tests/benchmarks/stub_model.py") as model:
        openai = {"OPENAI_BASE_URL": model.said["base"], "OPENAI_API_KEY": "stub"}
        rows = [
            _start("baseline", "baseline", tmp_path / "a"),
            _start("ours, scripted model", "scripted", tmp_path / "b", **scripted),
            _start("ours, openai", "openai", tmp_path / "c", **openai),
            _start(
                f"ours, openai, {PACKS} packs", "openai", tmp_path / "d", TZUROT_PACKS=str(many), **openai
            ),
        ]
    table("Ready and idle", ("bot", "ready, CPU s", "RSS MiB"), rows)

"""What a message costs: whole turns through the Discord test server, beside nonebot as published."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.benchmarks.measuring import Control, process, stopwatch, table

pytestmark = pytest.mark.benchmark

WARM_UP, MESSAGES, BURST, WIDTH = 50, 400, 1000, 64
PERMISSIONS = str((1 << 10) | (1 << 11) | (1 << 16) | (1 << 29) | (1 << 38))


def _measure(kind: str, home: Path, **environment: str) -> list[str]:
    with process("-m", "tzurot.testing.discord") as server:
        control = Control(server)
        channels = [f"channel-{number}" for number in range(WIDTH)]
        world = control(
            "world",
            bots=["bot"],
            users=["ann"],
            guilds=[{"name": "pier", "channels": channels}],
            permissions=PERMISSIONS,
        )
        ids = list(world["guilds"]["pier"]["channels"].values())
        settings = {
            "DISCORD_TOKEN": world["tokens"]["bot"],
            "DISCORD_API_BASE": server.said["api_base"],
            "TZUROT_HOME": str(home),
            **environment,
        }
        with process("tests/benchmarks/bot.py", kind, **settings) as bot:
            control("ready", bot="bot", seconds=60)
            ready = bot.cpu_seconds
            control("burst", user="ann", channels=ids[:1], text="@Mara hello", count=WARM_UP, width=1)
            with stopwatch(bot) as one:
                alone = control(
                    "burst", user="ann", channels=ids[:1], text="@Mara hello", count=MESSAGES, width=1
                )
            control("burst", user="ann", channels=ids, text="@Mara hello", count=WIDTH, width=WIDTH)
            with stopwatch(bot) as many:
                control("burst", user="ann", channels=ids, text="@Mara hello", count=BURST, width=WIDTH)
            state = control("state")
            assert not state["violations"], state["violations"]
            return [
                kind,
                f"{ready:.2f}",
                f"{one['cpu'] / MESSAGES * 1000:.2f}",
                f"{alone['p50_ms']:.1f}",
                f"{alone['p95_ms']:.1f}",
                f"{BURST / many['wall']:.0f}",
                f"{many['cpu'] / BURST * 1000:.2f}",
                f"{bot.resident_mib:.0f}",
            ]


def test_the_cost_of_a_turn(tmp_path: Path):
    rows = []
    with process("tests/benchmarks/stub_model.py") as model:
        openai = {"OPENAI_BASE_URL": model.said["base"], "OPENAI_API_KEY": "stub"}
        rows.append(_measure("baseline", tmp_path / "a"))
        rows.append(_measure("scripted", tmp_path / "b", OPENAI_BASE_URL="", OPENAI_API_KEY=""))
        rows.append(_measure("openai", tmp_path / "c", **openai))
    header = (
        "bot",
        "ready, CPU s",
        "CPU ms a message",
        "p50 ms",
        "p95 ms",
        f"{WIDTH}-wide messages/s",
        "CPU ms in the burst",
        "RSS MiB",
    )
    table("A turn through the Discord test server (wall times hold for this machine only)", header, rows)

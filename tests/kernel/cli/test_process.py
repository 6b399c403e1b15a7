"""The command line as real processes: exit codes, one line for each fault, never a traceback."""

from __future__ import annotations

import json
import signal
import sys

import pytest

ERRORS = [
    (
        ("run",),
        {"TZUROT_PLUGINS": "character"},
        "Error: No platform is installed. See `tzurot plugins list`.",
    ),
    (("run",), {"TZUROT_PLUGINS": "discord"}, "Error: discord: Discord is not configured. Set DISCORD_TOKEN"),
    (("run",), {"TZUROT_HOME": "/dev/null/x"}, "tzurot: The home folder /dev/null/x can't be made"),
    (("run",), {"DATABASE_URL": "nonsense"}, "tzurot: DATABASE_URL: expected sqlite://PATH or postgresql://"),
    (
        ("doctor",),
        {"TZUROT_CONCURRENCY": "many"},
        "tzurot: TZUROT_CONCURRENCY: input should be a valid integer",
    ),
    (
        ("settings", "show"),
        {"DATABASE_URL": "postgresql://a:hunter2@127.0.0.1:1/b"},
        "tzurot: The database b at",
    ),
    (
        ("user", "export", "discord:1"),
        {"DATABASE_URL": "sqlite:///dev/null/x/y.db"},
        "tzurot: The folder of the",
    ),
]


@pytest.mark.parametrize(("command", "environ", "said"), ERRORS)
def test_a_fault_is_one_line_and_exit_code_1(tzurot, command, environ, said: str):
    answer = tzurot.process(*command, **environ)
    assert (answer.code, answer.out) == (1, "")
    assert "Traceback" not in answer.err
    assert "hunter2" not in answer.err
    (line,) = [line for line in answer.err.splitlines() if " WARNING " not in line]
    assert line.startswith(said)


def test_the_doctor_as_a_process_parses_and_fails_where_something_is_missing(tzurot):
    answer = tzurot.process("doctor", "--json")
    assert answer.code == 1
    assert {row["subject"] for row in json.loads(answer.out)} == {"plugins", "database", "packs", "models"}
    assert answer.err == ""


def test_check_as_a_process_tells_good_from_bad(tzurot, home):
    good = tzurot.process("check")
    assert (good.code, good.err) == (0, "")
    (home / "packs" / "harbour" / "pack.yaml").write_text("schema: [")
    bad = tzurot.process("check")
    assert (bad.code, bad.err) == (1, "")
    assert bad.out.startswith("packs/harbour/pack.yaml:2:1: schema: a value was expected here.")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to handle")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_running_bot_ends_in_order_when_it_is_told_to(tzurot, number: signal.Signals):
    silent = {"DISCORD_TOKEN": "token", "DISCORD_API_BASE": "http://127.0.0.1:1/api"}
    more = {"TZUROT_PLUGINS": "discord,history", "TZUROT_DISCORD_PACE": "0.01"}
    with tzurot.start("run", **silent, **more) as running:
        assert running.stderr is not None
        first = running.stderr.readline()
        assert "Discord's gateway can't be had" in first
        running.send_signal(number)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (0, "")
    assert "Traceback" not in err

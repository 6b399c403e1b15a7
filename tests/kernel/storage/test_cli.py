"""``tzurot db``, as its owner and their scripts call it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tzurot.cli import root


@pytest.fixture
def cli(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> CliRunner:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("TZUROT_HOME", str(tmp_path))
    return CliRunner()


def test_status_says_what_is_pending_and_upgrade_applies_it(cli: CliRunner) -> None:
    before = cli.invoke(root, ["db", "status"])
    assert before.exit_code == 1
    assert "pending: 0001_initial (run: tzurot db upgrade)" in before.output
    upgraded = cli.invoke(root, ["db", "upgrade"])
    assert upgraded.exit_code == 0
    assert "kernel: 0001_initial" in upgraded.output
    assert "up to date already" in cli.invoke(root, ["db", "upgrade"]).output
    after = cli.invoke(root, ["db", "status"])
    assert after.exit_code == 0, after.output


def test_nothing_is_written_when_models_and_migrations_agree() -> None:
    answer = CliRunner().invoke(root, ["db", "make"])
    assert answer.exit_code == 0, answer.output
    assert "Nothing to write" in answer.output


def test_status_can_be_read_by_a_script(cli: CliRunner) -> None:
    cli.invoke(root, ["db", "upgrade"])
    answer = json.loads(cli.invoke(root, ["db", "status", "--json"]).output)
    assert answer["current"] is True
    assert answer["engine"] in ("sqlite", "postgres")
    assert {"label": "kernel", "applied": ["0001_initial"], "pending": [], "unknown": []} in answer["apps"]

"""The engine answers what SillyTavern answered, on every reference case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tzurot_plugins.lorebook.command import lore
from tzurot_plugins.lorebook.replay import replay

REFERENCE = Path(__file__).parents[2] / "data" / "lorebook-reference"


def cases(name: str) -> list[Any]:
    lines = (REFERENCE / name).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("line", cases("semantics.jsonl"), ids=lambda line: line["case"]["id"])
def test_one_meaning_is_as_in_sillytavern(line):
    assert replay(line["case"]) == line["expected"]


def test_random_books_and_conversations_are_as_in_sillytavern():
    different = [
        line["case"]["id"] for line in cases("random.jsonl") if replay(line["case"]) != line["expected"]
    ]
    assert different == []


def test_the_command_prints_one_result_per_case():
    answer = CliRunner().invoke(lore, ["replay", str(REFERENCE / "semantics.jsonl")])
    results = [json.loads(line) for line in answer.output.splitlines()]
    assert results == [line["expected"] for line in cases("semantics.jsonl")]


def test_the_command_names_the_cases_that_differ(tmp_path):
    line = cases("semantics.jsonl")[0]
    line["expected"]["activated"] = []
    (tmp_path / "wrong.jsonl").write_text(json.dumps(line) + "\n")
    answer = CliRunner().invoke(lore, ["replay", "--check", str(tmp_path / "wrong.jsonl")])
    assert answer.exit_code == 1
    assert line["case"]["id"] in answer.output.splitlines()


def test_without_the_double_removal_only_those_who_lost_stay_out():
    """SillyTavern takes the last candidate out when somebody loses in two groups."""
    from tzurot_plugins.lorebook.book import Book, Entry, Scanning
    from tzurot_plugins.lorebook.bookcase import Bookcase
    from tzurot_plugins.lorebook.scan import scan
    from tzurot_plugins.lorebook.scene import Scene, Spoken

    entries = [
        Entry(id="a", always=True, group="G", group_first=True, order=9),
        Entry(id="b", always=True, group="G, H", order=8),
        Entry(id="c", always=True, group="H", group_first=True, order=7),
        Entry(id="d", always=True, order=1),
    ]
    scene = Scene([Spoken("Ana", "hello")], fill=str, count=len, draw=lambda: 0.5, window=8000)

    def active(**scanning: bool) -> list[str]:
        case = Bookcase({"w": Book(entries=entries)}, Scanning(**scanning))
        return [one.ref for one in scan(case, scene).active]

    assert active() == ["w.a", "w.c"]
    assert active(double_removal=False) == ["w.a", "w.c", "w.d"]

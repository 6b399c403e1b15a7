"""`tzurot lore test` tells why each entry comes in or stays out."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tzurot_plugins.lorebook.command import lore

BOOK = """\
name: coast
entries:
  - {id: tower, title: The tower, keys: [lighthouse], content: Built by the smugglers.}
  - {id: crew, keys: [smugglers], content: They left in 1820.}
  - {id: never, keys: [lighthouse], content: Unlikely., probability: 0}
"""


@pytest.fixture
def asked(tmp_path):
    (tmp_path / "coast.yaml").write_text(BOOK)
    (tmp_path / "chat.txt").write_text("Ana: Good evening.\nAna: Is this the lighthouse?\n")

    def run(*options: str) -> str:
        files = [str(tmp_path / "coast.yaml"), str(tmp_path / "chat.txt")]
        answer = CliRunner().invoke(lore, ["test", *files, *options], catch_exceptions=False)
        assert answer.exit_code == 0, answer.output
        return answer.output

    return run


def test_it_says_which_key_was_found_in_which_message(asked):
    assert "coast.tower (The tower): keys were found: lighthouse in message 2" in asked()


def test_it_says_which_entry_brought_another_in(asked):
    assert "coast.crew: keys were found: smugglers in coast.tower" in asked()


def test_it_says_what_was_rolled(asked):
    assert "coast.never: chance was against it (rolled" in asked("--seed", "1")


def test_as_json_it_says_the_same(asked):
    told = json.loads(asked("--json"))
    assert told["active"] == ["coast.tower", "coast.crew"]
    assert told["passes"][1]["reads"] == "lore"
    assert told["placed"]["before_character"] == ["They left in 1820.", "Built by the smugglers."]


def test_a_file_that_is_no_book_is_an_error_and_no_traceback(tmp_path):
    (tmp_path / "no.json").write_text("{}")
    (tmp_path / "chat.jsonl").write_text('{"name": "Ana", "mes": "hello"}\n')
    answer = CliRunner().invoke(lore, ["test", str(tmp_path / "no.json"), str(tmp_path / "chat.jsonl")])
    assert answer.exit_code == 1
    assert "no lorebook: there is no list of entries" in answer.output

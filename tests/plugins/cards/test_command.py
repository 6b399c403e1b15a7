"""``tzurot import`` and ``tzurot export`` as somebody types them, and the character that comes of it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from tests.plugins.cards.made import card_png, v2, v3

from tzurot.cli import root
from tzurot.testing.stage import Stage
from tzurot_plugins.cards.json_text import written
from tzurot_plugins.cards.reading import read_card

NOVA = v3(
    description="{{char}} is a captain.",
    first_mes="Hi.",
    system_prompt="Be {{char}}, who talks to {{user}}.",
    character_book={"entries": [{"keys": ["hello"], "content": "Greetings cost a coin."}]},
    extensions={"depth_prompt": {"prompt": "{{char}} is tired of {{user}}.", "depth": 0, "role": "system"}},
    madeup=1,
)


@pytest.fixture
def typed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZUROT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TZUROT_PACKS", str(tmp_path / "packs"))
    return lambda *words: CliRunner().invoke(root, list(words))


def test_an_imported_card_passes_the_check_and_is_exported_by_name(typed, tmp_path):
    (tmp_path / "nova.png").write_bytes(card_png(NOVA, "ccv3"))
    said = typed("import", "nova.png")
    assert said.exit_code == 0
    assert "Nova is in packs/nova" in said.output
    assert "madeup: not used. It stays in the original card" in said.output
    checked = typed("check", "packs/nova")
    assert (checked.exit_code, checked.output) == (0, "1 pack checked: all good.\n")
    assert typed("export", "nova", "-o", "again.png").exit_code == 0
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "nova.png").read_bytes()
    assert typed("export", "packs/nova", "--format", "charx").exit_code == 0
    assert read_card((tmp_path / "nova.charx").read_bytes()).data["madeup"] == 1


def test_one_bad_card_does_not_keep_the_others_out(typed, tmp_path):
    (tmp_path / "good.json").write_bytes(written(v2()))
    (tmp_path / "bad.json").write_bytes(b"{")
    said = typed("import", "bad.json", "good.json", "--json")
    assert said.exit_code == 1
    bad, good = json.loads(said.output)
    assert bad["error"].startswith("bad.json: 1:2: this is no JSON")
    assert (good["character"], good["spec"], good["form"]) == ("Nova", "v2", "json")


def test_the_same_card_is_not_imported_twice_and_a_namesake_gets_its_own_folder(typed, tmp_path):
    (tmp_path / "one.json").write_bytes(written(v2()))
    (tmp_path / "two.json").write_bytes(written(v2(first_mes="Other.")))
    assert typed("import", "one.json").exit_code == 0
    again = typed("import", "one.json", "two.json")
    assert again.exit_code == 1
    assert "this card is there already" in again.output
    assert (tmp_path / "packs" / "nova-2" / "pack.yaml").is_file()
    assert not list((tmp_path / "packs").glob(".*"))


def test_an_export_does_not_write_over_a_file_unasked(typed, tmp_path):
    (tmp_path / "nova.json").write_bytes(written(v2()))
    typed("import", "nova.json")
    refused = typed("export", "nova")
    assert refused.exit_code == 1
    assert "nova.json: is there already" in str(refused.exception)
    assert typed("export", "nova", "--force").exit_code == 0


def test_a_character_that_never_was_a_card_becomes_one(typed, tmp_path):
    pack = tmp_path / "packs" / "ferry"
    pack.mkdir(parents=True)
    (pack / "pack.yaml").write_text(
        "schema: 1\nname: Ferry\ncharacters:\n  - id: imre\n    name: Imre\n    aliases: [Captain]\n"
        "    profile: {description: A captain., likes: Tea.}\n    style: Short.\n    greeting: Ahoy.\n",
        "utf-8",
    )
    said = typed("export", "Imre", "--json")
    assert [note["at"] for note in json.loads(said.output)["notes"]] == ["aliases", "profile"]
    card = read_card((tmp_path / "imre.json").read_bytes())
    assert card.data["first_mes"] == "Ahoy."
    assert card.data["description"] == "A captain.\n\nLikes: Tea.\n\nStyle: Short."


def test_nobody_of_that_name_is_said(typed):
    assert "there is no character 'nobody'" in str(typed("export", "nobody").exception)


async def test_an_imported_card_talks_and_its_depth_prompt_is_told(typed, tmp_path):
    (tmp_path / "nova.png").write_bytes(card_png(NOVA, "ccv3"))
    typed("import", "nova.png")
    async with Stage.of(installed=("cards", "character", "lorebook"), packs=(tmp_path / "packs",)) as stage:
        stage.model.script("Engines on.")
        assert await stage.say("hello") == ["Engines on."]
        prompt = [message.content for message in stage.model.requests[-1].messages]
    assert any("Be Nova, who talks to Ana." in text for text in prompt)
    assert any("Nova is tired of Ana." in text for text in prompt)
    assert any("Greetings cost a coin." in text for text in prompt)


async def test_a_lost_original_is_a_warning(typed, tmp_path):
    (tmp_path / "nova.json").write_bytes(written(v2(description="x")))
    typed("import", "nova.json")
    (tmp_path / "packs" / "nova" / "card" / "original.json").unlink()
    checked = typed("check", "packs/nova")
    assert checked.exit_code == 0
    assert "isn't there, so that `tzurot export` can't restore the card" in checked.output

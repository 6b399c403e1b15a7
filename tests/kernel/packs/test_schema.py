"""The published schema is what the models say, and an editor can use it."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from tzurot.packs.compose import compose, published, write_schema
from tzurot.packs.locate import parse


def test_writing_the_schema_twice_changes_nothing(tmp_path, plugins):
    target = tmp_path / "pack.schema.json"
    assert write_schema(target, plugins)
    assert not write_schema(target, plugins)
    Draft202012Validator.check_schema(json.loads(target.read_text(encoding="utf-8")))


def test_an_editor_accepts_prose_in_files_and_included_parts(data, plugins):
    schema = published(compose(plugins))
    written = parse((data / "split" / "pack.yaml").read_text(encoding="utf-8"), "pack.yaml").value
    del written["plugins"]["weather"]
    assert list(Draft202012Validator(schema).iter_errors(written)) == []


def test_an_editor_marks_what_tzurot_marks(data, plugins):
    schema = published(compose(plugins))
    assert list(Draft202012Validator(schema).iter_errors({"schema": 1, "nmae": "x", "characters": []}))


def test_every_setting_of_a_pack_has_a_hover():
    schema = published(compose({}))
    parts: dict[str, Any] = {"pack": schema, **schema["$defs"]}
    silent = [
        f"{name}.{key}"
        for name, part in parts.items()
        for key, value in part.get("properties", {}).items()
        if not value.get("description")
    ]
    assert silent == []


def test_every_plugin_can_be_switched_off_in_a_pack(plugins):
    schema = compose(plugins)
    for name in ("plugin.lore", "plugin.lore.of_a_character"):
        assert "enabled" in schema["$defs"][name]["properties"]


def test_a_plugin_may_not_call_a_setting_of_its_own_enabled():
    class Rival(BaseModel):
        enabled: int = 0

    with pytest.raises(ValueError, match="plugin rival: its Config may not have a field 'enabled'"):
        compose({"rival": Rival})


def test_what_a_plugin_requires_may_come_from_the_pack_while_a_character_changes_the_rest():
    class Needy(BaseModel):
        address: str
        size: int = 1

    definitions = compose({"needy": Needy})["$defs"]
    assert definitions["plugin.needy"]["required"] == ["address"]
    assert "required" not in definitions["plugin.needy.of_a_character"]


def test_settings_of_another_schema_keep_their_own_definitions():
    settings = {
        "type": "object",
        "properties": {"mood": {"$ref": "#/$defs/Mood"}},
        "$defs": {"Mood": {"enum": ["good"]}},
    }
    schema = compose({}, settings)
    assert schema["$defs"]["settings"]["properties"]["mood"] == {"$ref": "#/$defs/settings.Mood"}
    assert schema["$defs"]["settings.Mood"] == {"enum": ["good"]}

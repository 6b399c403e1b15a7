"""The example packs and the committed schema, with the plugins that come along."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from tzurot.hooks.discover import discover
from tzurot.packs.check import check, render
from tzurot.packs.compose import schema_text
from tzurot.packs.grammar import Grammar
from tzurot.packs.library import packs_in
from tzurot.packs.load import load
from tzurot.paths import data as shipped

PACKS = packs_in(shipped("packs"))


@pytest.fixture(scope="module")
def in_tree() -> dict[str, type[BaseModel]]:
    """The pack settings of every plugin of this repository, and of no other that may be installed here."""
    found = (each for each in discover(None).found if each.plugin.__module__.startswith("tzurot_plugins."))
    return {each.manifest.name: each.plugin.config_model for each in found}


def test_the_committed_schema_is_what_the_models_say(in_tree):
    committed = (shipped("schemas") / "pack.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(in_tree), "run: tzurot schema > schemas/pack.schema.json"


@pytest.mark.parametrize("folder", PACKS, ids=lambda folder: folder.name)
def test_the_schema_that_a_shipped_pack_names_is_there(folder: Path):
    first = (folder / "pack.yaml").read_text(encoding="utf-8").split("\n", 1)[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (folder / first.split("=", 1)[1]).resolve().is_file()


def test_the_shipped_packs_have_no_errors_and_no_warnings(in_tree):
    assert render(check([shipped("packs")], Grammar(in_tree))) == f"{len(PACKS)} packs checked: all good."


@pytest.mark.parametrize("folder", PACKS, ids=lambda folder: folder.name)
def test_the_shipped_packs_load_where_their_plugins_are_missing(folder: Path):
    loaded = load(folder, Grammar({}))
    assert loaded.pack is not None, loaded.problems


@pytest.mark.parametrize("folder", PACKS, ids=lambda folder: folder.name)
def test_a_shipped_character_is_short_enough_for_a_small_model(folder: Path):
    for character in load(folder, Grammar({})).pack.characters:
        words = " ".join([*character.profile.values(), character.style]).split()
        assert len(words) < 250, character.key
        assert character.greeting and character.error_line and character.examples, character.key


def test_the_showcase_configures_every_plugin_that_packs_can_configure(in_tree):
    # a plugin that has no settings for packs may be left out
    pack = load(shipped("packs") / "showcase", Grammar(in_tree)).pack
    defaults = Grammar(in_tree).defaults
    unshown = [
        name
        for name, model in in_tree.items()
        if model.model_fields and pack.plugin_settings.get(name) == defaults.get(name)
    ]
    assert unshown == []

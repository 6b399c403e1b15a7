"""Whom somebody means, and what an edit of the packs means to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tzurot.config import Config
from tzurot.packs.compiled import Character, Pack
from tzurot.packs.problems import Problem, Severity, Spot
from tzurot.packs.shelf import Shelf, ShelfChange
from tzurot_plugins.terminal.choose import NobodyThere, choose, with_pack
from tzurot_plugins.terminal.news import news


def pack(name, *characters):
    return Pack(name, name.title(), tuple(Character(c.lower(), name, c, (f"{c}y",)) for c in characters))


SHELF = Shelf(
    {"crew": pack("crew", "Ada", "Bo"), "mara": pack("mara", "Mara", "Tam")},
    {"broken": (Problem(Severity.ERROR, Spot("broken/pack.yaml", 3, 1), "name", "is missing."),)},
)


@pytest.mark.parametrize(
    ("pack", "character", "key"),
    [
        (None, None, "mara/mara"),
        ("crew", None, "crew/ada"),
        ("Crew", None, "crew/ada"),
        ("crew", "bo", "crew/bo"),
        ("crew", "Boy", "crew/bo"),
        ("tam", None, "mara/tam"),
        (None, "crew/bo", "crew/bo"),
        (None, "TAM", "mara/tam"),
    ],
)
def test_packs_and_characters_are_found_by_any_of_their_names(pack, character, key):
    assert choose(SHELF, pack, character).key == key


@pytest.mark.parametrize(
    ("pack", "character", "says"),
    [
        ("crow", None, "There is no character or pack 'crow'. Did you mean 'crew'?"),
        ("zzz", None, "There is no character or pack 'zzz'. There are: Ada, Bo"),
        ("zzz", "Ada", "There is no pack 'zzz'. There are: crew, mara."),
        ("mara", "Tim", "There is no character 'Tim'. Did you mean 'Tam'?"),
        (None, "nobody", "There is no character or pack 'nobody'."),
        ("broken", None, "The pack broken can't be loaded:\nbroken/pack.yaml:3:1: name: is missing."),
    ],
)
def test_who_is_not_there_is_said_with_who_is(pack, character, says):
    with pytest.raises(NobodyThere) as missing:
        choose(SHELF, pack, character)
    assert str(missing.value).startswith(says)


def test_without_the_example_anybody_will_do_and_without_anybody_there_is_a_remedy():
    assert choose(Shelf({"crew": SHELF.packs["crew"]}), None, None).key == "crew/ada"
    with pytest.raises(NobodyThere, match="TZUROT_PACKS"):
        choose(Shelf(), None, None)


def test_a_folder_comes_before_the_packs_that_are_configured(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "pack.yaml").touch()
    config = Config(packs=(Path("/elsewhere"),))
    changed, name = with_pack(config, str(folder))
    assert (changed.packs, name) == ((folder.resolve(), Path("/elsewhere")), "mine")
    assert with_pack(config, "mara") == (config, "mara")
    assert with_pack(config, None) == (config, None)


def test_a_folder_without_a_pack_is_said_to_be_none(tmp_path):
    with pytest.raises(NobodyThere, match=r"holds no pack\.yaml"):
        with_pack(Config(), str(tmp_path))


def test_edits_are_told_to_whom_they_concern():
    problem = Problem(Severity.ERROR, Spot("mara/pack.yaml", 2, 1), "", "is broken.")
    change = ShelfChange(
        added=("new",), changed=("mara", "crew"), removed=("old",), problems={"x": (problem,)}
    )
    assert list(news(change, "mara/tam")) == [
        (False, "mara/pack.yaml:2:1: is broken."),
        (True, "mara was edited: it counts from your next message on."),
        (True, "new: new"),
        (True, "edited: crew"),
        (True, "gone: old"),
    ]
    assert [good for good, _ in news(ShelfChange(removed=("mara",)), "mara/tam")] == [False]

"""Lorebooks of other programs are read, and nothing that they wrote is lost."""

from __future__ import annotations

import json

import pytest

from tzurot_plugins.lorebook.book import Logic, Position
from tzurot_plugins.lorebook.formats import NotABook, read_book, read_book_file

CARD_ENTRY = {
    "id": 7,
    "keys": ["tower"],
    "secondary_keys": ["crystal"],
    "content": "The tower hums.",
    "enabled": True,
    "insertion_order": 40,
    "position": "after_char",
    "selective": True,
    "extensions": {"selectiveLogic": 3, "depth": 2, "somebody/else": {"kept": True}},
}


def card(**entry):
    return {"spec": "chara_card_v3", "data": {"character_book": {"entries": [{**CARD_ENTRY, **entry}]}}}


def test_world_info_is_read_in_the_order_of_its_numbers():
    world = {
        "entries": {"1": {"uid": 1, "key": ["b"]}, "0": {"uid": 0, "key": ["a"], "position": 4, "depth": 2}}
    }
    book = read_book(world, "coast")
    assert [(entry.id, entry.keys) for entry in book.entries] == [("0", ["a"]), ("1", ["b"])]
    assert book.entries[0].position is Position.DEPTH
    assert book.name == "coast"


def test_the_book_of_a_card_is_read():
    (entry,) = read_book(card()).entries
    assert (entry.id, entry.order, entry.position, entry.depth) == ("7", 40, Position.AFTER_CHARACTER, 2)
    assert (entry.also, entry.also_logic) == (["crystal"], Logic.ALL)


def test_the_position_among_the_extensions_wins():
    extensions = {**CARD_ENTRY["extensions"], "position": 4}
    assert read_book(card(extensions=extensions)).entries[0].position is Position.DEPTH


def test_fields_that_nobody_knows_are_kept():
    (entry,) = read_book(card(mood="blue")).entries
    assert entry.extensions == {"somebody/else": {"kept": True}, "mood": "blue"}


def test_patterns_without_slashes_are_patterns_where_the_specification_says_so():
    (entry,) = read_book(card(extensions={}, use_regex=True, keys=["tow(er|n)"])).entries
    assert (entry.keys, entry.use_also) == (["/tow(er|n)/i"], False)


def test_sillytavern_says_of_every_entry_that_it_is_a_pattern_and_means_nothing_by_it():
    assert read_book(card(use_regex=True)).entries[0].keys == ["tower"]


def test_a_book_that_stands_alone_is_read():
    book = read_book({"spec": "lorebook_v3", "data": {"name": "Sky", "entries": [CARD_ENTRY]}})
    assert (book.name, len(book.entries)) == ("Sky", 1)


def test_sloppy_values_become_usable_ones():
    entry = {"uid": "3", "key": "a, b", "depth": "2", "order": "x", "probability": "250", "sticky": None}
    (read,) = read_book({"entries": {"3": entry}}).entries
    assert (read.keys, read.depth, read.order, read.probability, read.sticky) == (["a", "b"], 2, 100, 100, 0)


def test_entries_without_ids_get_some():
    entries = [{"keys": ["a"], "insertion_order": 1}, {"keys": ["b"], "insertion_order": 1}]
    assert [one.id for one in read_book({"entries": entries}).entries] == ["0", "1"]


def test_a_book_of_risu_is_read():
    entry = {
        "key": "tower, spire",
        "content": "It hums.",
        "alwaysActive": True,
        "insertorder": 7,
        "mode": "normal",
    }
    (read,) = read_book({"type": "risu", "ver": 1, "data": [entry]}).entries
    assert (read.keys, read.always, read.order) == (["tower", "spire"], True, 7)
    assert read.extensions == {"mode": "normal"}


def test_a_book_of_agnai_is_read():
    entry = {"keywords": ["tower"], "entry": "It hums.", "name": "Tower", "weight": 7, "enabled": False}
    (read,) = read_book({"kind": "memory", "name": "Sky", "entries": [entry]}).entries
    assert (read.keys, read.title, read.order, read.enabled) == (["tower"], "Tower", 7, False)


def test_a_book_of_novelai_is_read():
    """SillyTavern loses forceActivation."""
    config = {"budgetPriority": 300}
    entry = {"keys": ["tower"], "text": "It hums.", "forceActivation": True, "contextConfig": config}
    (read,) = read_book({"lorebookVersion": 5, "entries": [entry]}).entries
    assert (read.keys, read.always, read.order) == (["tower"], True, 300)
    assert read.extensions["contextConfig"] == config


def test_our_own_yaml_is_read(tmp_path):
    (tmp_path / "coast.yaml").write_text("entries:\n  - keys: [lamp]\n    content: It burns.\n")
    assert read_book_file(tmp_path / "coast.yaml").entries[0].content == "It burns."


@pytest.mark.parametrize(
    "content", ["{}", "[1]", "{", '{"spec": "chara_card_v2", "data": {}}', '{"entries": 3}']
)
def test_what_is_no_book_is_refused_with_what_to_do(tmp_path, content):
    (tmp_path / "no.json").write_text(content)
    with pytest.raises(NotABook, match=r"no\.json"):
        read_book_file(tmp_path / "no.json")


def test_every_shared_card_with_a_book_is_read(shared_data):
    read = 0
    for path in shared_data("cards").glob("*.json"):
        if "entries" in path.read_text("utf-8"):
            read += len(read_book(json.loads(path.read_text("utf-8"))).entries) > 0
    assert read

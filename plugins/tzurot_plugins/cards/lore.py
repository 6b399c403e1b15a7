"""A card's lorebook in the words of packs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tzurot_plugins.cards.facets import ROLES, mapping_of, text_of
from tzurot_plugins.cards.limits import LORE_ENTRIES
from tzurot_plugins.cards.texts import one_line, tidy

Fields = dict[str, Any]

POSITIONS = (
    "before_character",
    "after_character",
    "note_top",
    "note_bottom",
    "depth",
    "examples_top",
    "examples_bottom",
    "outlet",
)
LOGICS = ("any", "not_all", "none", "all")
_LONGEST_KEY = 2000
_MOST = 999_999
FLAGS = {
    "ignore_budget": "ignore_budget",
    "exclude_recursion": "exclude_recursion",
    "prevent_recursion": "prevent_recursion",
    "group_first": "group_override",
}
CHOICES = {
    "group_scoring": "use_group_scoring",
    "case_sensitive": "case_sensitive",
    "whole_words": "match_whole_words",
}
_ALWAYS_SAID = {*CHOICES, "scan_depth"}
NUMBERS = {
    "depth": "depth",
    "delay_until_recursion": "delay_until_recursion",
    "group_weight": "group_weight",
    "scan_depth": "scan_depth",
    "sticky": "sticky",
    "cooldown": "cooldown",
    "delay": "delay",
}
_USUAL: Fields = {
    "enabled": True,
    "use_also": True,
    "also_logic": LOGICS[0],
    "order": 100,
    "position": POSITIONS[0],
    "role": ROLES[0],
    "probability": 100,
    "depth": 4,
    "group_weight": 100,
}
SOURCES = {
    "persona": "match_persona_description",
    "description": "match_character_description",
    "personality": "match_character_personality",
    "depth_prompt": "match_character_depth_prompt",
    "scenario": "match_scenario",
    "creator_notes": "match_creator_notes",
}


def entries_of(book: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A book's entries that are usable."""
    listed = book.get("entries")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def pack_entries(book: Mapping[str, Any]) -> list[Fields]:
    """The entries as a pack writes them: what is as usual is left out. Ids are their numbers in the card."""
    entries = enumerate(entries_of(book)[:LORE_ENTRIES])
    return [{"id": str(number), **_said(_pack_entry(raw))} for number, raw in entries]


def _pack_entry(raw: Mapping[str, Any]) -> Fields:
    extensions = mapping_of(raw, "extensions")
    return {
        "title": one_line(text_of(raw, "comment") or text_of(raw, "name"), 200),
        "enabled": _flag(raw.get("enabled"), True),
        **_pack_keys(raw, extensions),
        "content": tidy(text_of(raw, "content")),
        "always": bool(raw.get("constant")),
        "order": _whole(raw.get("insertion_order"), 100, low=-_MOST),
        "position": _position(raw, extensions),
        "role": _one_of(ROLES, extensions.get("role"), "system"),
        "outlet": one_line(text_of(extensions, "outlet_name"), 200),
        "group": one_line(text_of(extensions, "group"), 500),
        "probability": _probability(extensions),
        "sources": [source for source, flag in SOURCES.items() if extensions.get(flag)],
        "triggers": _keys(extensions.get("triggers")),
        **_pack_extensions({"case_sensitive": raw.get("case_sensitive"), **extensions}),
    }


def _pack_keys(raw: Mapping[str, Any], extensions: Mapping[str, Any]) -> Fields:
    """The keys; SillyTavern says ``use_regex`` of every entry and means nothing by it, others mean it."""
    patterns = raw.get("use_regex") is True and "selectiveLogic" not in extensions
    keys, also = _keys(raw.get("keys")), _keys(raw.get("secondary_keys"))
    return {
        "keys": [_slashed(key, raw) for key in keys] if patterns else keys,
        "also": also,
        "also_logic": _one_of(LOGICS, extensions.get("selectiveLogic"), LOGICS[0]),
        # By V3, further keys are not looked at where keys are patterns.
        "use_also": not also or (not patterns and _flag(raw.get("selective"), True)),
    }


def _pack_extensions(given: Mapping[str, Any]) -> Fields:
    fields: Fields = {own: bool(given.get(theirs)) for own, theirs in FLAGS.items()}
    fields |= {own: bool(given[theirs]) for own, theirs in CHOICES.items() if given.get(theirs) is not None}
    for own, theirs in NUMBERS.items():
        if given.get(theirs) is not None:
            fields[own] = _whole(given[theirs], _USUAL.get(own, 0))
    return fields


def _said(entry: Fields) -> Fields:
    """Only what differs from what an entry is anyway; of choices even a no is said."""
    return {
        key: value
        for key, value in entry.items()
        if key in _ALWAYS_SAID or value != _USUAL.get(key, type(value)())
    }


def _keys(value: Any) -> list[str]:
    listed = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    keys = (one_line(each, _LONGEST_KEY + 1) for each in listed if isinstance(each, str))
    return [key for key in keys if key and len(key) <= _LONGEST_KEY]


def _slashed(key: str, raw: Mapping[str, Any]) -> str:
    """A pattern as packs write it: between slashes."""
    if key.startswith("/"):
        return key
    escaped = key.replace("/", "\\/")
    return f"/{escaped}/{'' if raw.get('case_sensitive') else 'i'}"


def _position(raw: Mapping[str, Any], extensions: Mapping[str, Any]) -> str:
    after = str(raw.get("position", "")).startswith("after_char")
    return _one_of(POSITIONS, extensions.get("position"), POSITIONS[1 if after else 0])


def _probability(extensions: Mapping[str, Any]) -> int:
    if extensions.get("useProbability") is False:
        return 100
    return min(100, _whole(extensions.get("probability"), 100))


def _one_of(names: Sequence[str], value: Any, default: str) -> str:
    """A name by its number, as SillyTavern writes them."""
    number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names)
    return names[value] if number else default


def _whole(value: Any, default: int, low: int = 0) -> int:
    try:
        return min(_MOST, max(low, int(value)))
    except (TypeError, ValueError, OverflowError):
        return default


def _flag(value: Any, default: bool) -> bool:
    return default if value is None else bool(value)

"""Reads the lorebooks of character cards, V2 and V3, stand-alone ones too."""

from __future__ import annotations

from typing import Any

from tzurot_plugins.lorebook.book import Book
from tzurot_plugins.lorebook.fields import JsonObject, as_flag, as_object, as_text, as_texts
from tzurot_plugins.lorebook.sillytavern import read_entry

# What SillyTavern writes into an entry's extensions, and its own name for it.
_EXTENSIONS = {
    "position": "position",
    "exclude_recursion": "excludeRecursion",
    "prevent_recursion": "preventRecursion",
    "delay_until_recursion": "delayUntilRecursion",
    "display_index": "displayIndex",
    "probability": "probability",
    "useProbability": "useProbability",
    "depth": "depth",
    "selectiveLogic": "selectiveLogic",
    "outlet_name": "outletName",
    "group": "group",
    "group_override": "groupOverride",
    "group_weight": "groupWeight",
    "scan_depth": "scanDepth",
    "case_sensitive": "caseSensitive",
    "match_whole_words": "matchWholeWords",
    "use_group_scoring": "useGroupScoring",
    "automation_id": "automationId",
    "role": "role",
    "vectorized": "vectorized",
    "sticky": "sticky",
    "cooldown": "cooldown",
    "delay": "delay",
    "match_persona_description": "matchPersonaDescription",
    "match_character_description": "matchCharacterDescription",
    "match_character_personality": "matchCharacterPersonality",
    "match_character_depth_prompt": "matchCharacterDepthPrompt",
    "match_scenario": "matchScenario",
    "match_creator_notes": "matchCreatorNotes",
    "triggers": "triggers",
    "ignore_budget": "ignoreBudget",
}
_OF_A_BOOK = {"name", "description", "entries"}
_MAPPED = {"id", "uid", "keys", "secondary_keys", "comment", "name", "content", "constant", "selective"} | {
    "enabled",
    "insertion_order",
    "position",
    "extensions",
    "case_sensitive",
    "use_regex",
}


def read_character_book(raw: JsonObject, name: str = "") -> Book:
    """A book of a card; ids are numbered anew where they are missing or come twice."""
    entries = raw.get("entries")
    read, taken = [], set[str]()
    for number, one in enumerate(map(as_object, entries if isinstance(entries, list) else ())):
        world = _as_world_info(one)
        if not world["uid"] or world["uid"] in taken:
            world["uid"] = f"{number}" if f"{number}" not in taken else f"{number}-{len(taken)}"
        taken.add(world["uid"])
        read.append(read_entry(world))
    return Book(
        name=as_text(raw.get("name")) or name,
        description=as_text(raw.get("description")),
        entries=read,
        extensions={key: value for key, value in raw.items() if key not in _OF_A_BOOK},
    )


def _more(raw: JsonObject, extensions: JsonObject) -> dict[str, Any]:
    """What stands in the extensions, what belongs there, and what nobody knows."""
    known = {own: extensions[theirs] for theirs, own in _EXTENSIONS.items() if theirs in extensions}
    unknown = {key: value for key, value in extensions.items() if key not in _EXTENSIONS}
    other = {key: value for key, value in raw.items() if key not in _MAPPED}
    if raw.get("position") in ("after_char", "after_char_defs"):
        other["position"] = 1
    return {**unknown, **other, "caseSensitive": raw.get("case_sensitive"), **known}


def _as_world_info(raw: JsonObject) -> dict[str, Any]:
    """An entry of a card under SillyTavern's names."""
    extensions = as_object(raw.get("extensions"))
    by_spec = as_flag(raw.get("use_regex"), False) and "selectiveLogic" not in extensions
    return {
        **_more(raw, extensions),
        "uid": as_text(raw.get("id", raw.get("uid"))),
        "key": [_slashed(key, raw) for key in as_texts(raw.get("keys"))] if by_spec else raw.get("keys"),
        "keysecondary": raw.get("secondary_keys"),
        "comment": as_text(raw.get("comment")) or as_text(raw.get("name")),
        "content": raw.get("content"),
        "constant": raw.get("constant"),
        # By the specification, further keys are not looked at where keys are patterns.
        "selective": False if by_spec else as_flag(raw.get("selective"), bool(raw.get("secondary_keys"))),
        "disable": not as_flag(raw.get("enabled"), True),
        "order": raw.get("insertion_order"),
    }


def _slashed(key: str, raw: JsonObject) -> str:
    """A pattern without slashes, as V3 has it, as one with them.

    SillyTavern says ``use_regex`` of every entry and means nothing by it, hence only for books of others.
    """
    if not key or key.startswith("/"):
        return key
    flags = "" if raw.get("case_sensitive") else "i"
    return f"/{key.replace('/', chr(92) + '/')}/{flags}"

"""Reads SillyTavern's world info into our books; what has no place in them is kept as it was."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tzurot import Role
from tzurot_plugins.lorebook.book import Book, CharacterFilter, Entry, Logic, Position, Source
from tzurot_plugins.lorebook.fields import (
    JsonObject,
    as_choice,
    as_flag,
    as_number,
    as_object,
    as_text,
    as_texts,
    as_whole,
)

POSITIONS = (
    Position.BEFORE_CHARACTER,
    Position.AFTER_CHARACTER,
    Position.NOTE_TOP,
    Position.NOTE_BOTTOM,
    Position.DEPTH,
    Position.EXAMPLES_TOP,
    Position.EXAMPLES_BOTTOM,
    Position.OUTLET,
)
LOGICS = (Logic.ANY, Logic.NOT_ALL, Logic.NONE, Logic.ALL)
ROLES = (Role.SYSTEM, Role.USER, Role.ASSISTANT)
SOURCES = {
    "matchPersonaDescription": Source.PERSONA,
    "matchCharacterDescription": Source.DESCRIPTION,
    "matchCharacterPersonality": Source.PERSONALITY,
    "matchCharacterDepthPrompt": Source.DEPTH_PROMPT,
    "matchScenario": Source.SCENARIO,
    "matchCreatorNotes": Source.CREATOR_NOTES,
}
_NAMED_OTHERWISE = {"uid", "key", "keysecondary", "comment", "constant", "selective", "useProbability"}
_MAPPED = {
    *_NAMED_OTHERWISE,
    *SOURCES,
    "selectiveLogic",
    "content",
    "order",
    "position",
    "depth",
    "role",
    "outletName",
    "disable",
    "ignoreBudget",
    "excludeRecursion",
    "preventRecursion",
    "delayUntilRecursion",
    "probability",
    "group",
    "groupOverride",
    "groupWeight",
    "useGroupScoring",
    "scanDepth",
    "caseSensitive",
    "matchWholeWords",
    "sticky",
    "cooldown",
    "delay",
    "triggers",
    "characterFilter",
}


def read_world(world: JsonObject, name: str = "") -> Book:
    """A book from a world info file: ``{"entries": {"0": {...}}}``, or with a list of entries."""
    entries = world.get("entries")
    raw: Iterable[Any] = entries.values() if isinstance(entries, dict) else entries or ()
    read = [read_entry(as_object(one)) for one in sorted(raw, key=_uid)]
    kept = {key: value for key, value in world.items() if key not in ("entries", "name", "description")}
    return Book(
        name=as_text(world.get("name")) or name,
        description=as_text(world.get("description")),
        entries=read,
        extensions=kept,
    )


def read_entry(raw: JsonObject) -> Entry:
    """One entry, with SillyTavern's value for a new one wherever nothing usable is written."""
    return Entry(
        **_keys(raw),
        **_place(raw),
        **_recursion(raw),
        **_chance(raw),
        title=as_text(raw.get("comment")),
        content=as_text(raw.get("content")),
        enabled=not raw.get("disable"),
        always=as_flag(raw.get("constant"), False),
        ignore_budget=as_flag(raw.get("ignoreBudget"), False),
        sticky=as_whole(raw.get("sticky"), 0, high=999_999),
        cooldown=as_whole(raw.get("cooldown"), 0, high=999_999),
        delay=as_whole(raw.get("delay"), 0, high=999_999),
        triggers=as_texts(raw.get("triggers")),
        characters=_filter(as_object(raw.get("characterFilter"))),
        extensions={key: value for key, value in raw.items() if key not in _MAPPED},
    )


def _uid(raw: Any) -> float:
    return as_number(as_object(raw).get("uid"), 0)


def _keys(raw: JsonObject) -> dict[str, Any]:
    scan_depth = raw.get("scanDepth")
    return {
        "id": as_text(raw.get("uid")),
        "keys": as_texts(raw.get("key")),
        "also": as_texts(raw.get("keysecondary")),
        "also_logic": LOGICS[as_whole(raw.get("selectiveLogic"), 0, high=3)],
        "use_also": as_flag(raw.get("selective"), True),
        "scan_depth": None if scan_depth is None else as_whole(scan_depth, 2, low=-1000),
        "case_sensitive": as_choice(raw.get("caseSensitive")),
        "whole_words": as_choice(raw.get("matchWholeWords")),
        "sources": [source for field, source in SOURCES.items() if raw.get(field)],
    }


def _place(raw: JsonObject) -> dict[str, Any]:
    return {
        "order": as_whole(raw.get("order"), 100, low=-1_000_000),
        "position": POSITIONS[as_whole(raw.get("position"), 0, high=7)],
        "depth": as_whole(raw.get("depth"), 4, high=10_000),
        "role": ROLES[as_whole(raw.get("role"), 0, high=2)],
        "outlet": as_text(raw.get("outletName")).strip(),
    }


def _recursion(raw: JsonObject) -> dict[str, Any]:
    delay = raw.get("delayUntilRecursion")
    return {
        "exclude_recursion": as_flag(raw.get("excludeRecursion"), False),
        "prevent_recursion": as_flag(raw.get("preventRecursion"), False),
        "delay_until_recursion": 1 if delay is True else as_whole(delay, 0),
    }


def _chance(raw: JsonObject) -> dict[str, Any]:
    rolls = as_flag(raw.get("useProbability"), True)
    return {
        "probability": as_number(raw.get("probability"), 100, high=100) if rolls else 100,
        "group": as_text(raw.get("group")),
        "group_first": as_flag(raw.get("groupOverride"), False),
        "group_weight": as_number(raw.get("groupWeight"), 100),
        "group_scoring": as_choice(raw.get("useGroupScoring")),
    }


def _filter(raw: JsonObject) -> CharacterFilter:
    return CharacterFilter(
        exclude=as_flag(raw.get("isExclude"), False),
        names=as_texts(raw.get("names")),
        tags=as_texts(raw.get("tags")),
    )

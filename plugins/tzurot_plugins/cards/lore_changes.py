"""A person's changes to a pack's lore, in the words of cards."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from tzurot import Character
from tzurot_plugins.cards.facets import ROLES, mapping_of
from tzurot_plugins.cards.limits import LORE_ENTRIES
from tzurot_plugins.cards.lore import (
    CHOICES,
    FLAGS,
    LOGICS,
    NUMBERS,
    POSITIONS,
    SOURCES,
    Fields,
    entries_of,
    pack_entries,
)

_DIRECT = {
    "title": "comment",
    "enabled": "enabled",
    "keys": "keys",
    "also": "secondary_keys",
    "use_also": "selective",
    "content": "content",
    "always": "constant",
    "order": "insertion_order",
}
_CARRIED = {
    **FLAGS,
    **CHOICES,
    **NUMBERS,
    "also_logic": "selectiveLogic",
    "position": "position",
    "role": "role",
    "outlet": "outlet_name",
    "group": "group",
    "probability": "probability",
    "triggers": "triggers",
}
_NUMBERED: Mapping[str, Sequence[str]] = {"also_logic": LOGICS, "position": POSITIONS, "role": ROLES}


def with_changes(book: Mapping[str, Any] | None, character: Character) -> Mapping[str, Any] | None:
    """``book`` with what the pack says otherwise; ``None`` if nothing, or nothing is known of lore here."""
    settings = character.plugin_settings.get("lorebook")
    books = getattr(settings, "books", None)
    if not isinstance(settings, BaseModel) or not isinstance(books, list):
        return None
    now = [entry.model_dump(mode="json") for each in books for entry in each.entries]
    raws = entries_of(book or {})
    before = _as_loaded(settings, pack_entries(book or {}))
    if now == before:
        return None
    known = {old["id"]: (old, raw) for old, raw in zip(before, raws, strict=False)}
    fresh = [_merged(*known.get(str(entry["id"]), ({}, {})), entry) for entry in now]
    return {**(book or {"extensions": {}}), "entries": [*fresh, *raws[LORE_ENTRIES:]]}


def _as_loaded(settings: BaseModel, entries: Sequence[Fields]) -> list[Fields]:
    """The card's entries as the plugin for lore would read them from the pack."""
    try:
        loaded = type(settings).model_validate({"books": [{"entries": list(entries)}]})
    except ValidationError:
        return []
    return [entry.model_dump(mode="json") for each in getattr(loaded, "books", ()) for entry in each.entries]


def _merged(old: Mapping[str, Any], raw: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    """A card's entry with the fields that differ written anew; the same object if none does."""
    changed = {key: value for key, value in new.items() if key != "id" and (not old or value != old.get(key))}
    if not changed:
        return raw
    entry = copy.deepcopy(dict(raw)) or {"use_regex": False}
    entry |= {_DIRECT[key]: value for key, value in changed.items() if key in _DIRECT}
    if "keys" in changed:
        entry["use_regex"] = False
    if "position" in changed:
        entry["position"] = "after_char" if changed["position"] == POSITIONS[1] else "before_char"
    entry["extensions"] = {**mapping_of(entry, "extensions"), **_extensions(changed, fresh=not raw)}
    return entry


def _extensions(changed: Mapping[str, Any], *, fresh: bool) -> Fields:
    """What of the changes stands in an entry's extensions; of a ``fresh`` entry only what says something."""
    fields: Fields = {}
    for key, value in changed.items():
        if key in _NUMBERED:
            fields[_CARRIED[key]] = _NUMBERED[key].index(value)
        elif key in _CARRIED and (value or not fresh):
            fields[_CARRIED[key]] = value
    if "sources" in changed:
        fields |= {flag: source in changed["sources"] for source, flag in SOURCES.items()}
    return fields

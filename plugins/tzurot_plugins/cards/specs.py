"""Between the generations of cards: what one can't say is kept where the next reader finds it again."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from tzurot_plugins.cards.card import Spec
from tzurot_plugins.cards.facets import mapping_of, text_of

KEPT = "tzurot/v3"
"""Where a V2 card keeps, under ``extensions``, what only V3 knows."""
DECORATORS = "tzurot/decorators"
_FLAT = "tzurot/v1"
_ONLY_V3 = (
    "assets",
    "nickname",
    "creator_notes_multilingual",
    "source",
    "group_only_greetings",
    "creation_date",
    "modification_date",
)
_TEXTS = (
    "name",
    "description",
    "personality",
    "scenario",
    "first_mes",
    "mes_example",
    "creator_notes",
    "system_prompt",
    "post_history_instructions",
    "creator",
    "character_version",
)
_SIX = _TEXTS[:6]
_DECORATED = re.compile(r"(?:@@[^\n]*(?:\n|$))+")


def as_v2(raw: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
    """A whole V2 card with the same content; V3's own fields and decorators stand under ``extensions``."""
    if spec is Spec.V2:
        return copy.deepcopy(dict(raw))
    card = _enveloped(raw, spec)
    data = card["data"]
    kept = {key: data.pop(key) for key in _ONLY_V3 if key in data}
    if kept:
        data["extensions"] = {**data["extensions"], KEPT: kept}
    for entry in _entries(data):
        _undecorate(entry)
    return {**card, "spec": "chara_card_v2", "spec_version": "2.0"}


def as_v3(raw: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
    """A whole V3 card with the same content."""
    if spec is Spec.V3:
        return copy.deepcopy(dict(raw))
    card = _enveloped(raw, spec)
    data = card["data"]
    kept = data["extensions"].pop(KEPT, None)
    for key, value in (kept if isinstance(kept, dict) else {}).items():
        data.setdefault(key, value)
    data.setdefault("group_only_greetings", [])
    for entry in _entries(data):
        _decorate(entry)
        entry.setdefault("use_regex", False)
    return {**card, "spec": "chara_card_v3", "spec_version": "3.0"}


def _enveloped(raw: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
    """A copy with ``data``, in which every field that both V2 and V3 want stands."""
    card = copy.deepcopy(dict(raw))
    if spec is Spec.V1:
        card = {"data": _from_flat(card)}
    data = card["data"]
    for key in _TEXTS:
        data[key] = text_of(data, key)
    for key in ("alternate_greetings", "tags"):
        if not isinstance(data.get(key), list):
            data[key] = [data[key]] if isinstance(data.get(key), str) and data[key] else []
    data["extensions"] = dict(mapping_of(data, "extensions"))
    if not isinstance(data.get("character_book", {}), dict):
        del data["character_book"]
    return card


def _from_flat(flat: dict[str, Any]) -> dict[str, Any]:
    data = {key: flat.pop(key) for key in (*_SIX, "tags", "creator", "character_book") if key in flat}
    if "creatorcomment" in flat or "creator_notes" in flat:
        data["creator_notes"] = flat.pop("creator_notes", None) or flat.pop("creatorcomment", "")
    extensions = mapping_of(flat, "extensions")
    flat.pop("extensions", None)
    known = {key: flat.pop(key) for key in ("talkativeness", "fav") if key in flat}
    data["extensions"] = {**known, **extensions, **({_FLAT: flat} if flat else {})}
    return data


def _entries(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = mapping_of(data, "character_book").get("entries")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _undecorate(entry: dict[str, Any]) -> None:
    """V2's readers would show decorators as text; they are kept aside, word by word."""
    content = entry.get("content")
    found = _DECORATED.match(content) if isinstance(content, str) else None
    if found is not None and isinstance(content, str):
        entry["content"] = content[found.end() :]
        entry["extensions"] = {**mapping_of(entry, "extensions"), DECORATORS: found[0]}


def _decorate(entry: dict[str, Any]) -> None:
    kept = mapping_of(entry, "extensions").get(DECORATORS)
    if isinstance(kept, str) and isinstance(entry.get("content"), str):
        entry["content"] = kept + entry["content"]
        entry["extensions"] = {k: v for k, v in entry["extensions"].items() if k != DECORATORS}

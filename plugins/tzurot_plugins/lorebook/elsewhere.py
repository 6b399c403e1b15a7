"""Reads the lorebooks of Risu, Agnai and NovelAI, by way of SillyTavern's names for what they have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tzurot_plugins.lorebook.book import Book
from tzurot_plugins.lorebook.fields import JsonObject, as_flag, as_object
from tzurot_plugins.lorebook.sillytavern import read_world

# The names of theirs that mean the same as one of SillyTavern's.
_RISU = {
    "key": "key",
    "secondkey": "keysecondary",
    "content": "content",
    "comment": "comment",
    "alwaysActive": "constant",
    "insertorder": "order",
    "activationPercent": "probability",
    "selective": "selective",
}
_AGNAI = {"keywords": "key", "entry": "content", "name": "comment", "weight": "order"}
_NOVELAI = {"keys": "key", "text": "content", "displayName": "comment", "forceActivation": "constant"}


def read_elsewhere(content: JsonObject, name: str) -> Book | None:
    """The book, if it is one of theirs. What means nothing here is kept with the entry."""
    if content.get("type") == "risu" and isinstance(content.get("data"), list):
        return _read(content, "data", name, _risu)
    if content.get("kind") == "memory":
        return _read(content, "entries", name, _agnai)
    if "lorebookVersion" in content:
        return _read(content, "entries", name, _novelai)
    return None


def _read(
    content: JsonObject, where: str, name: str, translate: Callable[[JsonObject], dict[str, Any]]
) -> Book:
    listed = content.get(where)
    entries = [as_object(one) for one in listed] if isinstance(listed, list) else []
    world = {key: value for key, value in content.items() if key != where}
    return read_world({**world, "entries": [{**translate(e), "uid": i} for i, e in enumerate(entries)]}, name)


def _renamed(raw: JsonObject, names: Mapping[str, str]) -> dict[str, Any]:
    """``raw`` under SillyTavern's names; other fields keep theirs, out of the way of what they would mean."""
    own = {key if key not in names.values() else f"their {key}": raw[key] for key in raw if key not in names}
    return {**own, **{names[key]: value for key, value in raw.items() if key in names}}


def _risu(raw: JsonObject) -> dict[str, Any]:
    # Folders stand among the entries; they hold nothing of their own.
    return {**_renamed(raw, _RISU), "disable": raw.get("mode") == "folder"}


def _agnai(raw: JsonObject) -> dict[str, Any]:
    return {**_renamed(raw, _AGNAI), "disable": not as_flag(raw.get("enabled"), True)}


def _novelai(raw: JsonObject) -> dict[str, Any]:
    order = as_object(raw.get("contextConfig")).get("budgetPriority")
    return {**_renamed(raw, _NOVELAI), "order": order, "disable": not as_flag(raw.get("enabled"), True)}

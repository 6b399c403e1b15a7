"""A card with a person's changes in it: only what differs from the original is written anew."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from tzurot_plugins.cards.card import Card, Spec, data_of
from tzurot_plugins.cards.examples import limited, read_examples, write_examples
from tzurot_plugins.cards.facets import Depth, Facets, mapping_of, tags_of, text_of, texts_of
from tzurot_plugins.cards.limits import GREETINGS, TAGS
from tzurot_plugins.cards.specs import as_v2

_FIELDS = {
    "name": "name",
    "nickname": "nickname",
    "description": "description",
    "personality": "personality",
    "scenario": "scenario",
    "first_mes": "greeting",
    "creator": "creator",
    "character_version": "version",
    "creator_notes": "notes",
    "system_prompt": "instruction",
    "post_history_instructions": "reminder",
}
_FLAT = {"name", "description", "personality", "scenario", "greeting", "examples"}
_NO_BOOK: Mapping[str, Any] = {}


def merged(
    card: Card, before: Facets, after: Facets, book: Mapping[str, Any] | None
) -> tuple[Mapping[str, Any], Spec]:
    """The card's JSON and its generation, with what changed from ``before`` to ``after``.

    The very same object, if nothing did. A V1 card that can't say a change becomes a V2 card.
    """
    changed = [name for name in Facets.__dataclass_fields__ if getattr(before, name) != getattr(after, name)]
    new_book = book is not None and book != (card.book or _NO_BOOK)
    if not changed and not new_book:
        return card.raw, card.spec
    spec = card.spec
    raw = copy.deepcopy(dict(card.raw))
    if spec is Spec.V1 and (new_book or not _FLAT.issuperset(changed)):
        raw, spec = as_v2(raw, spec), Spec.V2
    if spec is Spec.V2 and "nickname" in changed:
        changed.remove("nickname")
    data = data_of(raw, spec)
    assert isinstance(data, dict)  # made by deepcopy above
    old = dict(data)
    _change(data, changed, after)
    if new_book:
        data["character_book"] = book
    _mirror(raw, data, old)
    return raw, spec


def _change(data: dict[str, Any], changed: list[str], after: Facets) -> None:
    for key, facet in _FIELDS.items():
        if facet in changed:
            data[key] = getattr(after, facet)
    if "greetings" in changed:
        data["alternate_greetings"] = [*after.greetings, *texts_of(data, "alternate_greetings")[GREETINGS:]]
    if "tags" in changed:
        data["tags"] = [*after.tags, *tags_of(data)[TAGS:]]
    if "examples" in changed:
        old = read_examples(text_of(data, "mes_example"), (after.name, after.nickname))
        data["mes_example"] = write_examples([*after.examples, *old[len(limited(old)) :]])
    extensions = dict(mapping_of(data, "extensions"))
    if "talkativeness" in changed:
        data["extensions"] = extensions = {**extensions, "talkativeness": after.talkativeness}
    if "depth" in changed:
        data["extensions"] = _with_depth(extensions, after.depth)


def _with_depth(extensions: Mapping[str, Any], depth: Depth | None) -> dict[str, Any]:
    old = mapping_of(extensions, "depth_prompt")
    new = (
        {"prompt": ""} if depth is None else {"prompt": depth.text, "depth": depth.depth, "role": depth.role}
    )
    return {**extensions, "depth_prompt": {**old, **new}}


def _mirror(raw: dict[str, Any], data: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    """Some programs write the fields of V1 beside ``data``, for old readers; they follow."""
    if raw is data:
        return
    for key, value in old.items():
        if key in raw and raw[key] == value and data.get(key) != value:
            raw[key] = data[key]

"""From a pack's character to a card: the original's data with the pack's changes in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tzurot import Character, Pack
from tzurot_plugins.cards.card import Card, Picture, Spec, picture_of
from tzurot_plugins.cards.config import CardConfig
from tzurot_plugins.cards.containers import to_charx, to_png
from tzurot_plugins.cards.examples import write_examples
from tzurot_plugins.cards.facets import Facets, of_card, of_character
from tzurot_plugins.cards.faults import CardError, Note
from tzurot_plugins.cards.json_text import written
from tzurot_plugins.cards.limits import PICTURE_BYTES
from tzurot_plugins.cards.lore_changes import with_changes
from tzurot_plugins.cards.merging import merged
from tzurot_plugins.cards.reading import read_file
from tzurot_plugins.cards.specs import as_v2, as_v3

FORMATS = ("v2", "v3", "json", "png", "charx")
_ENDINGS = {"v2": ".json", "v3": ".json", "json": ".json", "png": ".png", "charx": ".charx"}


@dataclass(frozen=True, slots=True)
class Exported:
    """A card's file, and what its owner should know about it."""

    data: bytes = field(repr=False)
    ending: str
    format: str
    notes: tuple[Note, ...]


def export_card(character: Character, pack: Pack, form: str = "") -> Exported:
    """``character`` as a card; blocks. Without ``form`` in that of its original, else in the best that fits.

    Raises:
        CardError: the original, the lorebook or the picture can't be read.
    """
    card = _original(character, pack)
    picture = _picture(character, pack)
    book = with_changes(card.book if card is not None else None, character)
    raw, spec = _content(character, pack, card, book)
    form = form or _best(card, picture)
    notes = list(_unsaid(character, card))
    untouched = card is not None and raw is card.raw and picture in (None, card.picture)
    if card is not None and untouched and form == card.form and not card.origin:
        return Exported(card.source, _ENDINGS[form], form, tuple(notes))
    if form == "png":
        data, told = to_png(raw, spec, picture, card)
    elif form == "charx":
        data, told = to_charx(raw, spec, picture, card)
    else:
        data, told = _as_json(raw, spec, form), []
    return Exported(data, _ENDINGS[form], form, (*notes, *told))


def _content(
    character: Character, pack: Pack, card: Card | None, book: Mapping[str, Any] | None
) -> tuple[Mapping[str, Any], Spec]:
    if card is None:
        raw = _fresh(of_character(character, pack, nicknamed=False))
        if book is not None:
            raw["data"]["character_book"] = book
        return raw, Spec.V3
    before = of_card(card, character.name)
    after = of_character(character, pack, nicknamed=bool(before.nickname))
    return merged(card, before, after, book)


def _best(card: Card | None, picture: Picture | None) -> str:
    if card is not None and card.form in FORMATS:
        return str(card.form)
    return "png" if picture is not None and picture.ending == ".png" else "json"


def _as_json(raw: Mapping[str, Any], spec: Spec, form: str) -> bytes:
    value: Mapping[str, Any] = raw
    if form == "v2":
        value = as_v2(raw, spec)
    elif form == "v3":
        value = as_v3(raw, spec)
    return written(value, indent=2) + b"\n"


def _fresh(facets: Facets) -> dict[str, Any]:
    """A V3 card of a character that never was one."""
    extensions: dict[str, Any] = {"talkativeness": facets.talkativeness}
    if (depth := facets.depth) is not None:
        extensions["depth_prompt"] = {"prompt": depth.text, "depth": depth.depth, "role": depth.role}
    data = {
        "name": facets.name,
        "description": facets.description,
        "personality": facets.personality,
        "scenario": facets.scenario,
        "first_mes": facets.greeting,
        "mes_example": write_examples(facets.examples),
        "creator_notes": facets.notes,
        "system_prompt": facets.instruction,
        "post_history_instructions": facets.reminder,
        "alternate_greetings": list(facets.greetings),
        "group_only_greetings": [],
        "tags": list(facets.tags),
        "creator": facets.creator,
        "character_version": facets.version,
        "extensions": extensions,
    }
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}


def _original(character: Character, pack: Pack) -> Card | None:
    settings = character.plugin_settings.get("cards")
    named = settings.original if isinstance(settings, CardConfig) else ""
    return read_file(_inside(pack, named)) if named else None


def _inside(pack: Pack, named: str) -> Path:
    """A file of the pack, and of nothing else."""
    path = pack.folder / named
    if not path.resolve().is_relative_to(pack.folder.resolve()):
        raise CardError(f"{named!r} leads out of the pack.", "Copy the file into the pack.", str(pack.folder))
    return path


def _picture(character: Character, pack: Pack) -> Picture | None:
    avatar = character.avatar
    if not isinstance(avatar, Path):
        return None
    path = _inside(pack, os.path.relpath(avatar, pack.folder))
    try:
        with path.open("rb") as stream:
            data = stream.read(PICTURE_BYTES + 1)
    except OSError as error:
        raise CardError(f"can't be read: {error.strerror}.", "Put the picture back.", path.name) from error
    return picture_of(data)


def _unsaid(character: Character, card: Card | None) -> Iterator[Note]:
    """What the pack says and no card can."""
    aliases = character.aliases[1 if card is not None and card.data.get("nickname") else 0 :]
    told = {
        "aliases": aliases,
        "error_line": character.error_line,
        "age_restricted": character.age_restricted,
        "settings": character.settings,
    }
    for name, value in told.items():
        if value:
            yield Note(name, "cards have no field for it; it stays in the pack.")
    if isinstance(character.avatar, str):
        yield Note("avatar", "is an address on the web, and was not fetched.")
    if character.style or set(character.profile) - {"description", "personality", "scenario"}:
        yield Note("profile", "sections of your own and the style stand at the end of the description.")

"""What becomes of each part of a card that a pack has no place for: nothing goes missing unsaid."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tzurot_plugins.cards.assets import entries
from tzurot_plugins.cards.card import Card, Spec
from tzurot_plugins.cards.examples import limited, read_examples
from tzurot_plugins.cards.facets import Facets, mapping_of, tags_of, text_of, texts_of
from tzurot_plugins.cards.faults import Note
from tzurot_plugins.cards.limits import GREETINGS, LORE_ENTRIES, PICTURE_BYTES, TAGS, TEXT_CHARACTERS
from tzurot_plugins.cards.lore import entries_of

_KEPT = "It stays in the original card, and exports have it."
_TAKEN = {
    "name",
    "nickname",
    "description",
    "personality",
    "scenario",
    "first_mes",
    "mes_example",
    "alternate_greetings",
    "tags",
    "creator",
    "character_version",
    "creator_notes",
    "creatorcomment",
    "system_prompt",
    "post_history_instructions",
    "extensions",
    "character_book",
    "talkativeness",
    "assets",
}
_EXTENSIONS = ("talkativeness", "depth_prompt")
_ENVELOPE = {"spec", "spec_version", "data"}
_LISTED = 40


def notes_of(card: Card, facets: Facets) -> list[Note]:
    """Everything its owner should know about how ``card`` became a pack."""
    notes = list(card.notes)
    if card.origin:
        notes.append(Note("", f"this is {card.origin}'s own format; exports are character cards."))
    notes += _shortened(card)
    notes += _names(card, facets)
    notes += _unused(card)
    notes += _assets(card)
    return notes[:_LISTED] if len(notes) <= _LISTED else [*notes[:_LISTED], _more(len(notes) - _LISTED)]


def _more(count: int) -> Note:
    return Note("", f"{count} more parts have no place in a pack. {_KEPT}")


def _names(card: Card, facets: Facets) -> Iterator[Note]:
    if not text_of(card.data, "name").strip():
        yield Note("name", f"is missing; the character is called {facets.name!r}. Change it in pack.yaml.")
    if facets.nickname:
        text = f"{facets.nickname!r} is what the character is called; {facets.name!r} is another name of it."
        yield Note("nickname", text)
    if "{{original}}" in (facets.instruction + facets.reminder).lower():
        text = "{{original}} stands for the program's own prompt. Write out what you want of it."
        yield Note("system_prompt", text)


def _shortened(card: Card) -> Iterator[Note]:
    data = card.data
    for key in ("description", "personality", "scenario", "first_mes", "mes_example", "system_prompt"):
        if len(text_of(data, key)) > TEXT_CHARACTERS:
            yield Note(key, f"only the first {TEXT_CHARACTERS:,} characters were taken. {_KEPT}")
    counted = (
        ("alternate_greetings", len(texts_of(data, "alternate_greetings")), GREETINGS),
        ("tags", len(tags_of(data)), TAGS),
    )
    for key, found, most in counted:
        if found > most:
            yield Note(key, f"{most} of {found} were taken, the most that a pack may have. {_KEPT}")
    examples = read_examples(text_of(data, "mes_example"), ())
    taken = len(limited(examples))
    if taken < len(examples):
        yield Note("mes_example", f"{taken} of {len(examples)} dialogues were taken. {_KEPT}")


def _unused(card: Card) -> Iterator[Note]:
    data = card.data
    skipped = _TAKEN | (_ENVELOPE if card.spec is Spec.V1 else set())
    unused = [_shown(key) for key in _said(data, skipped)]
    unused += [f"extensions.{_shown(key)}" for key in _said(mapping_of(data, "extensions"), _EXTENSIONS)]
    if data is not card.raw:
        # Beside the data stand the fields of V1, for old readers; what else is there is somebody's own.
        unused += [_shown(key) for key in _said(card.raw, {*_ENVELOPE, *_TAKEN, *data})]
    yield from (Note(key, f"not used. {_KEPT}") for key in unused)
    if card.book is not None:
        count = len(entries_of(card.book))
        text = f"{min(count, LORE_ENTRIES):,} of {count:,} entries stand in lore/, for the plugin lorebook."
        yield Note("character_book", text)


def _said(fields: Mapping[str, Any], skipped: Collection[str]) -> list[str]:
    """The names of the fields that hold something, but for the ``skipped``."""
    return [key for key, value in fields.items() if key not in skipped and not _empty(value)]


def _assets(card: Card) -> Iterator[Note]:
    for index, entry in entries(card.data):
        uri = str(entry["uri"])
        if uri.lower().startswith(("http:", "https:")):
            yield Note(f"assets.{index}", f"is on the web and was not fetched: {uri[:120]}")
        elif str(entry.get("type")).lower() != "icon":
            yield Note(f"assets.{index}", f"{_shown(str(entry.get('name', '')))!r} is not used. {_KEPT}")
    if card.picture is None:
        yield Note("", "the card has no picture. Put one beside pack.yaml, and name it as avatar.")
    elif len(card.picture.data) > PICTURE_BYTES:
        size = len(card.picture.data)
        yield Note("", f"the picture has {size:,} bytes; avatars have {PICTURE_BYTES:,} at most. {_KEPT}")


def _empty(value: Any) -> bool:
    return (
        value is None
        or value is False
        or value in ("", 0)
        or (isinstance(value, list | Mapping) and not value)
    )


def _shown(key: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in key[:60])

"""A card as the files of a pack that a person would like to edit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tzurot_plugins.cards.card import Card
from tzurot_plugins.cards.facets import DEFAULT_TALKATIVENESS, Facets, text_of
from tzurot_plugins.cards.limits import PICTURE_BYTES
from tzurot_plugins.cards.lore import Fields, pack_entries
from tzurot_plugins.cards.texts import one_line, slug
from tzurot_plugins.cards.yaml_text import yaml_list, yaml_of

ORIGINAL = "card/original"
_IN_PLACE = 2_500
"""Characters that a text may have in pack.yaml; longer ones get a file of their own."""
_PART = 200_000
_PLACE = 200_000
"""Characters that all texts in pack.yaml may have together: its file has a limit, too."""


@dataclass(slots=True)
class _Texts:
    """Where each long text goes."""

    files: dict[str, bytes] = field(default_factory=dict)
    left: int = _PLACE

    def put(self, text: str, stem: str) -> Any:
        """``text`` itself, or ``{file: …}`` with the file put beside."""
        if len(text) <= min(_IN_PLACE, self.left):
            self.left -= len(text)
            return text
        self.files[f"{stem}.md"] = text.encode("utf-8") + b"\n"
        return {"file": f"{stem}.md"}


def pack_files(card: Card, facets: Facets) -> dict[str, bytes]:
    """Every file of the pack by its path; ``pack.yaml`` is the last."""
    texts = _Texts()
    files: dict[str, bytes] = {f"{ORIGINAL}.{card.form}": card.source}
    avatar = ""
    if card.picture is not None and len(card.picture.data) <= PICTURE_BYTES:
        avatar = f"avatar{card.picture.ending}"
        files[avatar] = card.picture.data
    for number, part in enumerate(_parts(pack_entries(card.book or {}))):
        files[f"lore/{number + 1:02}.yaml"] = part.encode("utf-8")
    pack = {
        "schema": 1,
        "name": facets.name,
        "description": texts.put(facets.notes, "creator_notes"),
        "authors": [facets.creator] if facets.creator else [],
        "version": facets.version,
        "uses": ["character", "cards", *(["lorebook"] if card.book is not None else [])],
        "characters": [_character(card, facets, avatar, texts)],
    }
    head = (
        f"# Imported from a character card ({card.spec}). Edit freely: `tzurot export` writes your changes\n"
        "# into a card again, with everything else that the original in card/ has.\n"
    )
    body = yaml_of(_said(pack))
    return {**files, **texts.files, "pack.yaml": (head + body).encode("utf-8")}


def _character(card: Card, facets: Facets, avatar: str, texts: _Texts) -> dict[str, Any]:
    profile = {
        name: texts.put(text, name)
        for name, text in (
            ("description", facets.description),
            ("personality", facets.personality),
            ("scenario", facets.scenario),
        )
    }
    greetings = [texts.put(each, f"greeting-{n + 2}") for n, each in enumerate(facets.greetings)]
    character = {
        "id": slug(facets.nickname or facets.name),
        "name": facets.nickname or facets.name,
        "aliases": [facets.name] if facets.nickname else [],
        "avatar": avatar,
        "profile": _said(profile),
        "greeting": texts.put(facets.greeting, "greeting"),
        "greetings": greetings,
        "examples": [
            [
                {voice: texts.put(said, f"example-{n + 1}-{at + 1}")}
                for at, (voice, said) in enumerate(dialogue)
            ]
            for n, dialogue in enumerate(facets.examples)
        ],
        "tags": list(facets.tags),
        "talkativeness": facets.talkativeness,
        "plugins": _plugins(card, facets, texts),
    }
    if facets.talkativeness == DEFAULT_TALKATIVENESS:
        del character["talkativeness"]
    return _said(character)


def _plugins(card: Card, facets: Facets, texts: _Texts) -> dict[str, Any]:
    spoken = {
        "instruction": texts.put(facets.instruction, "instruction"),
        "reminder": texts.put(facets.reminder, "reminder"),
    }
    cards: dict[str, Any] = {"original": f"{ORIGINAL}.{card.form}"}
    if facets.depth is not None:
        text = texts.put(facets.depth.text, "depth_prompt")
        cards["depth_prompt"] = {"text": text, "depth": facets.depth.depth, "role": facets.depth.role}
    blocks = {"character": _said(spoken), "cards": cards}
    if card.book is not None and pack_entries(card.book):
        name = one_line(text_of(card.book, "name"), 200)
        book = _said({"name": name, "entries": {"include": "lore/*.yaml"}})
        blocks["lorebook"] = {"books": [book]}
    return _said(blocks)


def _parts(entries: Sequence[Fields]) -> Iterator[str]:
    """The lore as lists in YAML, each short enough for a file of a pack."""
    lines: list[str] = []
    size = 0
    for entry in entries:
        text = yaml_list([entry])
        if lines and size + len(text) > _PART:
            yield "".join(lines)
            lines, size = [], 0
        lines.append(text)
        size += len(text)
    if lines:
        yield "".join(lines)


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Only the fields that say something."""
    return {key: value for key, value in fields.items() if value not in ("", [], {})}

"""What a card and a pack's character have in common, in one shape, so that the two can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tzurot import Character, Pack
from tzurot_plugins.cards.card import Card
from tzurot_plugins.cards.config import CardConfig
from tzurot_plugins.cards.examples import Dialogue, limited, read_examples
from tzurot_plugins.cards.limits import GREETINGS, TAG_CHARACTERS, TAGS
from tzurot_plugins.cards.texts import one_line, tidy

ROLES = ("system", "user", "assistant")
DEFAULT_TALKATIVENESS = 0.5


@dataclass(frozen=True, slots=True)
class Depth:
    """A depth prompt."""

    text: str
    depth: int = 4
    role: str = "system"


@dataclass(frozen=True, slots=True)
class Facets:
    """A character as both sides can say it. Texts are tidy, lists as long as a pack allows."""

    name: str
    nickname: str = ""
    description: str = ""
    personality: str = ""
    scenario: str = ""
    greeting: str = ""
    greetings: tuple[str, ...] = ()
    examples: tuple[Dialogue, ...] = ()
    tags: tuple[str, ...] = ()
    creator: str = ""
    version: str = ""
    notes: str = ""
    talkativeness: float = DEFAULT_TALKATIVENESS
    instruction: str = ""
    reminder: str = ""
    depth: Depth | None = None


def of_card(card: Card, spare_name: str = "") -> Facets:
    """What a card says, as a pack would. ``spare_name`` is for a card without a name."""
    data = card.data
    name = one_line(text_of(data, "name")) or one_line(spare_name) or "Nameless"
    nickname = one_line(text_of(data, "nickname"))
    names = tuple(filter(None, (name, nickname)))
    extensions = mapping_of(data, "extensions")
    return Facets(
        name=name,
        nickname="" if nickname.casefold() == name.casefold() else nickname,
        description=tidy(text_of(data, "description")),
        personality=tidy(text_of(data, "personality")),
        scenario=tidy(text_of(data, "scenario")),
        greeting=tidy(text_of(data, "first_mes")),
        greetings=texts_of(data, "alternate_greetings")[:GREETINGS],
        examples=limited(read_examples(text_of(data, "mes_example"), names)),
        tags=tags_of(data)[:TAGS],
        creator=one_line(text_of(data, "creator")),
        version=one_line(text_of(data, "character_version"), 50),
        notes=tidy(text_of(data, "creator_notes") or text_of(data, "creatorcomment")),
        talkativeness=_share(extensions.get("talkativeness", data.get("talkativeness"))),
        instruction=tidy(text_of(data, "system_prompt")),
        reminder=tidy(text_of(data, "post_history_instructions")),
        depth=_depth(extensions.get("depth_prompt")),
    )


def of_character(character: Character, pack: Pack, *, nicknamed: bool) -> Facets:
    """What a pack says of a character, as a card would.

    ``nicknamed``: the card has a nickname, by which the pack calls the character; its name is an alias.
    """
    settings = character.plugin_settings.get("character")
    cards = character.plugin_settings.get("cards")
    depth = cards.depth_prompt if isinstance(cards, CardConfig) else None
    facets = Facets(
        name=character.name,
        description=tidy(_whole_description(character)),
        personality=tidy(character.profile.get("personality", "")),
        scenario=tidy(character.profile.get("scenario", "")),
        greeting=tidy(character.greeting),
        greetings=tuple(tidy(each) for each in character.greetings),
        examples=tuple(
            tuple((str(line.voice), tidy(line.text)) for line in lines)
            for lines in character.examples
            if lines
        ),
        tags=character.tags,
        creator=", ".join(pack.authors),
        version=pack.version,
        notes=tidy(pack.description),
        talkativeness=character.talkativeness,
        instruction=_set(settings, "instruction"),
        reminder=_set(settings, "reminder"),
        depth=Depth(tidy(depth.text), depth.depth, depth.role) if depth is not None else None,
    )
    if nicknamed and character.aliases:
        facets = replace(facets, name=character.aliases[0], nickname=character.name)
    return facets


def text_of(data: Mapping[str, Any], key: str) -> str:
    """A field as text: what is no text in a sloppy card is written as one."""
    value = data.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def texts_of(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A field as texts, those that say nothing left out."""
    value = data.get(key)
    listed = value if isinstance(value, list) else []
    return tuple(text for each in listed if isinstance(each, str) and (text := tidy(each)))


def tags_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    """A card's tags, each once; some cards have them in one text, with commas."""
    value = data.get("tags")
    listed = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    tags = (one_line(each, TAG_CHARACTERS) for each in listed if isinstance(each, str))
    return tuple(dict.fromkeys(filter(None, tags)))


def mapping_of(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A field as a mapping, empty if it is none."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _share(value: Any) -> float:
    try:
        share = float(value) if isinstance(value, str | int | float) else DEFAULT_TALKATIVENESS
    except (ValueError, OverflowError):
        return DEFAULT_TALKATIVENESS
    return min(1.0, max(0.0, share)) if share == share else DEFAULT_TALKATIVENESS  # NaN is unlike itself


def _depth(value: Any) -> Depth | None:
    if not isinstance(value, dict) or not (text := tidy(text_of(value, "prompt"))):
        return None
    depth, role = value.get("depth"), value.get("role")
    if isinstance(role, int) and 0 <= role < len(ROLES):
        role = ROLES[role]
    try:
        deep = int(depth) if isinstance(depth, str | int | float) else 4
    except (ValueError, OverflowError):
        deep = 4
    return Depth(text, min(10_000, max(0, deep)), role if role in ROLES else "system")


def _set(settings: object, name: str) -> str:
    """A plugin's setting, where the pack says something else than the plugin does by itself."""
    value = getattr(settings, name, "")
    if settings is None or value == getattr(type(settings)(), name, ""):
        return ""
    return tidy(value) if isinstance(value, str) else ""


def _whole_description(character: Character) -> str:
    """The description, and after it the sections that cards have no field for."""
    parts = [character.description]
    for title, text in character.profile.items():
        if title not in ("description", "personality", "scenario"):
            parts.append(f"{title[:1].upper()}{title[1:]}: {text}")
    if character.style:
        parts.append(f"Style: {character.style}")
    return "\n\n".join(part for part in parts if part)

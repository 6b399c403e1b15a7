"""Characters of other programs, turned into cards: oobabooga, Pygmalion, Backyard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from tzurot_plugins.cards.archive import Archive
from tzurot_plugins.cards.card import Picture, picture_of
from tzurot_plugins.cards.faults import CardError
from tzurot_plugins.cards.json_text import read_object
from tzurot_plugins.cards.limits import NESTING, PICTURE_BYTES, TEXT_BYTES

_PYGMALION = {
    "char_name": "name",
    "char_persona": "description",
    "world_scenario": "scenario",
    "char_greeting": "first_mes",
    "example_dialogue": "mes_example",
}
_OOBABOOGA = {
    "name": "name",
    "context": "description",
    "greeting": "first_mes",
    "example_dialogue": "mes_example",
}
_BYAF = {"name": "name", "displayName": "name", "persona": "description"}
_PICTURE = re.compile(r"\.(png|jpe?g|webp|gif)$", re.IGNORECASE)


def lorebook(what: str) -> CardError:
    """What is said of a file that holds lore and no character."""
    text = f"this is {what} and no character."
    return CardError(
        text, "Its entries belong under plugins.lorebook of a pack; `tzurot lore test` tries it as it is."
    )


def read_yaml(source: bytes) -> dict[str, Any]:
    """Read a character that another program wrote as YAML.

    Raises:
        CardError: it is no YAML mapping, with line and column.
    """
    try:
        text = source[: TEXT_BYTES + 1].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CardError("this is no card of any kind that is known.", "Is it the right file?") from error
    if len(text) > TEXT_BYTES // 8:
        raise CardError("this is no card of any kind that is known.", "Is it the right file?")
    try:
        _survey(text)
        # Everything as text: a name may be No, and 12:30 is no number.
        value = yaml.load(text, Loader=yaml.CBaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else ""
        reason = getattr(error, "problem", None) or "a character that YAML has no place for"
        raise CardError(f"this is no card, or YAML with a fault: {reason}.", "Correct it.", place) from error
    if not isinstance(value, dict):
        raise CardError("this is no card of any kind that is known.", "Is it the right file?")
    return {str(key): each for key, each in value.items()}


def _survey(text: str) -> None:
    """Look at the YAML before anything is built of it: aliases multiply, and depth costs the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        place = f"{event.start_mark.line + 1}:{event.start_mark.column + 1}" if event.start_mark else ""
        if isinstance(event, yaml.AliasEvent):
            raise CardError("aliases (*) are not used in characters.", "Write the text out.", place)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > NESTING:
            raise CardError(f"this is nested more than {NESTING} levels deep.", "Make it flatter.", place)


def as_card(raw: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """``raw`` as a card, and the program it came from; unchanged if it is a card already."""
    if isinstance(raw.get("data"), dict) or isinstance(raw.get("first_mes"), str):
        return raw, ""
    if "char_name" in raw or "char_persona" in raw:
        return _turned(raw, _PYGMALION, "pygmalion"), "Pygmalion"
    if isinstance(raw.get("context"), str) and ("name" in raw or "greeting" in raw):
        return _turned(raw, _OOBABOOGA, "oobabooga"), "oobabooga"
    if "lorebookVersion" in raw:
        raise lorebook("a NovelAI lorebook")
    return raw, ""


def byaf(archive: Archive, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A Backyard archive's first character and scenario, as a card.

    Raises:
        CardError: the archive has no character.
    """
    character = _part(archive, manifest, "characters")
    if character is None:
        raise CardError("this archive has neither a card.json nor a Backyard character.", "Is it a card?")
    raw = _turned(character, _BYAF, "byaf")
    scenario = _part(archive, manifest, "scenarios") or {}
    data = raw["data"]
    data["scenario"] = _text(scenario.get("narrative"))
    data["system_prompt"] = _text(scenario.get("formattingInstructions"))
    spoken = _lines(scenario.get("firstMessages"))
    data["first_mes"], data["alternate_greetings"] = (spoken[0], spoken[1:]) if spoken else ("", [])
    examples = _lines(scenario.get("exampleMessages"))
    data["mes_example"] = "\n".join(line.replace("#{", "{{").replace("}:", "}}:") for line in examples)
    data["extensions"]["byaf"]["scenario"] = scenario
    return raw


def byaf_face(archive: Archive) -> Picture | None:
    """The first picture of a Backyard archive that can be an avatar."""
    for member in archive.members:
        if _PICTURE.search(member.name) and member.size <= PICTURE_BYTES:
            return picture_of(member.data(PICTURE_BYTES))
    return None


def _part(archive: Archive, manifest: Mapping[str, Any], kind: str) -> dict[str, Any] | None:
    listed = manifest.get(kind)
    name = listed[0] if isinstance(listed, list) and listed else None
    member = archive.get(name) if isinstance(name, str) else None
    return None if member is None else read_object(member.data(TEXT_BYTES), member.name)


def _turned(raw: Mapping[str, Any], names: Mapping[str, str], origin: str) -> dict[str, Any]:
    """A V2 card of ``raw``; what has no name in it stays under its extensions."""
    data: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for key, value in raw.items():
        if key in names and isinstance(value, str | int | float) and (value or names[key] not in data):
            data[names[key]] = _text(value)
        else:
            rest[key] = value
    data["extensions"] = {origin: rest}
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": data}


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _lines(value: Any) -> list[str]:
    """What the messages of a Backyard scenario say."""
    listed = value if isinstance(value, list) else []
    return [_text(each.get("text")) for each in listed if isinstance(each, dict)]

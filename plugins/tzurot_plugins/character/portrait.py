"""A character as prompt text: the instruction, the profile, the style and the examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tzurot import Character, Fragment, Line, Slot, Voice
from tzurot_plugins.character.config import CharacterConfig
from tzurot_plugins.character.placeholders import fill

VISITOR = "Visitor"
"""Whoever talks with the character in an example: not a real name, so that examples are alike for all."""

_AFTER_THE_PROFILE = 1000


def portrait(character: Character, user: str, config: CharacterConfig) -> list[Fragment]:
    """The fragments that make a model speak as ``character`` to ``user``."""
    fragments = (each for each in _fragments(character, config) if each.text.strip())
    return [_filled(each, character.name, user) for each in fragments]


def _filled(fragment: Fragment, char: str, user: str) -> Fragment:
    text = fill(fragment.text, char, user)
    return fragment if text == fragment.text else replace(fragment, text=text)


def _fragments(character: Character, config: CharacterConfig) -> Iterator[Fragment]:
    yield Fragment("instruction", config.instruction, Slot.SYSTEM, order=0, priority=100, required=True)
    yield from _profile(character, config)
    if character.style:
        yield Fragment(
            key="style",
            text=_titled(f"How {character.name} speaks", character.style),
            slot=Slot.CHARACTER,
            order=_AFTER_THE_PROFILE,
            priority=80,
            max_tokens=config.section_tokens,
        )
    for index, example in enumerate(character.examples[: config.examples]):
        # The first examples are the dearest: authors begin with what shows the voice best.
        yield Fragment(
            key=f"example {index + 1}",
            text=_dialogue(character, example),
            slot=Slot.EXAMPLES,
            order=index,
            priority=max(20, 45 - index),
        )
    yield Fragment("reminder", config.reminder, Slot.FINAL, priority=90, required=True)


def _profile(character: Character, config: CharacterConfig) -> Iterator[Fragment]:
    hidden = {title.casefold() for title in config.leave_out}
    for index, (title, text) in enumerate(character.profile.items()):
        if title.casefold() in hidden:
            continue
        essential = title == "description"
        yield Fragment(
            key=title,
            text=text if essential else _titled(title[:1].upper() + title[1:], text),
            slot=Slot.CHARACTER,
            order=index,
            priority=95 if essential else 70,
            required=essential,
            max_tokens=config.section_tokens,
        )


def _titled(title: str, text: str) -> str:
    return f"{title}:\n{text}" if "\n" in text else f"{title}: {text}"


def _dialogue(character: Character, lines: Sequence[Line]) -> str:
    if not any(line.voice is Voice.CHAR for line in lines):
        return ""
    spoken = (f"{character.name if line.voice is Voice.CHAR else VISITOR}: {line.text}" for line in lines)
    return "\n".join((f"An example of how {character.name} talks:", *spoken))

"""What a schema can't say about a character, and its author wants to know."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from tzurot import Character, Lint, Pack, Voice
from tzurot.prompt.names import clean_name, looks

Warnings = Iterator[tuple[tuple[str | int, ...], str]]
DISCORD_MESSAGE = 2000
_LONG_PROFILE = 16_000
# Discord refuses webhooks with these in their name.
_REFUSED = ("discord", "clyde")
_ROLES = ("system", "user", "assistant", "everyone", "here")


def _each(check: Callable[[Character], Warnings]) -> Callable[[Pack], Warnings]:
    def look(pack: Pack) -> Warnings:
        for index, character in enumerate(pack.characters):
            for path, text in check(character):
                yield ("characters", index, *path), text

    return look


def _greetings(character: Character) -> Warnings:
    given: list[tuple[tuple[str | int, ...], str]] = [(("greeting",), character.greeting)]
    given += [(("greetings", index), text) for index, text in enumerate(character.greetings)]
    for path, text in given:
        if len(text) > DISCORD_MESSAGE:
            yield (
                path,
                f"{len(text):,} characters: Discord shows {DISCORD_MESSAGE:,} at once, so that this "
                "greeting comes in pieces. Shorten it.",
            )


def _profile(character: Character) -> Warnings:
    if not character.description:
        yield (
            ("profile",),
            f"{character.name} has no description, so that a model can't know who this is. Write one.",
        )
    length = sum(map(len, character.profile.values())) + len(character.style)
    if length > _LONG_PROFILE:
        yield (
            ("profile",),
            f"{length:,} characters, about {length // 4:,} tokens in every request: small models lose "
            "sections. Keep what matters, and move the rest into a lorebook.",
        )


def _examples(character: Character) -> Warnings:
    for index, lines in enumerate(character.examples):
        if not any(line.voice is Voice.CHAR for line in lines):
            yield (
                ("examples", index),
                f"{character.name} says nothing in this example, so that it is left out. Add a char: line.",
            )


def _names(character: Character) -> Warnings:
    for index, name in enumerate(character.names):
        path: tuple[str | int, ...] = ("name",) if index == 0 else ("aliases", index - 1)
        reason = _unmentionable(name)
        if reason:
            yield path, f"{name!r} {reason}. Choose another name, or add an alias."


def _unmentionable(name: str) -> str:
    cleaned = clean_name(name)
    if not re.search(r"\w", cleaned):
        return "has no letter, so that nobody can call it"
    if cleaned != name:
        return f"can't be shown to models as it is written; they see {cleaned!r}"
    if name.casefold() in _ROLES:
        return "is a word that models and Discord keep for themselves"
    refused = next((word for word in _REFUSED if word in name.casefold()), None)
    return f"contains {refused!r}, which Discord refuses in names" if refused else ""


def _twins(pack: Pack) -> Warnings:
    seen = Counter(
        looks(name) for character in pack.characters for name in {*map(str.casefold, character.names)}
    )
    for index, character in enumerate(pack.characters):
        if seen[looks(character.name)] > 1:
            yield (
                ("characters", index, "name"),
                f"another character of this pack is called {character.name!r} as well, so that it is chance "
                "who answers. Change one of them.",
            )


LINTS = (
    Lint("greeting", _each(_greetings)),
    Lint("profile", _each(_profile)),
    Lint("examples", _each(_examples)),
    Lint("names", _each(_names)),
    Lint("twins", _twins),
)

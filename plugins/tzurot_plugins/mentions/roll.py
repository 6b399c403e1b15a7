"""Finds the names of characters after an `@`: the longest wins, and punctuation does not matter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from tzurot import Character

MOST_PLACES = 10
"""How many `@` of a message are looked at."""
MOST_WORDS = 4
REACH = 200
_CODE = re.compile(r"(`+)(?!`)(?:.+?)(?<!`)\1(?!`)|```.*\Z", re.DOTALL)
# Not an address (a@b), nor Discord's own <@id>; markup between the sign and the name is skipped.
_CALL = re.compile(r"(?<![\w<@])@(?=\S)[*_~|\"'“‘]{0,4}")
_SPACE = re.compile(r"[ \t\u00a0]+")
_QUOTES = str.maketrans("’‘ʼ", "'''")


def folded(text: str) -> str:
    """``text`` as names are compared: without case, one kind of apostrophe, single spaces."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text).casefold().translate(_QUOTES))


class Roll:
    """The names that characters answer to: names before ids before aliases, earlier packs first."""

    def __init__(self, characters: Iterable[Character]) -> None:
        everyone = list(characters)
        self._named: dict[str, Character] = {}
        for character in everyone:
            self._add(character.name, character)
        for character in everyone:
            self._add(character.id, character)
        for character in everyone:
            for alias in character.aliases:
                self._add(alias, character)
        self._by_start: dict[str, list[str]] = {}
        for name in sorted(self._named, key=lambda name: (-len(name.split()), -len(name))):
            self._by_start.setdefault(name[:1], []).append(name)

    def called(self, text: str) -> dict[str, Character]:
        """The characters that ``text`` calls, each once, by the name that stands there; in its order."""
        plain = _CODE.sub(lambda code: " " * len(code.group()), text)
        found: dict[str, Character] = {}
        for index, call in enumerate(_CALL.finditer(plain)):
            if index >= MOST_PLACES:
                break
            name = self._at(plain[call.end() : call.end() + REACH])
            if name and self._named[name].key not in {each.key for each in found.values()}:
                found[self._named[name].name] = self._named[name]
        return found

    def _add(self, name: str, character: Character) -> None:
        key = folded(name).strip()
        if key and not key.isdigit() and len(key.split()) <= MOST_WORDS:
            self._named.setdefault(key, character)

    def _at(self, tail: str) -> str | None:
        """The longest name that ``tail`` begins with."""
        line = folded(tail.split("\n", 1)[0])
        for name in self._by_start.get(line[:1], ()):
            if line.startswith(name) and _ends(line, len(name)):
                return name
        return None


def _ends(line: str, place: int) -> bool:
    """Whether a name may end before ``place``: no word goes on there."""
    rest = line[place:]
    if not rest:
        return True
    if unicodedata.category(line[place - 1]) == "Lo":
        # Scripts without spaces between words, such as Chinese.
        return True
    if rest[0].isalnum():
        return False
    if rest[0] == "'":
        # Mara's is Mara; D'Artagnan is not D.
        return not rest[1:2].isalnum() or (rest[1:2] == "s" and not rest[2:3].isalnum())
    return rest[0] not in "-_" or not rest[1:2].isalnum()

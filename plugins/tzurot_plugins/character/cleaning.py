"""Takes out of a reply what belongs to the prompt: labels, our tags, and words put into others' mouths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from tzurot.prompt.attribution import NOTE

_NOTES = re.compile(rf"<{NOTE}>.*?</{NOTE}>", re.DOTALL | re.IGNORECASE)
_TAGS = re.compile(rf"</?{NOTE}>", re.IGNORECASE)
_ROLES = ("User", "Human", "System", "Assistant", "Visitor")


def own_words(text: str, names: Sequence[str], others: Iterable[str] | None) -> str:
    """What a character with ``names`` says in ``text``.

    Its own label goes, wherever it opens a line; at the first line of one of ``others`` the reply ends.
    Words under a wrong label are taken for the character's when there are no others. ``None`` for ``others``
    leaves everybody's words in. Code blocks stay as they are.
    """
    text = _TAGS.sub("", _NOTES.sub("", text)).strip()
    strangers = _strangers(others, names) if others is not None else ()
    if ":" not in text:
        return text
    pieces = list(_pieces(text, _label(tuple(names), strangers)))
    mine: list[str] = []
    for theirs, words in pieces:
        if theirs and "".join(mine).strip():
            break
        if not theirs:
            mine.append(words)
    return "\n".join(mine).strip() or next((words for _, words in pieces if words.strip()), "").strip()


def _strangers(others: Iterable[str], names: Sequence[str]) -> tuple[str, ...]:
    """Everybody else's labels, with and without their marks."""
    own = {name.casefold() for name in names}
    labels = {*_ROLES}.union(*({label, label.partition("#")[0]} for label in others))
    return tuple(sorted(label for label in labels if label and label.casefold() not in own))


def _pieces(text: str, label: re.Pattern[str]) -> Iterator[tuple[bool, str]]:
    """``text`` cut at its labels: whether each piece is under somebody else's, and its words."""
    theirs, fenced = False, False
    lines: list[str] = []
    for line in text.split("\n"):
        fence = line.lstrip().startswith("```")
        found = None if fenced or fence else label.match(line)
        if found:
            yield theirs, "\n".join(lines)
            theirs, lines = found["theirs"] is not None, [line[found.end() :]]
        else:
            lines.append(line)
        fenced ^= fence
    yield theirs, "\n".join(lines)


@lru_cache(maxsize=256)
def _label(names: tuple[str, ...], strangers: tuple[str, ...]) -> re.Pattern[str]:
    """Matches a label that opens a line: ``Mara:``, ``**Mara:**``, ``[Mara]:``, ``Mara (she/her):``."""
    mine = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    theirs = "|".join(map(re.escape, sorted(strangers, key=len, reverse=True))) or r"(?!)"
    return re.compile(
        rf"[ \t]*[*_\[<]{{0,3}}(?:(?P<mine>{mine})|(?P<theirs>{theirs}))(?:[ ]\([^)\n]{{1,20}}\))?"
        r"(?:[*_\]>]{0,3}[ ]?:[*_]{0,3})[ ]*",
        re.IGNORECASE,
    )

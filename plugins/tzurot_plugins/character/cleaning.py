"""Takes out of a reply what belongs to the prompt: labels, our tags, and words put into others' mouths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tzurot.prompt.attribution import NOTE
from tzurot.prompt.names import LONGEST_NAME

_NOTES = re.compile(rf"<{NOTE}>.*?</{NOTE}>", re.DOTALL | re.IGNORECASE)
_TAGS = re.compile(rf"</?{NOTE}>", re.IGNORECASE)
# A label that opens a line: ``Mara:``, ``**Mara:**``, ``[Mara]:``, ``Mara (she/her):``.
_LABEL = re.compile(
    r"[ \t]*[*_\[<]{0,3}"
    rf"(?P<name>[^\s:*_\[\]<>()][^:\n\[\]<>()]{{0,{2 * LONGEST_NAME}}}?)(?:[ ]\([^()\n]{{1,20}}\))?"
    r"[*_\]>]{0,3}[ ]?:[*_]{0,3}[ ]*"
)
# What models call people who have no name, and what our examples call them.
_STRANGERS = ("User", "Human", "Assistant", "Visitor")


def own_words(text: str, names: Sequence[str], others: Iterable[str] | None) -> str:
    """What a character with ``names`` says in ``text``.

    Its own label goes, wherever it opens a line; at the first line of one of ``others`` the reply ends.
    Words under a wrong label are taken for the character's when there are no others. ``None`` for ``others``
    leaves everybody's words in. Code blocks stay as they are.
    """
    text = _TAGS.sub("", _NOTES.sub("", text)).strip()
    if ":" not in text:
        return text
    own = {name.casefold() for name in names}
    pieces = list(_pieces(text, own, _strangers(others, own) if others is not None else set()))
    mine: list[str] = []
    for theirs, words in pieces:
        if theirs and "".join(mine).strip():
            break
        if not theirs:
            mine.append(words)
    return "\n".join(mine).strip() or next((words for _, words in pieces if words.strip()), "").strip()


def _strangers(others: Iterable[str], own: set[str]) -> set[str]:
    """Everybody else's labels, with and without their marks and what stands in brackets."""
    labels = {*_STRANGERS}
    for label in others:
        bare = label.partition("#")[0]
        labels |= {label, bare, bare.partition(" (")[0]}
    return {label.casefold() for label in labels if label} - own


def _pieces(text: str, own: set[str], strangers: set[str]) -> Iterator[tuple[bool, str]]:
    """``text`` cut at its labels: whether each piece is under somebody else's, and its words."""
    theirs, fenced = False, False
    lines: list[str] = []
    for line in text.split("\n"):
        fence = line.lstrip().startswith("```")
        found = None if fenced or fence else _LABEL.match(line)
        name = found["name"].strip().casefold() if found else ""
        if found and (name in own or name in strangers):
            yield theirs, "\n".join(lines)
            theirs, lines = name not in own, [line[found.end() :]]
        else:
            lines.append(line)
        fenced ^= fence
    yield theirs, "\n".join(lines)

"""Cuts a text into messages that Discord takes, at paragraphs, lines, sentences or words; fences survive."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from tzurot_plugins.discord.fences import balanced, last_opening, left_open

LIMIT = 2000
CLOSING = "\n```"
_SENTENCE = re.compile(r"[.!?…。！？][\"'”’)*_]*\s+|[。！？]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_JOINER = "\u200d"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One message: ``body`` is what was cut out of the text, between a reopened and a closed fence.

    The bodies of all chunks joined are the text.
    """

    body: str
    opened: str = ""
    closed: str = ""

    @property
    def text(self) -> str:
        """The message as it is sent."""
        return self.opened + self.body + self.closed


def width(text: str) -> int:
    """The length as the strictest of Discord's counters has it: UTF-16 units, never less than characters."""
    if text.isascii():
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)


def chunk(text: str, limit: int = LIMIT) -> list[str]:
    """The messages for ``text``: each no wider than ``limit``, none of them blank."""
    return [piece.text for piece in cut(clean(text), limit) if piece.body.strip()]


def clean(text: str) -> str:
    """``text`` without what can't be sent at all: halves of surrogate pairs, and NUL."""
    return _SURROGATE.sub("\ufffd", text).replace("\0", "")


def cut(text: str, limit: int = LIMIT) -> list[Chunk]:
    """Cut ``text`` so that every chunk fits into ``limit`` and closes the code blocks that it opens.

    ``limit`` must leave room for a fence: 64 is enough.
    """
    pieces: list[Chunk] = []
    opened = ""
    while text:
        if width(opened) + width(text) <= limit and balanced(opened + text):
            pieces.append(Chunk(text, opened))
            break
        room = limit - len(opened) - len(CLOSING)
        window = _window(text, room)
        body = window if len(window) == len(text) else text[: _place(opened, window, text)]
        text = text[len(body) :]
        reopened = left_open(opened + body)
        pieces.append(Chunk(body, opened, "" if reopened is None else CLOSING))
        opened = reopened or ""
    return pieces


def _window(text: str, room: int) -> str:
    """As much of the beginning of ``text`` as fits into ``room``."""
    window = text[:room]
    while (excess := width(window) - room) > 0:
        window = window[: -max(1, excess // 2)]
    return window


def _place(opened: str, window: str, text: str) -> int:
    """Where to cut within ``window``, the best place first; always at least one character in."""
    half, third = len(window) // 2, len(window) // 3
    block = last_opening(opened + window)
    inside = block is not None
    if block is not None and block - len(opened) >= third:
        # The block that would be torn goes into the next message, as a whole if it fits.
        return block - len(opened)
    if not inside and (paragraph := window.rfind("\n\n")) >= third:
        return paragraph + 2
    if (line := window.rfind("\n")) >= third:
        return line + 1
    if not inside:
        ends = [match.end() for match in _SENTENCE.finditer(window, half)]
        if ends:
            return ends[-1]
    if (space := max(window.rfind(" "), window.rfind("\t"))) >= third:
        return space + 1
    return _hard(window, text)


def _hard(window: str, text: str) -> int:
    """The end of the window, or a little earlier: not within a fence, an emoji or an accented letter."""
    place = len(window)
    for _ in range(32):
        if place <= 1 or not _joined(text, place):
            return place
        place -= 1
    return len(window)


def _joined(text: str, place: int) -> bool:
    """Whether the characters at both sides of ``place`` belong together."""
    before, after = text[place - 1], text[place]
    if before == "`" or after == "`":
        return before == after
    if _JOINER in (before, after):
        return True
    return (
        bool(unicodedata.combining(after))
        or "\ufe00" <= after <= "\ufe0f"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    )

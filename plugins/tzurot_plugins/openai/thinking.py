"""Parts a model's thinking from its answer while both stream in: inline tags, Kimi's marks, harmony channels.

Tags may be cut anywhere by the chunks of a stream. A closing tag without an opening one (templates that
open it in the prompt) means that everything before it was thinking.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

_NAMES = "think|thinking|ant_thinking|reasoning|thought|reflection|scratchpad"
_MARKER = re.compile(
    rf"<(?P<close>/?)(?:[a-z][\w-]{{0,23}}:)?(?:{_NAMES})\s{{0,3}}>"
    r"|◁(?P<kimi>/?)think▷"
    r"|<\|(?P<token>start|channel|message|end|return|call)\|>",
    re.IGNORECASE,
)
# The end of a text that may turn out to be the beginning of a marker.
_BEGUN = re.compile(
    r"(?:</?(?:[a-z][\w-]{0,23}(?::(?:[a-z_]{0,14})?)?\s{0,3})?|◁/?[a-z]{0,5}|<\|(?:[a-z]{0,7}\|?)?)\Z",
    re.IGNORECASE,
)
_LONGEST_HEADER = 64


class Kind(Enum):
    """What a piece is."""

    TEXT = auto()
    THOUGHT = auto()
    RETRACT = auto()
    """All text so far was thinking after all; the piece is empty."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a stream, told apart."""

    kind: Kind
    text: str = ""


_RETRACT = Piece(Kind.RETRACT)


class _Mode(Enum):
    TEXT = auto()
    THOUGHT = auto()
    HEADER = auto()
    """Between harmony's ``<|channel|>`` or ``<|start|>`` and its ``<|message|>``."""


class Splitter:
    """Feed it the stream's text; the pieces are the same however the stream was cut."""

    def __init__(self) -> None:
        self._mode = _Mode.TEXT
        self._rest = ""
        self._header = ""
        self._blank = True  # nothing visible yet: space between thinking and answer is nobody's

    def feed(self, text: str) -> list[Piece]:
        """The pieces that are certain by now."""
        if not self._rest and self._mode is _Mode.TEXT and "<" not in text and "◁" not in text:
            return self._emit(text)
        self._rest += text
        pieces: list[Piece] = []
        while (marker := _MARKER.search(self._rest)) is not None:
            pieces += self._emit(self._rest[: marker.start()])
            self._rest = self._rest[marker.end() :]
            pieces += self._turn(marker)
        begun = _BEGUN.search(self._rest)
        certain = len(self._rest) if begun is None else begun.start()
        pieces += self._emit(self._rest[:certain])
        self._rest = self._rest[certain:]
        return pieces

    def close(self) -> list[Piece]:
        """What is left when the stream has ended."""
        pieces = self._emit(self._rest)
        self._rest = ""
        if self._mode is _Mode.HEADER:
            header, self._header, self._mode = self._header, "", _Mode.TEXT
            pieces += self._emit(header)
        return pieces

    def _emit(self, text: str) -> list[Piece]:
        if self._mode is _Mode.HEADER:
            self._header += text
            if len(self._header) <= _LONGEST_HEADER:
                return []
            # No header is that long: it was text that only looked like one.
            text, self._header, self._mode = self._header, "", _Mode.TEXT
        if self._mode is _Mode.THOUGHT:
            return [Piece(Kind.THOUGHT, text)] if text else []
        if self._blank:
            text = text.lstrip()
        if not text:
            return []
        self._blank = False
        return [Piece(Kind.TEXT, text)]

    def _turn(self, marker: re.Match[str]) -> list[Piece]:
        token = marker["token"]
        if token is not None:
            self._turn_harmony(token.lower())
            return []
        if not (marker["close"] or marker["kimi"]):
            self._mode = _Mode.THOUGHT
            return []
        orphan = self._mode is not _Mode.THOUGHT
        self._mode = _Mode.TEXT
        if not orphan or self._blank:
            return []
        self._blank = True
        return [_RETRACT]

    def _turn_harmony(self, token: str) -> None:
        if token in ("start", "channel"):
            self._mode = _Mode.HEADER
        elif token == "message":
            hidden = self._mode is _Mode.HEADER and not self._header.strip().startswith(
                ("final", "assistant")
            )
            self._mode = _Mode.THOUGHT if hidden else _Mode.TEXT
        else:
            self._mode = _Mode.TEXT
        self._header = ""

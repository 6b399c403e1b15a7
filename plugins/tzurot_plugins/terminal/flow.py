"""Lays out streamed text: wrapped between words, with *actions* set apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len


@dataclass(frozen=True, slots=True)
class Piece:
    """Text to print as it stands; ``action``: it is between asterisks, what a character does."""

    text: str
    action: bool = False


class Flow:
    """Text on its way to a terminal ``width`` columns wide, beginning at ``column``."""

    def __init__(self, width: int, column: int = 0) -> None:
        self._width = max(20, width)
        self._column = column
        self._word = ""
        self._action = False

    def feed(self, text: str) -> Iterator[Piece]:
        """What can be printed now; a word waits for its end, lest it be cut at the edge."""
        for sign in text:
            if sign in "\n\t ":
                yield from self.finish()
                yield from self._gap(sign)
                continue
            self._word += sign
            if cell_len(sign) > 1 or len(self._word) >= self._width:
                yield from self.finish()

    def finish(self) -> Iterator[Piece]:
        """The word that still waits."""
        word, self._word = self._word, ""
        if not word:
            return
        wide = cell_len(word)
        if self._column and self._column + wide > self._width:
            yield Piece("\n")
            self._column = 0
        self._column += wide
        yield from self._styled(word)

    def _gap(self, sign: str) -> Iterator[Piece]:
        if sign == "\n":
            self._column, self._action = 0, False
            yield Piece(sign)
        elif self._column < self._width:
            self._column += 1
            yield Piece(" ", self._action)

    def _styled(self, word: str) -> Iterator[Piece]:
        parts = word.split("*")
        for index, part in enumerate(parts):
            if index:
                # The asterisk belongs to the action that it opens or closes.
                yield Piece("*", True)
                self._action = not self._action
            if part:
                yield Piece(part, self._action)

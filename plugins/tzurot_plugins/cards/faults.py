"""Why a card can't be read or written, with the place in its file."""

from __future__ import annotations

from dataclasses import dataclass

from tzurot import TzurotError


class CardError(TzurotError):
    """A card that can't be used: where, what, and what to do about it."""

    def __init__(self, text: str, remedy: str = "", at: str = "") -> None:
        self.text = text
        self.remedy = remedy
        self.at = at
        super().__init__(f"{at}: {text} {remedy}".removeprefix(": ").rstrip())

    def within(self, file: str) -> CardError:
        """The same error, with the name of the file in front of its place."""
        return CardError(self.text, self.remedy, f"{file}: {self.at}" if self.at else file)


class TooLarge(CardError):
    """A part of a card that is larger than any may be: no other part is tried in its place."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a card that its owner should know: where it stands, and what became of it."""

    at: str
    text: str

    def __str__(self) -> str:
        return f"{self.at}: {self.text}" if self.at else self.text

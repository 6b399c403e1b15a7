"""Where somebody sits: who they are, whom they talk with, and the screen in front of them."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from tzurot import Author, Message, Place, PlaceKind
from tzurot_plugins.terminal.screen import Screen

PLATFORM = "terminal"


def _somebody() -> Author:
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # no such user is known to the system, as in some containers
        name = "you"
    return Author(f"{PLATFORM}-{name}", name)


@dataclass(slots=True)
class Seat:
    """One person's conversation with one character at a time.

    ``character`` is its key, so that an edited pack counts at once. ``model`` overrides the settings.
    Without ``lasting``, nothing that was said before counts.
    """

    screen: Screen
    character: str
    model: str | None = None
    lasting: bool = True
    author: Author = field(default_factory=_somebody)
    _once: str = field(default_factory=lambda: uuid4().hex)

    @property
    def place(self) -> Place:
        """A conversation of its own with every character."""
        channel = self.character if self.lasting else f"{self.character}#{self._once}"
        return Place(PLATFORM, channel, kind=PlaceKind.DIRECT, name="the terminal")

    def message(self, text: str, at: datetime) -> Message:
        """What the person said, as the kernel takes it."""
        return Message(uuid4().hex, self.place, self.author, text, at, to_bot=True)

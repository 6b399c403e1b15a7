"""One use of a command, button or modal, and what the bot answered to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tzurot.testing.discord.message import Message
    from tzurot.testing.discord.people import Bot, User
    from tzurot.testing.discord.places import Channel


class InteractionKind(IntEnum):
    """Discord's interaction types."""

    PING = 1
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Answer(IntEnum):
    """Discord's types of an interaction's callback."""

    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


@dataclass(slots=True, eq=False)
class Interaction:
    """An interaction and its state: not acknowledged, deferred, answered, expired."""

    id: str
    token: str = field(repr=False)
    kind: InteractionKind
    bot: Bot
    user: User
    channel: Channel
    data: dict[str, Any]
    message: Message | None = None
    """The message whose component was used."""
    answer: Answer | None = None
    """How the bot acknowledged it; None until then."""
    answer_data: dict[str, Any] = field(default_factory=dict)
    """The callback's ``data``: choices, a modal, a message."""
    response: Message | None = None
    """The original response, once there is one."""
    followups: list[Message] = field(default_factory=list)
    deferred_flags: int = 0
    expired: bool = False

    @property
    def waiting(self) -> bool:
        """Whether the user still sees "is thinking"."""
        return self.answer is Answer.DEFERRED_MESSAGE and self.response is None

    def expire(self) -> None:
        """Let the time for an answer run out (three seconds at Discord, on demand here)."""
        self.expired = True

    def owners(self) -> dict[str, str]:
        """Who installed the application, as Discord names it."""
        guild = self.channel.guild
        return {"0": guild.id if guild else "0"}

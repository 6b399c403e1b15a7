"""Incoming webhooks of the test world."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tzurot.testing.discord import ids, posting
from tzurot.testing.discord.message import Message

if TYPE_CHECKING:
    from tzurot.testing.discord.people import User
    from tzurot.testing.discord.places import Channel

WEBHOOKS_PER_CHANNEL = 15


@dataclass(slots=True, eq=False)
class Webhook:
    """Something that can write in a channel under any name."""

    id: str
    token: str = field(repr=False)
    channel: Channel = field(repr=False)
    name: str
    owner: User
    user: User = field(repr=False)
    """The author that its messages have; no account, it only shares the webhook's id."""
    application_id: str | None = None
    avatar: str | None = None

    def say(
        self,
        text: str,
        *,
        name: str | None = None,
        avatar_url: str | None = None,
        thread: Channel | None = None,
    ) -> Message:
        """Write through the webhook as somebody else's program does, such as one that proxies people."""
        message = Message(self.user.world.ids.next(), thread or self.channel, self.user, text, ids.now())
        message.webhook, message.author_name, message.author_avatar = self, name or self.name, avatar_url
        return posting.post(message, (), None)

    def delete(self) -> None:
        """Delete the webhook, as a person does in the channel's settings."""
        self.channel.world.remove_webhook(self)

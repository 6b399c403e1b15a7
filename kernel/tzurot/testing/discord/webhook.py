"""Incoming webhooks of the test world."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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

    def delete(self) -> None:
        """Delete the webhook, as a person does in the channel's settings."""
        self.channel.world.remove_webhook(self)

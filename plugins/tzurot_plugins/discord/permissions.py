"""What the bot may and must be allowed to do, and the link that invites it with exactly that."""

from __future__ import annotations

from enum import IntFlag
from urllib.parse import urlencode


class Permission(IntFlag):
    """The permissions that the plugin uses, as Discord numbers them."""

    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    READ_MESSAGE_HISTORY = 1 << 16
    MANAGE_WEBHOOKS = 1 << 29
    SEND_MESSAGES_IN_THREADS = 1 << 38


NEEDED = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MANAGE_WEBHOOKS
    | Permission.SEND_MESSAGES_IN_THREADS
)
CONTENT_FLAGS = 1 << 18 | 1 << 19
"""The application's flags for the Message Content intent, approved or for small bots."""


def invitation(application: str) -> str:
    """The address where a server's owner lets the bot in, with the permissions it needs and no more."""
    query = {
        "client_id": application,
        "permissions": str(int(NEEDED)),
        "scope": "bot applications.commands",
    }
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"

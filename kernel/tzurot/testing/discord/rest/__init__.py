"""The HTTP API of the Discord test server, a module for each of Discord's resources."""

from __future__ import annotations

from tzurot.testing.discord.rest import (
    applications,
    channels,
    guilds,
    interactions,
    messages,
    reactions,
    threads,
    users,
    webhooks,
)
from tzurot.testing.discord.routes import Routes

ROUTES = Routes(
    (
        *applications.ROUTES,
        *channels.ROUTES,
        *guilds.ROUTES,
        *interactions.ROUTES,
        *messages.ROUTES,
        *reactions.ROUTES,
        *threads.ROUTES,
        *users.ROUTES,
        *webhooks.ROUTES,
    )
)
"""Everything that the server serves."""

"""The doctor's look at Discord: the token, the intents, the allowance of sessions, and the invite link."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp

from tzurot import Finding, State
from tzurot_plugins.discord.config import API_BASE, DiscordSettings
from tzurot_plugins.discord.errors import DiscordError, Refused
from tzurot_plugins.discord.permissions import CONTENT_FLAGS, invitation
from tzurot_plugins.discord.rest.egress import Egress
from tzurot_plugins.discord.rest.patience import Patience

SUBJECT = "discord"
PORTAL = "Discord's developer portal (discord.com/developers/applications)"
BRIEF = Patience(tries=2, rate_limit_tries=2, first=0.2, longest_wait=5.0, timeout=8.0)


async def examine(settings: DiscordSettings, session: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    """Ask Discord who we are and what we may; one finding after the other."""
    if settings.token is None:
        yield Finding(
            SUBJECT,
            State.OFF,
            "no token is set",
            f"Make a bot in {PORTAL} and set DISCORD_TOKEN to its token.",
        )
        return
    if settings.api_base != API_BASE:
        yield Finding(SUBJECT, State.WARNING, f"talks to {settings.api_base} instead of Discord")
    egress = Egress(session, settings.api_base, settings.token.get_secret_value(), patience=BRIEF)
    try:
        me = await egress.ask("GET", "/users/@me")
        application = await egress.ask("GET", "/applications/@me")
        gateway = await egress.ask("GET", "/gateway/bot")
    except DiscordError as error:
        yield _unwell(error, settings)
        return
    yield Finding(SUBJECT, State.OK, f"the token is valid: the bot is {me.get('username')}")
    yield _intents(int(application.get("flags") or 0), settings)
    limit = gateway.get("session_start_limit") or {}
    if int(limit.get("remaining", 1000)) < 50:
        yield Finding(
            SUBJECT,
            State.WARNING,
            f"only {limit.get('remaining')} new sessions are left today",
            "Something restarts the bot again and again; look in its log.",
        )
    yield Finding(SUBJECT, State.OK, f"invite the bot with {invitation(str(application.get('id')))}")


def _unwell(error: DiscordError, settings: DiscordSettings) -> Finding:
    if isinstance(error, Refused) and error.status == 401:
        return Finding(
            SUBJECT,
            State.FAILED,
            "Discord refuses the token",
            f"Copy it again from {PORTAL}, page Bot, into DISCORD_TOKEN; 'Bot ' does not belong to it.",
        )
    return Finding(
        SUBJECT,
        State.FAILED,
        f"{settings.api_base} can't be used: {error}",
        "Check the network, and DISCORD_API_BASE if you set it.",
    )


def _intents(flags: int, settings: DiscordSettings) -> Finding:
    if flags & CONTENT_FLAGS:
        return Finding(SUBJECT, State.OK, "the Message Content intent is switched on")
    state = State.WARNING if settings.message_content else State.OK
    return Finding(
        SUBJECT,
        state,
        "without the Message Content intent: @Name is not heard in servers",
        f"Switch on Message Content Intent in {PORTAL}, page Bot.",
    )

"""One bot account at work: the parts of the plugin that talk to Discord, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Self
from urllib.request import getproxies

import aiohttp

from tzurot import Kit
from tzurot_plugins.discord.commands.interactions import Interactions
from tzurot_plugins.discord.config import DiscordSettings
from tzurot_plugins.discord.convert import Account, Converter
from tzurot_plugins.discord.delivery import Delivery
from tzurot_plugins.discord.gateway.protocol import Identity, Intent
from tzurot_plugins.discord.listener import Listener
from tzurot_plugins.discord.memory import Voices
from tzurot_plugins.discord.rest.egress import Egress
from tzurot_plugins.discord.typing_indicator import TypingIndicator
from tzurot_plugins.discord.webhooks import Webhooks

CLOSING_SECONDS = 3.0
"""How long answers to commands that are under way may still take when the plugin stops."""
ALWAYS = Intent.GUILDS | Intent.GUILD_WEBHOOKS | Intent.GUILD_MESSAGES | Intent.DIRECT_MESSAGES


def open_session() -> aiohttp.ClientSession:
    """The one HTTP session of the plugin, with the User-Agent that Discord asks for."""
    agent = f"DiscordBot (https://github.com/tzurot, {version('tzurot')})"
    return aiohttp.ClientSession(
        headers={"User-Agent": agent},
        connector=aiohttp.TCPConnector(limit=100),
        # Reading the environment for a proxy costs a thread's work per request: only where there is one.
        trust_env=bool(getproxies()),
    )


class Connection:
    """Everything that one token needs; ``named`` finds a character's key by the name it bore."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        settings: DiscordSettings,
        token: str,
        kit: Kit,
        named: Callable[[str], str | None],
    ) -> None:
        log = kit.log
        self._session, self._settings, self._log = session, settings, log
        self._token = token
        self.egress = Egress(
            session,
            settings.api_base,
            token,
            patience=settings.patience,
            per_second=settings.requests_per_second,
            log=log,
        )
        account, voices = Account(), Voices()
        webhooks = Webhooks(self.egress, account, settings.webhook_name, log)
        self.delivery = Delivery(self.egress, webhooks, voices, log, settle=0.5 * settings.pace)
        self.typing = TypingIndicator(self.egress, settings.typing_after_seconds, log)
        self.listener = Listener(
            self.egress, account, Converter(account, voices, named), webhooks, settings, kit.receive, log
        )
        self.interactions = Interactions(self.egress, self.listener.channels, kit.controls, log)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: DiscordSettings,
        token: str,
        kit: Kit,
        named: Callable[[str], str | None],
    ) -> AsyncIterator[Self]:
        """A connection that can send; it hears nothing before ``listen``."""
        async with open_session() as session:
            connection = cls(session, settings, token, kit, named)
            try:
                yield connection
            finally:
                await connection.interactions.close(CLOSING_SECONDS)
                await connection.typing.close()

    async def listen(self) -> None:
        """Hear messages until cancelled.

        Raises:
            Fatal: Discord will not have this bot; nothing is tried again.
        """
        # nonebot takes two seconds of CPU to import: only who listens pays for it.
        from tzurot_plugins.discord.adapter import HardenedAdapter
        from tzurot_plugins.discord.driver import Driver

        intents = ALWAYS | Intent.MESSAGE_CONTENT if self._settings.message_content else ALWAYS
        adapter = HardenedAdapter(
            Driver(self._session),
            Identity(self._token, intents, timing=self._settings.timing),
            self.egress,
            self.listener.take,
            wants=self.listener.wants,
            at_once=self.interactions.take,
            log=self._log,
        )
        await adapter.run()

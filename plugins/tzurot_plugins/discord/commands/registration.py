"""Registers the commands with Discord, in one request, and only when they changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from tzurot import Command
from tzurot_plugins.discord.commands.declaration import declared, same
from tzurot_plugins.discord.errors import DiscordError
from tzurot_plugins.discord.rest.egress import Egress


class Registration:
    """What Discord knows of our commands, and what we know of who owns the bot."""

    def __init__(
        self, egress: Egress, commands: Callable[[], Mapping[str, Command]], log: logging.Logger
    ) -> None:
        self._egress, self._commands, self._log = egress, commands, log
        self._one_at_a_time = asyncio.Lock()
        self.owners: frozenset[str] = frozenset()
        """The accounts that own the application."""

    async def bring_up_to_date(self, application: str) -> None:
        """Have Discord offer exactly our commands; a failure is logged, and tried again at the next start."""
        async with self._one_at_a_time:
            try:
                await self._find_owners()
                await self._register(f"/applications/{application}/commands")
            except DiscordError as error:
                self._log.warning("The commands could not be registered: %s", error)

    async def _register(self, path: str) -> None:
        wanted = declared(self._commands().values())
        if same(wanted, await self._egress.ask("GET", path)):
            return
        await self._egress.ask("PUT", path, wanted)
        self._log.info("Registered %d commands with Discord.", len(wanted))

    async def _find_owners(self) -> None:
        if self.owners:
            return
        told = await self._egress.ask("GET", "/applications/@me")
        found = told if isinstance(told, dict) else {}
        team = found.get("team")
        # A team's application names the team as its owner.
        owner = team.get("owner_user_id") if isinstance(team, dict) else (found.get("owner") or {}).get("id")
        self.owners = frozenset({str(owner)} if owner else ())

"""The hardened adapter: nonebot's Discord adapter with its network side replaced by ours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import aiohttp
from nonebot.adapters import Adapter as BaseAdapter
from nonebot.drivers import Request, Response
from nonebot.message import handle_event
from pydantic import SecretStr
from yarl import URL

from tzurot_plugins.discord.driver import Driver, bridge_log
from tzurot_plugins.discord.errors import DiscordError, Fatal
from tzurot_plugins.discord.events import GatewayEvent, Sink
from tzurot_plugins.discord.gateway.budget import GatewayInfo, IdentifyBudget
from tzurot_plugins.discord.gateway.protocol import Dispatch, Identity
from tzurot_plugins.discord.gateway.shard import Shard
from tzurot_plugins.discord.lean import Bot, BotInfo, Config, StockAdapter
from tzurot_plugins.discord.rest.egress import Call, Egress
from tzurot_plugins.discord.rest.routes import Route

QUEUE = 10_000
"""Events that may wait to be handled; beyond that reading pauses."""


class HiddenInfo(BotInfo):
    """A bot's account whose token shows in no log line and no traceback."""

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [("token", SecretStr(self.token))]


class HardenedAdapter(StockAdapter):
    """Runs one bot account in our own loop.

    Every REST call, nonebot's 224 included, goes through ``egress``. Every event passes one nonebot
    matcher on its way to ``sink``, one after the other, in the order of the gateway; but for those that
    nobody ``wants``, since each costs a good half of a millisecond there. What ``at_once`` deals with passes
    all of that by.
    """

    def __init__(
        self,
        driver: Driver,
        identity: Identity,
        egress: Egress,
        sink: Sink,
        wants: Callable[[Dispatch], bool] = lambda _: True,
        at_once: Callable[[Dispatch], bool] = lambda _: False,
        log: logging.Logger | None = None,
    ) -> None:
        # The stock constructor reads nonebot's global configuration and hooks itself to its life cycle.
        BaseAdapter.__init__(self, driver)
        self.discord_config = Config()
        self.tasks: set[asyncio.Task[Any]] = set()
        self.base_url = URL(egress.base)
        self.info = HiddenInfo(token=identity.token)
        self._identity, self._timing = identity, identity.timing
        self.egress, self._sink, self._wants = egress, sink, wants
        self._at_once = at_once
        self._own_driver = driver
        self.log = log or logging.getLogger("tzurot.plugin.discord")
        self._events: asyncio.Queue[Dispatch] = asyncio.Queue(QUEUE)
        self.bot: Bot | None = None
        self.shards: tuple[Shard, ...] = ()
        bridge_log()

    async def run(self) -> None:
        """Be connected until cancelled.

        Raises:
            Fatal: Discord will not have this bot; nothing is tried again.
        """
        info = await self._gateway()
        budget = IdentifyBudget(info, self._gateway, self._timing.identify_gap, self.log)
        self.shards = tuple(self._shard((n, info.shards), budget) for n in range(info.shards))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._consume(), name="discord events")
                for shard in self.shards:
                    group.create_task(shard.run(info.url), name="discord shard")
        except ExceptionGroup as group_of_errors:
            raise _worst(group_of_errors) from None
        finally:
            if self.bot and self.bot.self_id in self.bots:
                self.bot_disconnect(self.bot)

    async def _gateway(self) -> GatewayInfo:
        """Ask where the gateway is, until told.

        Raises:
            Fatal: the token is refused.
        """
        failures = 0
        first, most = self._timing.backoff
        while True:
            try:
                return GatewayInfo.of(await self.egress.ask("GET", "/gateway/bot"))
            except Fatal:
                raise
            except (DiscordError, ValueError, aiohttp.ClientError) as error:
                if getattr(error, "status", 0) == 401:
                    raise Fatal(
                        "Discord refused the bot's token (401). Check DISCORD_TOKEN; "
                        "nothing will be retried until you restart."
                    ) from None
                wait = min(most, first * 2 ** min(failures, 10))
                failures += 1
                self.log.warning("Discord's gateway can't be had: %s Trying again in %.0f s.", error, wait)
                await asyncio.sleep(wait)

    def _shard(self, shard: tuple[int, int], budget: IdentifyBudget) -> Shard:
        return Shard(
            identity=replace(self._identity, shard=shard),
            connect=self._own_driver.connect,
            emit=self._arrive,
            may_identify=budget.take,
            log=self.log,
        )

    async def _arrive(self, dispatch: Dispatch) -> None:
        """An event from the gateway, into the queue, unless it can't wait and is dealt with at once."""
        if not self._at_once(dispatch):
            await self._events.put(dispatch)

    async def _consume(self) -> None:
        """Hand events to nonebot one by one: their order is what conversations are made of."""
        while True:
            dispatch = await self._events.get()
            if dispatch.type == "READY":
                self._know(dispatch.data)
            if self.bot is None or not self._wants(dispatch):
                continue
            try:
                await handle_event(self.bot, GatewayEvent.of(dispatch, self._take))
            except Exception:
                self.log.exception("An event %s was not handled.", dispatch.type)

    async def _take(self, dispatch: Dispatch) -> None:
        """The end of nonebot's matcher: nothing that goes wrong may reach the events that follow."""
        try:
            await self._sink(dispatch)
        except Exception:
            self.log.exception("An event %s was not handled.", dispatch.type)

    def _know(self, ready: dict[str, Any]) -> None:
        """Make nonebot's bot of what READY says."""
        user = ready.get("user") or {}
        if self.bot is None and user.get("id"):
            self.bot = Bot(self, str(user["id"]), self.info)
            self.bot.session_id = str(ready.get("session_id"))
            self.bot_connect(self.bot)

    async def request(self, setup: Request) -> Response:
        """Every API call of nonebot's adapter comes through here, and leaves through the egress.

        Raises:
            DiscordError: see ``Egress.ask``.
        """
        base = str(self.base_url)
        url = str(setup.url)
        if not url.startswith(base):
            return await self._own_driver.request(setup)
        route = Route.of(setup.method, setup.url.raw_path.removeprefix(self.base_url.raw_path))
        body = setup.json
        answer = await self.egress.send(
            Call(
                route,
                body,
                query=dict(setup.url.query),
                headers={k: v for k, v in setup.headers.items() if k.lower() != "authorization"},
                form=(lambda: _form(setup)) if setup.files else None,
                content=setup.content if isinstance(setup.content, bytes) else None,
                authorised="Authorization" in setup.headers,
                repeatable=setup.method != "POST" or _has_nonce(body),
            )
        )
        return Response(answer.status, headers=dict(answer.headers), content=answer.content, request=setup)


def _worst(errors: ExceptionGroup[Exception]) -> Exception:
    """The error that decides: a fatal one if there is any."""
    found: Exception = errors.subgroup(Fatal) or errors
    while isinstance(found, ExceptionGroup):
        found = found.exceptions[0]
    return found


def _has_nonce(body: object) -> bool:
    """Whether Discord itself would notice a message sent twice."""
    return isinstance(body, dict) and bool(body.get("nonce")) and body.get("enforce_nonce") is True


def _form(setup: Request) -> aiohttp.FormData:
    """A request's multipart body, built anew for each try."""
    form = aiohttp.FormData(setup.data or {}, quote_fields=False)
    for name, file in setup.files or ():
        form.add_field(name, file[1], content_type=file[2], filename=file[0])
    return form

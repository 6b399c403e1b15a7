"""The one way out: every HTTP request to Discord waits its turn here, and is retried here or nowhere."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from tzurot_plugins.discord.errors import Fatal, RateLimited, Refused, TooManyInvalid, Unavailable, Uncertain
from tzurot_plugins.discord.rest.limits import Buckets, InvalidRequests, Lanes, Rate
from tzurot_plugins.discord.rest.patience import Patience
from tzurot_plugins.discord.rest.routes import Route

DEFAULT = Patience()
UNAUTHORISED = 4
Headers = CIMultiDictProxy[str] | CIMultiDict[str]


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``repeatable`` ones do no harm when they are carried out twice.

    ``form`` builds a multipart body anew for each try. ``authorised`` adds the bot's token.
    """

    route: Route
    json: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Callable[[], aiohttp.FormData] | None = None
    content: bytes | None = None
    authorised: bool = True
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """Discord's answer as it came."""

    status: int
    headers: Headers
    content: bytes

    def body(self) -> Any:
        """The JSON of the answer; ``None`` when there is none, or it is none."""
        if not self.content:
            return None
        try:
            return json.loads(self.content)
        except ValueError:
            return None


class Egress:
    """Sends requests within Discord's limits, in order per lane, and retries what may be retried."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base: str,
        token: str,
        *,
        patience: Patience = DEFAULT,
        per_second: int = 50,
        log: logging.Logger | None = None,
    ) -> None:
        self._session = session
        self.base = base.rstrip("/")
        self._authorisation = {"Authorization": f"Bot {token}"}
        self._patience = patience
        self.log = log or logging.getLogger("tzurot.plugin.discord")
        self._lanes = Lanes()
        self._buckets = Buckets(time.monotonic)
        # Requests without the bot's token (webhooks) are limited by address, not by bot, and far from as
        # strictly as Discord's page has it: they go faster until Discord says otherwise.
        self._per_second = per_second
        self._rates = {
            True: Rate(per_second, time.monotonic),
            False: Rate(UNAUTHORISED * per_second, time.monotonic),
        }
        self.invalid = InvalidRequests(time.monotonic)
        self._timeout = aiohttp.ClientTimeout(total=patience.timeout)
        self._rejected = False

    @property
    def crowded(self) -> bool:
        """Whether the bot's requests come close to Discord's limit just now."""
        return self._rates[True].crowded

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Send a request and give the JSON of its answer.

        ``more`` are fields of ``Call``. Without ``repeatable`` a POST counts as not repeatable.

        Raises:
            Refused: Discord said no.
            Uncertain: the request was lost, may have been carried out, and must not be sent twice.
            Unavailable: Discord could not be reached, or failed through all the tries.
        """
        more.setdefault("repeatable", method != "POST")
        call = Call(Route.of(method, path), body, **more)
        answer = await self.send(call)
        if answer.status >= 400:
            raise Refused(call.route.label, answer.status, answer.body())
        return answer.body()

    async def send(self, call: Call) -> Answer:
        """Send a request and give its answer, whatever its status under 500."""
        async with self._lanes.of(call.route):
            return await self._tries(call)

    async def _tries(self, call: Call) -> Answer:
        failures = limited = 0
        while True:
            await self._turn(call)
            answer, trouble = await self._attempt(call)
            if answer is not None and answer.status == 429:
                limited += 1
                self._limited(call, answer, limited)
            elif answer is not None:
                return answer
            else:
                failures += 1
                if failures >= self._patience.tries:
                    said = f"Discord did not carry out {call.route.label} in {failures} tries: {trouble}."
                    raise Unavailable(said)
                await asyncio.sleep(self._patience.before(failures))

    async def _attempt(self, call: Call) -> tuple[Answer | None, str]:
        """One request: its answer, or the trouble that may pass.

        Raises:
            Uncertain: it may have been carried out, and must not be sent again.
        """
        try:
            answer = await self._once(call)
        except aiohttp.ClientConnectorError as error:
            return None, f"no connection ({error.os_error.strerror or type(error).__name__})"
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            trouble = f"the connection broke ({type(error).__name__})"
        else:
            if answer.status == 429:
                return answer, ""
            self._learn(call, answer)
            if answer.status < 500:
                return answer, ""
            trouble = f"status {answer.status}"
        if not call.repeatable:
            raise Uncertain(f"Discord may or may not have carried out {call.route.label}: {trouble}.")
        return None, trouble

    async def _turn(self, call: Call) -> None:
        """Wait until every limit lets the request go."""
        if self._rejected and call.authorised:
            raise Fatal("Discord refused the bot's token (401). Check DISCORD_TOKEN, and start again.")
        while (bucket := self._buckets.of(call.route)) and (delay := bucket.delay(time.monotonic())):
            self._refuse_long(call, delay)
            await asyncio.sleep(delay)
        if not call.route.interaction:
            rate = self._rates[call.authorised]
            self._refuse_long(call, rate.paused)
            await rate.take()
        if self.invalid.too_many:
            raise TooManyInvalid(
                "Discord refused 9,000 requests in ten minutes and bans at 10,000; sending pauses. "
                "Look in the log for what is refused (permissions?) and mend that."
            )

    def _refuse_long(self, call: Call, delay: float) -> None:
        if delay > self._patience.longest_wait:
            raise RateLimited(
                f"Discord asks to wait {delay:.0f} s for {call.route.label}: too long, nothing was sent."
            )

    async def _once(self, call: Call) -> Answer:
        headers = {**call.headers, **(self._authorisation if call.authorised else {})}
        data: Any = call.form() if call.form else call.content
        async with self._session.request(
            call.route.method,
            # encoded: paths may hold percent-encoded emoji, which must stay as they are
            URL(self.base + call.route.path, encoded=True).with_query(call.query or None),
            json=call.json,
            data=data,
            headers=headers,
            timeout=self._timeout,
            allow_redirects=False,
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    def _learn(self, call: Call, answer: Answer) -> None:
        headers = answer.headers
        name = headers.get("X-RateLimit-Bucket")
        if name:
            remaining = _number(headers.get("X-RateLimit-Remaining"), 1)
            limit = _number(headers.get("X-RateLimit-Limit"), 1)
            reset_after = _number(headers.get("X-RateLimit-Reset-After"), 1)
            self._buckets.learn(call.route, name, int(remaining), int(limit), reset_after)
        if answer.status in (401, 403):
            self._count_invalid()
        if answer.status == 401 and call.authorised:
            self._rejected = True

    def _limited(self, call: Call, answer: Answer, times: int) -> None:
        """Take in a 429: close what it closes, and give up when there were too many."""
        told = answer.body()
        body = told if isinstance(told, dict) else {}
        scope = answer.headers.get("X-RateLimit-Scope", "user")
        # The body is exact, the header rounded up; without JSON it is Cloudflare, who means everything.
        wait = _number(body.get("retry_after") or answer.headers.get("Retry-After"), 1.0)
        wait = max(wait, 0.02)
        everywhere = bool(body.get("global")) or scope == "global" or told is None
        if scope != "shared":
            self._count_invalid()
        if told is None:
            for rate in self._rates.values():
                rate.pause(wait)
        elif everywhere:
            self._rates[call.authorised].tighten(self._per_second)
            self._rates[call.authorised].pause(wait)
        else:
            self._buckets.block(call.route, answer.headers.get("X-RateLimit-Bucket"), wait)
        self.log.info(
            "Discord limits %s for %.2f s (%s).", call.route.label, wait, "global" if everywhere else scope
        )
        if times >= self._patience.rate_limit_tries:
            raise RateLimited(f"Discord limited {call.route.label} {times} times in a row; given up.")

    def _count_invalid(self) -> None:
        count = self.invalid.count()
        if count in (1000, 5000):
            self.log.error(
                "Discord refused %d requests in ten minutes; at 10,000 it bans this address for a day. "
                "Look for missing permissions in the lines above.",
                count,
            )


def _number(text: Any, otherwise: float) -> float:
    """A header's number, in [0, 1 day]; anything else is ``otherwise``."""
    try:
        number = float(text)
    except (TypeError, ValueError):
        return otherwise
    return otherwise if math.isnan(number) else min(max(number, 0.0), 86_400.0)

"""Faults on demand: what Discord does on a bad day, exactly when a test wants it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tzurot.testing.discord.buckets import refused

if TYPE_CHECKING:
    from tzurot.testing.discord.gateway import Gateway
    from tzurot.testing.discord.people import Bot

BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(slots=True)
class HttpFault:
    """What to do to the next requests of a route instead of, or beside, answering them."""

    method: str | None
    route: str | None
    times: int
    status: int | None = None
    body: str = ""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    cut: Literal["", "before", "after"] = ""

    @property
    def answers(self) -> bool:
        """Whether it takes the place of the real answer."""
        return self.status is not None or self.cut == "before"

    @property
    def exclusive(self) -> bool:
        """Whether no second fault of the kind may strike the same request."""
        return self.status is not None or bool(self.cut)


@dataclass(slots=True)
class _EventFault:
    action: Literal["drop", "duplicate", "delay", "reorder"]
    event: str | None
    times: int
    seconds: float = 0.0
    held: list[str] = field(default_factory=list)


class Faults:
    """Everything that can be made to go wrong. Faults for HTTP and for events are used up in order.

    ``method`` and ``route`` (a template such as ``"/channels/{channel_id}/messages"``) narrow an HTTP
    fault, ``event`` (such as ``"MESSAGE_CREATE"``) one of the gateway; None means any.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._http: list[HttpFault] = []
        self._events: list[_EventFault] = []
        self.handshakes_refused: list[int] = []
        """Statuses for the next attempts to open the gateway's WebSocket."""

    # HTTP

    def fail_next(
        self,
        method: str | None = None,
        route: str | None = None,
        status: int = 500,
        body: Mapping[str, Any] | str | None = None,
        times: int = 1,
    ) -> None:
        """Answer with an error and carry nothing out. A text as ``body`` is sent as HTML."""
        if isinstance(body, str):
            self._http.append(HttpFault(method, route, times, status, body, "text/html"))
            return
        told = body if body is not None else {"message": f"{status}: Internal Server Error", "code": 0}
        self._http.append(HttpFault(method, route, times, status, json.dumps(told)))

    def bad_gateway(self, method: str | None = None, route: str | None = None, times: int = 1) -> None:
        """Answer with Cloudflare's HTML page and status 502."""
        self.fail_next(method, route, 502, BAD_GATEWAY, times)

    def rate_limit_next(
        self,
        route: str | None = None,
        retry_after: float = 1.0,
        scope: Literal["user", "global", "shared"] = "user",
        *,
        method: str | None = None,
        times: int = 1,
    ) -> None:
        """Answer 429 whatever the buckets say; ``shared`` is a limit that others used up."""
        verdict = refused(retry_after, scope)
        body = json.dumps(rate_limited(verdict.retry_after, verdict.everywhere))
        self._http.append(HttpFault(method, route, times, 429, body, headers=verdict.headers))

    def delay(
        self, seconds: float, method: str | None = None, route: str | None = None, times: int = 1
    ) -> None:
        """Carry the request out at once, and answer late."""
        self._http.append(HttpFault(method, route, times, seconds=seconds))

    def lose_answer(self, method: str | None = None, route: str | None = None, times: int = 1) -> None:
        """Carry the request out, and cut the connection instead of answering."""
        self._http.append(HttpFault(method, route, times, cut="after"))

    def lose_request(self, method: str | None = None, route: str | None = None, times: int = 1) -> None:
        """Cut the connection, and carry nothing out."""
        self._http.append(HttpFault(method, route, times, cut="before"))

    def lie(
        self,
        headers: Mapping[str, str],
        method: str | None = None,
        route: str | None = None,
        times: int = 1,
    ) -> None:
        """Answer truly, but with these headers, such as a wrong ``X-RateLimit-Remaining``."""
        self._http.append(HttpFault(method, route, times, headers=dict(headers)))

    def take_http(self, method: str, route: str) -> list[HttpFault]:
        """The faults for one request: all that only colour the answer, and at most one that is it."""
        taken: list[HttpFault] = []
        for fault in self._http:
            if fault.method not in (None, method) or fault.route not in (None, route):
                continue
            if fault.exclusive and any(one.exclusive for one in taken):
                continue
            fault.times -= 1
            taken.append(fault)
        if taken:
            self._http = [fault for fault in self._http if fault.times > 0]
        return taken

    # Gateway connections

    def drop_gateway(self, code: int | None = None, bot: Bot | None = None) -> None:
        """Close gateway connections with ``code``, or cut them without any goodbye."""
        self._gateway.drop(code, bot)

    def reconnect(self, bot: Bot | None = None) -> None:
        """Ask clients to reconnect (op 7)."""
        self._gateway.ask_to_reconnect(bot)

    def invalidate(self, resumable: bool = False, bot: Bot | None = None) -> None:
        """Declare sessions invalid (op 9); ``resumable`` is its ``d``."""
        self._gateway.invalidate(resumable, bot)

    def blackhole(self, bot: Bot | None = None) -> None:
        """Stop acknowledging and sending on the open connections, without closing them."""
        self._gateway.silence(bot)

    def refuse_handshakes(self, status: int = 502, times: int = 1) -> None:
        """Refuse the next WebSocket connections with an HTTP status."""
        self.handshakes_refused += [status] * times

    # Gateway events

    def drop_next_event(self, event: str | None = None, times: int = 1) -> None:
        """Lose events on the way; a resume still replays them."""
        self._events.append(_EventFault("drop", event, times))

    def duplicate_next_event(self, event: str | None = None, times: int = 1) -> None:
        """Send the same event twice, with one sequence number."""
        self._events.append(_EventFault("duplicate", event, times))

    def delay_events(self, seconds: float, event: str | None = None, times: int = 1) -> None:
        """Send events late; others overtake them."""
        self._events.append(_EventFault("delay", event, times, seconds))

    def reorder(self, count: int = 2, event: str | None = "MESSAGE_CREATE") -> None:
        """Hold the next ``count`` events back and send them in the opposite order."""
        self._events.append(_EventFault("reorder", event, count))

    def pass_event(self, name: str, frame: str, send: Callable[[str], None]) -> None:
        """Send ``frame`` the way the first fault for its event says."""
        fault = next((one for one in self._events if one.event in (None, name)), None)
        if fault is None:
            send(frame)
            return
        fault.times -= 1
        if fault.times <= 0:
            self._events.remove(fault)
        if fault.action == "duplicate":
            send(frame)
            send(frame)
        elif fault.action == "delay":
            asyncio.get_running_loop().call_later(fault.seconds, send, frame)
        elif fault.action == "reorder":
            fault.held.append(frame)
            if fault.times <= 0:
                for held in reversed(fault.held):
                    send(held)

    def clear(self) -> None:
        """Forget every fault that hasn't struck yet."""
        self._http.clear()
        self._events.clear()
        self.handshakes_refused.clear()


def rate_limited(retry_after: float, everywhere: bool) -> dict[str, Any]:
    """The body of a 429."""
    return {
        "message": "You are being rate limited.",
        "retry_after": round(retry_after, 3),
        "global": everywhere,
    }

"""The control interface of a test server that runs as a process of its own.

JSON over HTTP below ``/_control``; every answer is a JSON object, a wrong request is 400 with ``error``.

``POST /_control/world``
    ``{"bots": ["lamp"], "users": ["ann"], "guilds": [{"name": "Pier", "channels": ["general"]}],
    "permissions": 536870912}``. All users and bots join all guilds; bots get a role with
    ``permissions``. Answers the ids by name, the bots' ``tokens``, ``api_base`` and ``gateway``.
``POST /_control/ready``
    ``{"bot": "lamp", "seconds": 30}`` waits until the bot is connected.
``POST /_control/say``
    ``{"user": "ann", "channel": "<id>", "text": "hello", "reply_to": "<id>"}``; without ``channel`` a
    ``"bot"`` is spoken to directly. Answers the message's ``id`` and ``channel``.
``POST /_control/replies``
    ``{"channel": "<id>", "count": 1, "seconds": 30}`` waits for messages of bots and webhooks; each is
    handed out once.
``POST /_control/burst``
    ``{"user": "ann", "channels": ["<id>"], "text": "hello", "count": 500, "width": 64}`` says ``count``
    messages in turn in the channels with at most ``width`` unanswered (each channel answers in order),
    and answers ``seconds``, ``p50_ms`` and ``p95_ms``.
``POST /_control/fault``
    ``{"name": "drop_gateway", "arguments": {"code": 4000}}`` calls a method of ``Faults``.
``POST /_control/limit``
    ``{"route": "POST /channels/{channel_id}/messages", "requests": 5, "seconds": 5}``, or
    ``{"preset": "discord"}``.
``GET /_control/state``
    Counts of requests by route, ``violations``, ``invalid_requests``, each bot's ``identifies``, and the
    server's own ``cpu_seconds``.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tzurot.testing.discord.message import Message
from tzurot.testing.discord.people import Bot, User
from tzurot.testing.discord.places import Channel
from tzurot.testing.discord.server import DiscordServer

PREFIX = "/_control/"
Json = dict[str, Any]


class Control:
    """Serves ``/_control`` for one server."""

    def __init__(self, server: DiscordServer) -> None:
        self._server = server
        self._acts: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "world": self._world,
            "ready": self._ready,
            "say": self._say,
            "replies": self._replies,
            "burst": self._burst,
            "fault": self._fault,
            "limit": self._limit,
            "state": self._state,
        }
        server.extra_handler = self.handle

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one control request."""
        name = request.path.removeprefix(PREFIX)
        act = self._acts.get(name)
        if act is None:
            there = ", ".join(sorted(self._acts))
            return web.json_response(
                {"error": f"{request.path} controls nothing. There are: {there}."}, status=404
            )
        try:
            asked = json.loads(await request.text() or "{}")
            return web.json_response(await act(asked))
        except (LookupError, TypeError, ValueError, AttributeError, TimeoutError) as error:
            return web.json_response({"error": f"{name}: {type(error).__name__}: {error}"}, status=400)

    async def _world(self, asked: Json) -> Json:
        world = self._server.world
        users = {name: world.create_user(name) for name in asked.get("users", ())}
        bots = {name: world.create_bot(name) for name in asked.get("bots", ())}
        guilds = {}
        for wanted in asked.get("guilds", ()):
            guild = world.create_guild(wanted["name"])
            channels = {name: guild.create_channel(name).id for name in wanted.get("channels", ())}
            for user in users.values():
                guild.add(user)
            for bot in bots.values():
                world.invite(guild, bot, int(asked.get("permissions", 0)))
            guilds[guild.name] = {"id": guild.id, "channels": channels}
        return {
            "users": {name: user.id for name, user in users.items()},
            "bots": {name: bot.id for name, bot in bots.items()},
            "tokens": {name: bot.token for name, bot in bots.items()},
            "guilds": guilds,
            "api_base": self._server.api_base,
            "gateway": self._server.gateway_url,
        }

    async def _ready(self, asked: Json) -> Json:
        session = await self._server.ready(self._bot(asked["bot"]), float(asked.get("seconds", 30)))
        return {"session": session.id}

    async def _say(self, asked: Json) -> Json:
        channel = self._channel(asked["channel"]) if "channel" in asked else self._bot(asked["bot"])
        answered = None
        if asked.get("reply_to") and isinstance(channel, Channel):
            answered = channel.history[asked["reply_to"]]
        said = self._user(asked["user"]).say(channel, asked["text"], reply_to=answered)
        return {"id": said.id, "channel": said.channel.id}

    async def _replies(self, asked: Json) -> Json:
        channel, seconds = self._channel(asked["channel"]), float(asked.get("seconds", 30))
        found = await self._server.next_messages(channel, int(asked.get("count", 1)), seconds)
        return {"messages": [_told(message) for message in found]}

    async def _burst(self, asked: Json) -> Json:
        user, text, count = self._user(asked["user"]), asked["text"], int(asked["count"])
        channels = [self._channel(one) for one in asked["channels"]]
        width = max(1, min(int(asked.get("width", 1)), len(channels)))
        left = iter(range(count))
        took: list[float] = []

        async def talk(mine: list[Channel]) -> None:
            for number in left:
                channel = mine[number % len(mine)]
                began = time.perf_counter()
                user.say(channel, text)
                await self._server.next_message(channel, float(asked.get("seconds", 60)))
                took.append((time.perf_counter() - began) * 1000)

        began = time.perf_counter()
        await asyncio.gather(*(talk(channels[start::width]) for start in range(width)))
        seconds = time.perf_counter() - began
        p95 = statistics.quantiles(took, n=20)[18] if len(took) > 1 else took[0]
        return {"seconds": seconds, "p50_ms": statistics.median(took), "p95_ms": p95}

    async def _fault(self, asked: Json) -> Json:
        name = str(asked["name"])
        if name.startswith("_") or name in ("take_http", "pass_event"):
            raise LookupError(f"{name!r} is no fault.")
        arguments = dict(asked.get("arguments", {}))
        if "bot" in arguments:
            arguments["bot"] = self._bot(arguments["bot"])
        getattr(self._server.faults, name)(**arguments)
        return {}

    async def _limit(self, asked: Json) -> Json:
        if asked.get("preset") == "discord":
            self._server.buckets.like_discord()
        else:
            self._server.buckets.set(asked["route"], int(asked["requests"]), float(asked["seconds"]))
        return {}

    async def _state(self, asked: Json) -> Json:
        server = self._server
        return {
            "requests": Counter(f"{one.key} {one.status}" for one in server.requests),
            "violations": [str(one) for one in server.violations],
            "invalid_requests": server.invalid_requests,
            "identifies": {bot.name: bot.identifies for bot in server.world.bots.values()},
            "cpu_seconds": time.process_time(),
        }

    def _user(self, wanted: str) -> User:
        for user in self._server.world.users.values():
            if wanted in (user.id, user.name):
                return user
        raise LookupError(f"There is no user {wanted!r}.")

    def _bot(self, wanted: str) -> Bot:
        user = self._user(wanted)
        if not isinstance(user, Bot):
            raise LookupError(f"{wanted!r} is no bot.")
        return user

    def _channel(self, wanted: str) -> Channel:
        channel = self._server.world.channels.get(wanted)
        if channel is None:
            raise LookupError(f"There is no channel with the id {wanted!r}.")
        return channel


def _told(message: Message) -> Json:
    return {
        "id": message.id,
        "text": message.text,
        "name": message.name,
        "webhook": message.webhook.id if message.webhook else None,
        "reply_to": message.reply_to_id,
        "pings": bool(message.pings),
    }

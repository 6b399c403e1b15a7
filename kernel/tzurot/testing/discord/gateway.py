"""The gateway: who may connect, which sessions exist, and which events they receive."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tzurot.testing.discord import connection as codes
from tzurot.testing.discord import payloads
from tzurot.testing.discord.connection import Connection
from tzurot.testing.discord.events import Event
from tzurot.testing.discord.faults import Faults
from tzurot.testing.discord.intents import KNOWN, PRIVILEGED, Intent
from tzurot.testing.discord.people import Bot
from tzurot.testing.discord.session import Session
from tzurot.testing.discord.world import World

SESSIONS_KEPT = 256
CLOSE_CODES_KEPT = 1_000
PATH, RESUME_PATH = "/gateway", "/gateway/resume"
MEMBERS_LIMIT = 1000


class Gateway:
    """Sessions and connections of all bots."""

    def __init__(
        self, world: World, changed: Callable[[], None], violate: Callable[[str, str, Any], None]
    ) -> None:
        self.heartbeat_seconds = 41.25
        self.identify_interval_seconds = 0.0
        """Discord allows one IDENTIFY in 5 seconds, and answers more with op 9; off to keep tests quick."""
        self.address = ""
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.close_codes: list[int] = []
        """The codes that connections ended with, oldest first."""
        self.faults = Faults(self)
        self.changed = changed
        self._world = world
        self._violate = violate
        self._last_identify: dict[str, float] = {}
        world.listeners.append(self._on_event)
        world.on_token_revoked = lambda bot: self.drop(codes.AUTHENTICATION_FAILED, bot)

    async def connect(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one WebSocket from handshake to close."""
        if self.faults.handshakes_refused:
            return web.Response(status=self.faults.handshakes_refused.pop(0), text="")
        socket = web.WebSocketResponse(max_msg_size=0, compress=False)
        await socket.prepare(request)
        query = request.query
        if query.get("v") != "10":
            self._violate(
                f"WS {request.path_qs}",
                "the gateway's address has no v=10; without it Discord speaks v6",
                None,
            )
            await socket.close(code=codes.INVALID_VERSION)
            return socket
        if query.get("encoding", "json") != "json":
            await socket.close(code=codes.DECODE_ERROR)
            return socket
        compress = query.get("compress") == "zlib-stream"
        one = Connection(
            self, socket, request.transport, compress=compress, resuming=request.path == RESUME_PATH
        )
        self.connections.add(one)
        self.changed()
        try:
            self._ended(one, await one.run())
        finally:
            self._forget(one)
        return socket

    def _ended(self, one: Connection, code: int) -> None:
        """Keep or end the session by the code that the connection ended with."""
        by_us = one.closed_by_us
        self.close_codes.append(by_us or code)
        del self.close_codes[:-CLOSE_CODES_KEPT]
        if one.session is None:
            return
        # A client that closes with 1000 or 1001 says that it won't come back; the server's own
        # 1000 and 1001 (its restarts) leave the session as it is.
        if (by_us is None and code in (1000, 1001)) or by_us in codes.ENDS_SESSION:
            one.session.valid = False

    def _forget(self, one: Connection) -> None:
        self.connections.discard(one)
        if one.session is not None and one.session.connection is one:
            one.session.connection = None
        self.changed()

    # Sessions

    def identify(self, one: Connection, data: dict[str, Any]) -> None:
        """Start a session, or refuse with Discord's close code."""
        bot = self._world.bot_of(str(data.get("token", "")).removeprefix("Bot "))
        if bot is None:
            one.close(codes.AUTHENTICATION_FAILED)
            return
        bot.identifies += 1
        bot.identifies_left -= 1
        if bot.identifies_left < 0:
            # Discord resets the token of a bot that identifies too often.
            bot.revoke_token()
            one.close(codes.AUTHENTICATION_FAILED)
            return
        refusal = _refusal(bot, data)
        if refusal:
            one.close(refusal)
            return
        now = time.monotonic()
        last = self._last_identify.get(bot.id)
        self._last_identify[bot.id] = now
        if last is not None and now - last < self.identify_interval_seconds:
            one.send_op(codes.INVALID_SESSION, False)
            return
        shard = data.get("shard") or (0, 1)
        session = Session(
            secrets.token_hex(16), bot, Intent(data["intents"]), (shard[0], shard[1]), self.faults.pass_event
        )
        self.sessions[session.id] = session
        self._drop_old_sessions()
        self._attach(session, one)
        self._welcome(session)

    def _welcome(self, session: Session) -> None:
        bot = session.bot
        guilds = [guild for guild in bot.guilds() if session.hosts(guild.id)]
        ready = {
            "v": 10,
            "user": payloads.own_user(bot),
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": f"{self.address}{RESUME_PATH}",
            "shard": list(session.shard),
            "application": {"id": bot.id, "flags": payloads.application_flags(bot)},
            "user_settings": {},
            "relationships": [],
            "private_channels": [],
            "presences": [],
            "guild_join_requests": [],
            "geo_ordered_rtc_regions": [],
            "_trace": ["test"],
        }
        session.dispatch("READY", json.dumps(ready))
        if session.intents & Intent.GUILDS:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", json.dumps(payloads.guild_create(guild, bot)))

    def resume(self, one: Connection, data: dict[str, Any]) -> None:
        """Continue a session with what it missed, or say that it is gone."""
        session = self.sessions.get(str(data.get("session_id")))
        bot = self._world.bot_of(str(data.get("token", "")).removeprefix("Bot "))
        if bot is None:
            one.close(codes.AUTHENTICATION_FAILED)
            return
        if not one.resuming_address:
            self._violate("WS RESUME", "a session has to be resumed at READY's resume_gateway_url", None)
        sequence = data.get("seq")
        if session is None or session.bot is not bot or not session.valid or not isinstance(sequence, int):
            one.send_op(codes.INVALID_SESSION, False)
            return
        if sequence > session.sequence:
            session.valid = False
            one.close(codes.INVALID_SEQUENCE)
            return
        if not session.can_replay(sequence):
            session.valid = False
            one.send_op(codes.INVALID_SESSION, False)
            return
        if session.connection is not None:
            session.connection.close(codes.UNKNOWN_ERROR)
        self._attach(session, one)
        session.resumes += 1
        for frame in session.missed(sequence):
            one.send(frame)
        session.dispatch("RESUMED", '{"_trace":["test"]}')

    def _attach(self, session: Session, one: Connection) -> None:
        session.connection = one
        one.session = session

    def _drop_old_sessions(self) -> None:
        self.sessions = {key: one for key, one in self.sessions.items() if one.valid or one.connection}
        while len(self.sessions) > SESSIONS_KEPT:
            del self.sessions[next(iter(self.sessions))]

    # Events

    def _on_event(self, event: Event) -> None:
        for session in self.sessions.values():
            hosted = session.valid and session.hosts(event.guild_id)
            if hosted and event.reaches(session.bot, session.intents):
                session.dispatch(event.name, event.text_for(session.bot, session.intents))
        self.changed()

    def dispatch(self, bot: Bot, name: str, data: Any) -> None:
        """Send any event, known or not, to the sessions of ``bot``."""
        for session in self.sessions_of(bot):
            session.dispatch(name, json.dumps(data))

    def send_members(self, session: Session, data: Any) -> None:
        """Answer a request for guild members with one chunk."""
        asked = data if isinstance(data, dict) else {}
        guild = self._world.guilds.get(str(asked.get("guild_id")))
        if guild is None:
            return
        wanted = asked.get("user_ids")
        ids = {str(one) for one in (wanted if isinstance(wanted, list) else [wanted])} if wanted else None
        query = str(asked.get("query") or "").lower()
        found = [
            payloads.member(one)
            for one in guild.members.values()
            if (ids is None or one.user.id in ids) and one.user.name.lower().startswith(query)
        ]
        chunk = {"guild_id": guild.id, "members": found[:MEMBERS_LIMIT], "chunk_index": 0, "chunk_count": 1}
        chunk["not_found"] = sorted(ids - guild.members.keys()) if ids else []
        if asked.get("nonce"):
            chunk["nonce"] = asked["nonce"]
        session.dispatch("GUILD_MEMBERS_CHUNK", json.dumps(chunk))

    def sessions_of(self, bot: Bot | None) -> list[Session]:
        """The valid sessions of one bot, or of all."""
        return [one for one in self.sessions.values() if one.valid and bot in (None, one.bot)]

    # Faults

    def _open(self, bot: Bot | None) -> list[Connection]:
        wanted = [one for one in self.connections if bot is None or (one.session and one.session.bot is bot)]
        return list(wanted)

    def drop(self, code: int | None, bot: Bot | None) -> None:
        """Close connections, or cut them when there is no code."""
        for one in self._open(bot):
            if code is None:
                one.cut()
            else:
                one.close(code)

    def ask_to_reconnect(self, bot: Bot | None) -> None:
        """Send op 7."""
        for one in self._open(bot):
            one.send_op(codes.RECONNECT)

    def invalidate(self, resumable: bool, bot: Bot | None) -> None:
        """Send op 9; sessions survive it only when it is resumable."""
        for one in self._open(bot):
            if one.session is not None:
                one.session.valid = resumable
                one.session.connection = None
                # After op 9 the same connection may identify anew.
                one.session = None
            one.send_op(codes.INVALID_SESSION, resumable)

    def silence(self, bot: Bot | None) -> None:
        """Send nothing more on the open connections."""
        for one in self._open(bot):
            one.silence()

    async def close(self) -> None:
        """Cut every connection at the server's end."""
        for one in list(self.connections):
            one.close(1001)


def _refusal(bot: Bot, data: dict[str, Any]) -> int:
    """The close code for an IDENTIFY that Discord wouldn't accept; 0 when it would."""
    intents, shard = data.get("intents"), data.get("shard")
    if not isinstance(data.get("properties"), dict):
        return codes.DECODE_ERROR
    if not isinstance(intents, int) or intents < 0 or intents & ~KNOWN:
        return codes.INVALID_INTENTS
    if intents & PRIVILEGED & ~bot.allowed_intents:
        return codes.DISALLOWED_INTENTS
    if shard is None:
        return 0
    whole = isinstance(shard, list) and len(shard) == 2 and all(isinstance(one, int) for one in shard)
    return 0 if whole and 0 <= shard[0] < shard[1] else codes.INVALID_SHARD

"""The way of a request through the API: faults, token, buckets, body, schema, handler, answer."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web

from tzurot.testing.discord import validation
from tzurot.testing.discord.buckets import Verdict
from tzurot.testing.discord.call import Call
from tzurot.testing.discord.errors import ApiError, invalid, not_found, refuse, unauthorized
from tzurot.testing.discord.faults import rate_limited
from tzurot.testing.discord.ids import is_snowflake
from tzurot.testing.discord.message import Attachment
from tzurot.testing.discord.people import Bot
from tzurot.testing.discord.records import RequestRecord
from tzurot.testing.discord.rest import ROUTES
from tzurot.testing.discord.routes import MAJOR, Route

if TYPE_CHECKING:
    from tzurot.testing.discord.server import DiscordServer

log = logging.getLogger("tzurot.testing")
PREFIX = "/api/v10"
FILE_LIMIT = 10 * 1024 * 1024
WORDS = frozenset({"@me", "@original"})


class Api:
    """Answers requests to ``/api/v10``."""

    def __init__(self, server: DiscordServer) -> None:
        self._server = server

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request and keep a record of it."""
        raw_path = request.rel_url.raw_path.removeprefix(PREFIX)
        found = ROUTES.find(request.method, raw_path)
        record = self._record(request, raw_path, found)
        try:
            response = await self._respond(request, found, record)
            record.status = response.status
        finally:
            self._server.changed()
        if response.status in (401, 403, 429) and response.headers.get("X-RateLimit-Scope") != "shared":
            self._server.invalid_requests += 1
        return response

    def _record(
        self, request: web.BaseRequest, raw_path: str, found: tuple[Route, dict[str, str]] | None
    ) -> RequestRecord:
        record = RequestRecord(
            request.method,
            found[0].template if found else raw_path,
            raw_path,
            found[1] if found else {},
            dict(request.query),
            request.headers.get("User-Agent", ""),
            asyncio.get_running_loop().time(),
            request.headers.get("X-Audit-Log-Reason"),
        )
        self._server.requests.append(record)
        return record

    async def _respond(
        self, request: web.BaseRequest, found: tuple[Route, dict[str, str]] | None, record: RequestRecord
    ) -> web.StreamResponse:
        faults = self._server.faults.take_http(record.method, record.route)
        struck = next((fault for fault in faults if fault.answers), None)
        headers: dict[str, str] = {}
        if struck is None:
            status, body = await self._carry_out(request, found, record, headers)
            response = _json(status, body)
        else:
            response = web.Response(
                status=struck.status or 500, text=struck.body, content_type=struck.content_type
            )
        for fault in faults:
            headers |= fault.headers
            if fault.seconds:
                await asyncio.sleep(fault.seconds)
        if any(fault.cut for fault in faults):
            _cut(request)
        response.headers.update(headers)
        return response

    async def _carry_out(
        self,
        request: web.BaseRequest,
        found: tuple[Route, dict[str, str]] | None,
        record: RequestRecord,
        headers: dict[str, str],
    ) -> tuple[int, Any]:
        try:
            if found is None:
                raise self._unserved(record)
            route, params = found
            call = Call(self._server.world, params, record.query, server=self._server)
            call.asker = self._authenticate(request, route)
            verdict = self._count(call, route, record)
            headers |= verdict.headers
            if verdict.refused:
                await request.read()
                return 429, rate_limited(verdict.retry_after, verdict.everywhere)
            _check_ids(params)
            await _read_body(request, call, record)
            self._validate(call, route)
            body = route.handler(call)
            return call.status or (204 if body is None else 200), body
        except ApiError as error:
            if error.code in (50006, 50035, 50109):
                self._server.violate(record.key, json.dumps(error.body()), record.body)
            return error.status, error.body()
        except Exception as error:  # the test's author has to learn of it, and the client gets Discord's 500
            log.exception("The Discord test server failed at %s", record.key)
            self._server.violate(record.key, f"the test server itself failed: {error!r}", record.body)
            return 500, {"message": "500: Internal Server Error", "code": 0}

    def _unserved(self, record: RequestRecord) -> ApiError:
        self._server.violate(record.key, "the test server serves no such route", None)
        return not_found()

    def _authenticate(self, request: web.BaseRequest, route: Route) -> Bot | None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        bot = self._server.world.bot_of(token) if kind == "Bot" else None
        if bot is None and route.auth:
            raise unauthorized()
        return bot

    def _count(self, call: Call, route: Route, record: RequestRecord) -> Verdict:
        if not route.limited:
            return Verdict({})
        major = "/".join(call.params[name] for name in MAJOR if name in call.params)
        bot = call.asker.id if call.asker and route.auth else None
        return self._server.buckets.take(record.key, f"{major}:{call.asker.id if call.asker else ''}", bot)

    def _validate(self, call: Call, route: Route) -> None:
        if route.method in ("GET", "DELETE"):
            return
        if callable(route.schema):
            name = route.schema(call)
        else:
            name = route.schema
        pointer = validation.component(name) if name else validation.body_of(route.method, route.template)
        if pointer is None:
            return
        call.body = {} if call.body is None else call.body
        if self._server.validate:
            refusal = validation.check(pointer, call.body)
            if refusal is not None:
                raise refusal


async def _read_body(request: web.BaseRequest, call: Call, record: RequestRecord) -> None:
    if not request.can_read_body:
        return
    if request.content_type == "multipart/form-data":
        text = await _read_form(request, call)
    else:
        text = await request.text()
    if text:
        try:
            call.body = json.loads(text)
        except ValueError:
            raise refuse(50109) from None
    record.body = call.body
    record.files = [one.filename for one in call.uploads.values()]


async def _read_form(request: web.BaseRequest, call: Call) -> str:
    text = ""
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            # A form within the form; Discord takes none.
            continue
        content = await part.read(decode=True)
        name = part.name or ""
        if name == "payload_json":
            text = bytes(content).decode()
        elif name.startswith("files["):
            if len(content) > FILE_LIMIT:
                raise ApiError(413, 40005, "Request entity too large")
            media_type = part.headers.get("Content-Type", "application/octet-stream").partition(";")[0]
            filename = part.filename or "unknown"
            call.uploads[name[6:-1]] = Attachment(filename, bytes(content), media_type)
    return text


def _check_ids(params: Mapping[str, str]) -> None:
    for name, value in params.items():
        if name.endswith("_id") and value not in WORDS and not is_snowflake(value):
            raise invalid(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')


def _cut(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()


def _json(status: int, body: Any) -> web.Response:
    if body is None:
        return web.Response(status=status)
    return web.Response(status=status, text=json.dumps(body), content_type="application/json")

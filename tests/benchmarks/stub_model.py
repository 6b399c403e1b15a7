"""A model server that streams the same short answer: ``python stub_model.py``."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

WORDS = ("I ", "hear ", "you", ".")


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "stub", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


BODY = b"".join([*(_event({"content": word}) for word in WORDS), _event({}, "stop"), b"data: [DONE]\n\n"])


async def complete(request: web.Request) -> web.Response:
    """Answer any request."""
    await request.read()
    return web.Response(body=BODY, content_type="text/event-stream")


async def models(request: web.Request) -> web.Response:
    """One model."""
    return web.json_response({"object": "list", "data": [{"id": "stub", "object": "model"}]})


async def main() -> None:
    """Serve until terminated."""
    app = web.Application()
    app.add_routes([web.post("/v1/chat/completions", complete), web.get("/v1/models", models)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"base": f"http://127.0.0.1:{runner.addresses[0][1]}/v1"}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())

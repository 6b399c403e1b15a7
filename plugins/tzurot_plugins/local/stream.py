"""Reads a streamed answer of llama.cpp's server, and says in our words how it failed."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import aiohttp

from tzurot import Category, Delta, Finish, GenerationError, ToolCallPart, Usage

_LONGEST_REFUSAL = 1 << 16


class Broken(Exception):
    """The connection to the server broke, or never came about."""


async def stream(
    session: aiohttp.ClientSession, url: str, key: str, body: dict[str, Any]
) -> AsyncGenerator[Delta, None]:
    """The deltas of one completion. Closing the iterator closes the connection, and the server stops.

    Raises:
        GenerationError: the server refused, or failed while it answered.
        Broken: the server is gone.
    """
    finished = False
    try:
        async with session.post(
            f"{url}/v1/chat/completions", json=body, headers={"Authorization": f"Bearer {key}"}
        ) as response:
            if response.status != 200:
                raise _refusal(response.status, (await response.content.read(_LONGEST_REFUSAL)))
            async for line in response.content:
                for delta in deltas(line):
                    finished = finished or delta.finish is not None
                    yield delta
    except (aiohttp.ClientError, ConnectionError, ValueError) as error:
        raise Broken(f"{type(error).__name__}: {error}") from error
    if not finished:
        raise Broken("the answer stopped in the middle")


def deltas(line: bytes) -> Iterator[Delta]:
    """What one line of the event stream says: nothing, or a delta or two.

    Raises:
        GenerationError: the line is an error.
        ValueError: the line is garbage.
    """
    kind, _, data = line.strip().partition(b":")
    if kind not in (b"data", b"error") or data.strip() == b"[DONE]":
        return
    said = json.loads(data)
    if not isinstance(said, dict):
        raise ValueError("an event that is no object")
    if kind == b"error" or "error" in said:
        raise _failure(said.get("error", said), None)
    try:
        yield from _event(said)
    except (AttributeError, TypeError) as error:
        raise ValueError(f"an event of another shape: {error}") from error


def _event(said: dict[str, Any]) -> Iterator[Delta]:
    model = said.get("model")
    for choice in said.get("choices") or ():
        yield from _choice(choice, model if isinstance(model, str) else None)
    if isinstance(usage := said.get("usage"), dict):
        yield Delta(usage=_usage(usage))


def _choice(choice: dict[str, Any], model: str | None) -> Iterator[Delta]:
    delta = choice.get("delta") or {}
    finish = choice.get("finish_reason")
    for call in delta.get("tool_calls") or ():
        function = call.get("function") or {}
        yield Delta(
            tool=ToolCallPart(
                int(call.get("index") or 0),
                call.get("id") or "",
                function.get("name") or "",
                function.get("arguments") or "",
            )
        )
    text, reasoning = str(delta.get("content") or ""), str(delta.get("reasoning_content") or "")
    if text or reasoning or finish:
        yield Delta(text, reasoning, finish=_finish(finish), model=model)


def _finish(reason: str | None) -> Finish | None:
    if reason is None:
        return None
    try:
        return Finish(reason)
    except ValueError:
        return Finish.STOP


def _usage(usage: dict[str, Any]) -> Usage:
    details = usage.get("prompt_tokens_details") or {}
    return Usage(
        int(usage.get("prompt_tokens") or 0),
        int(usage.get("completion_tokens") or 0),
        int(details.get("cached_tokens") or 0),
    )


def _refusal(status: int, said: bytes) -> GenerationError:
    try:
        answer = json.loads(said)
    except ValueError:
        answer = None
    error = answer.get("error") if isinstance(answer, dict) else None
    return _failure(error if error is not None else said.decode("utf-8", "replace")[:300], status)


def _failure(error: object, status: int | None) -> GenerationError:
    fields = error if isinstance(error, dict) else {"message": str(error)}
    text = " ".join(str(fields.get("message") or "no reason given").split())[:300]
    if fields.get("type") == "exceed_context_size_error":
        return GenerationError(
            Category.CONTEXT_LENGTH,
            f"The prompt is too long for the local model: {text}. Raise plugins.local.context_size in "
            "tzurot.yaml, or lower the setting context_window_tokens.",
            status=status,
        )
    bad = status is not None and 400 <= status < 500
    category = Category.BAD_REQUEST if bad else Category.SERVER_ERROR
    return GenerationError(category, f"The local model refused the request: {text}.", status=status)

"""Builds the body of a chat completion from a request."""

from __future__ import annotations

import re
from collections.abc import Collection

from tzurot import JsonValue, PromptMessage, Request, ToolSpec
from tzurot.settings.parameters import to_api
from tzurot.settings.wire import Body, Dialect
from tzurot_plugins.openai.config import Operator

# What OpenAI allows as a participant's name; other servers ignore names or choke on them.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAMING = frozenset({Dialect.OPENAI, Dialect.OPENROUTER})


def build(request: Request, dialect: Dialect, supported: Collection[str] | None, operator: Operator) -> Body:
    """The body of ``request``, with only those parameters that the model supports."""
    body: Body = {
        **operator.extra_body,
        **to_api(request.parameters, dialect, supported),
        "model": request.model,
        "messages": [_message(message, dialect) for message in request.messages],
        "stream": True,
    }
    if operator.stream_options:
        body["stream_options"] = {"include_usage": True}
    if request.tools and operator.tool_calls and (supported is None or "tools" in supported):
        body["tools"] = [_tool(tool) for tool in request.tools]
    _make_room_for_thinking(body)
    return body


def _message(message: PromptMessage, dialect: Dialect) -> JsonValue:
    sent: Body = {"role": message.role.value, "content": message.content}
    if message.name and dialect in _NAMING and _NAME.fullmatch(message.name):
        sent["name"] = message.name
    if message.tool_call_id is not None:
        sent["tool_call_id"] = message.tool_call_id
    return sent


def _tool(tool: ToolSpec) -> JsonValue:
    function: Body = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    return {"type": "function", "function": function}


def _make_room_for_thinking(body: Body) -> None:
    """A budget for thinking counts against the answer's limit, and providers refuse one that fills it."""
    reasoning, limit = body.get("reasoning"), body.get("max_tokens")
    budget = reasoning.get("max_tokens") if isinstance(reasoning, dict) else None
    if isinstance(budget, int) and isinstance(limit, int) and limit <= budget:
        body["max_tokens"] = budget + limit

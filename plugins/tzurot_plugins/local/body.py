"""From a request to the body that llama.cpp's server is sent."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tzurot.payloads.generation import JsonValue, PromptMessage, Request
from tzurot.settings.cascade import Resolved
from tzurot.settings.parameters import to_api
from tzurot.settings.scopes import Scope
from tzurot.settings.wire import Body, Dialect

GENTLE: Mapping[str, JsonValue] = MappingProxyType(
    {"temperature": 0.5, "repetition_penalty": 1.1, "max_tokens": 120}
)
"""What suits the small bundled model where nobody chose anything: it rambles and repeats itself otherwise."""


def body(request: Request, settings: Resolved, *, bundled: bool) -> Body:
    """The body of a streamed chat completion."""
    parameters = dict(request.parameters)
    if bundled:
        parameters |= {name: value for name, value in GENTLE.items() if _unchosen(name, parameters, settings)}
    made = to_api(parameters, Dialect.LLAMACPP)
    made["messages"] = [_message(each) for each in request.messages]
    made["stream"] = True
    made["stream_options"] = {"include_usage": True}
    made["cache_prompt"] = True
    if request.tools and not bundled:
        made["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": dict(tool.parameters),
                },
            }
            for tool in request.tools
        ]
    return made


def _unchosen(name: str, parameters: Mapping[str, JsonValue], settings: Resolved) -> bool:
    """Whether a parameter still is what is built in: neither anybody's setting nor a plugin's edit."""
    if settings.source(name).scope is not Scope.BUILT_IN:
        return False
    built_in = None if settings.is_off(name) else settings[name]
    return parameters.get(name) == built_in


def _message(each: PromptMessage) -> JsonValue:
    made: dict[str, JsonValue] = {"role": str(each.role), "content": each.content}
    if each.tool_call_id is not None:
        made["tool_call_id"] = each.tool_call_id
    return made

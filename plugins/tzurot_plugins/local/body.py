"""From a request to the body that llama.cpp's server is sent."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tzurot import JsonValue, PromptMessage, Request, Resolved
from tzurot.settings.parameters import to_api
from tzurot.settings.scopes import Scope
from tzurot.settings.wire import Body, Dialect

GENTLE: Mapping[str, JsonValue] = MappingProxyType(
    {"temperature": 0.5, "repetition_penalty": 1.1, "max_tokens": 120, "stop": ["\n"]}
)
"""What suits the small bundled model, which rambles and repeats itself otherwise: one paragraph, calmly."""

_LIMITS = ("temperature", "max_tokens")


def body(request: Request, settings: Resolved, *, bundled: bool) -> Body:
    """The body of a streamed chat completion."""
    parameters = dict(request.parameters)
    if bundled:
        parameters |= {name: _gentle(name, parameters, settings) for name in GENTLE}
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


def _gentle(name: str, parameters: Mapping[str, JsonValue], settings: Resolved) -> JsonValue:
    """A parameter for the bundled model; ``None`` leaves it out.

    What somebody chose, or a plugin edited, is kept. A pack's author had a larger model in mind, so of
    their limits the tighter ones count.
    """
    given, gentle, scope = parameters.get(name), GENTLE[name], settings.source(name).scope
    resolved = None if settings.is_off(name) else settings[name]
    if given != resolved:
        return given
    if scope is Scope.BUILT_IN:
        return gentle
    if scope is Scope.CHARACTER and name in _LIMITS and not _less(given, gentle):
        return gentle
    return given


def _less(given: JsonValue, gentle: JsonValue) -> bool:
    return isinstance(given, int | float) and isinstance(gentle, int | float) and given < gentle


def _message(each: PromptMessage) -> JsonValue:
    made: dict[str, JsonValue] = {"role": str(each.role), "content": each.content}
    if each.tool_call_id is not None:
        made["tool_call_id"] = each.tool_call_id
    return made

"""Which handler serves a request: a table of method and path template, as the OpenAPI document has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tzurot.testing.discord.call import Call

Handler = Callable[[Call], Any]
"""Answers a call with JSON (200), or with None (204); refuses with an ApiError."""

MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token")
"""Parameters that each have a bucket of their own."""


@dataclass(slots=True, frozen=True)
class Route:
    """One endpoint.

    ``schema`` names the component schema for the body, or chooses it from the call; without it the
    document's own schema for the path is taken. ``auth`` is False where the path's token is enough.
    """

    method: str
    template: str
    handler: Handler
    schema: str | Callable[[Call], str | None] | None = None
    auth: bool = True
    limited: bool = True

    @property
    def key(self) -> str:
        """The route's name in logs, buckets and faults."""
        return f"{self.method} {self.template}"


@dataclass(slots=True)
class _Node:
    fixed: dict[str, _Node] = field(default_factory=dict)
    anything: _Node | None = None
    routes: dict[str, Route] = field(default_factory=dict)


class Routes:
    """Finds the route of a path, segment by segment; a fixed segment wins over a parameter."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            node = self._root
            for segment in route.template.strip("/").split("/"):
                if segment.startswith("{"):
                    node.anything = node.anything or _Node()
                    node = node.anything
                else:
                    node = node.fixed.setdefault(segment, _Node())
            node.routes[route.method] = route

    def find(self, method: str, raw_path: str) -> tuple[Route, dict[str, str]] | None:
        """The route and its parameters for a path that is still percent-encoded."""
        segments = raw_path.strip("/").split("/")
        node = self._descend(self._root, segments, 0, method)
        if node is None:
            return None
        route = node.routes[method]
        names = route.template.strip("/").split("/")
        return route, {
            name[1:-1]: unquote(segment)
            for name, segment in zip(names, segments, strict=True)
            if name.startswith("{")
        }

    def _descend(self, node: _Node, segments: list[str], at: int, method: str) -> _Node | None:
        if at == len(segments):
            return node if method in node.routes else None
        fixed = node.fixed.get(segments[at]) or node.fixed.get(unquote(segments[at]))
        if fixed is not None:
            found = self._descend(fixed, segments, at + 1, method)
            if found is not None:
                return found
        return self._descend(node.anything, segments, at + 1, method) if node.anything else None

"""From resolved settings to the fragments of a request's body that a model's server is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tzurot.settings.fields import OFF, Value
from tzurot.settings.registry import CORE, Registry
from tzurot.settings.wire import Body, Dialect


def to_api(
    values: Mapping[str, Value],
    dialect: Dialect = Dialect.GENERIC,
    supported_parameters: Collection[str] | None = None,
    registry: Registry = CORE,
) -> Body:
    """The part of a chat completion's body that the settings make up.

    ``values`` are resolved settings or a request's parameters, by their registry names. Only what the
    model supports is sent; ``None`` means that nobody knows, and everything is. *Off* sends nothing.
    """
    body: Body = {}
    for each in registry:
        if each.api is None:
            continue
        value = values.get(each.name)
        if value is None or value is OFF or _said_better(each.api.yields_to, values):
            continue
        each.api.put(body, value, dialect, supported_parameters)
    return body


def _said_better(name: str, values: Mapping[str, Value]) -> bool:
    return bool(name) and values.get(name, OFF) is not OFF

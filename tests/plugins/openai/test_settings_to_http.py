"""The law of settings: from a user's bag in the database to the body of the HTTP request, none is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.kernel.settings.conftest import stored_values
from tests.plugins.openai.conftest import Bench, chunk, gather, request_with, sse, turn_with

from tzurot.settings.cascade import Resolved, resolve
from tzurot.settings.fields import OFF
from tzurot.settings.model_parameters import MODEL
from tzurot.settings.registry import CORE
from tzurot.settings.scopes import EVERYWHERE, Scope
from tzurot.settings.wire import Dialect

PARAMETERS = [field for field in CORE if field.api]


@pytest.mark.parametrize("dialect", Dialect)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
async def test_every_setting_travels_from_the_database_into_the_request(bench, dialect, data):
    bag = json.loads(json.dumps(data.draw(bags, label="database")))
    asked = await ask_under(
        bench, bag, lambda name: data.draw(st.sampled_from(sorted(CORE[name].scopes))), dialect
    )
    body, resolved = asked
    assert body["model"] == ("m/default" if bag.get("model", "auto") == "auto" else bag["model"])
    for field in PARAMETERS:
        value = field.parse(bag[field.name]) if field.name in bag else field.default
        assert travelled(field, value, resolved, dialect, body), (field.name, value, body)


bags = st.fixed_dictionaries(
    {}, optional={field.name: stored_values(field) for field in [*PARAMETERS, MODEL]}
)


async def ask_under(
    bench: Callable[..., Bench], bag: dict[str, Any], scope_of: Callable[[str], Scope], dialect: Dialect
) -> tuple[dict[str, Any], Resolved]:
    """The body that is sent when each setting of ``bag`` is stored at some scope."""
    at: dict[Scope, dict[str, Any]] = {scope: {} for scope in EVERYWHERE}
    for name, value in bag.items():
        at[scope_of(name)][name] = value
    layers = [CORE.read(scope, "7", values) for scope, values in at.items()]
    assert [problem for layer in layers for problem in layer.problems] == []
    turn = turn_with()
    turn.settings = resolve(layers)
    asked = bench(sse(chunk("Hi"), chunk(finish="stop")), dialect=dialect, model="m/default")
    await gather(asked.plugin.generate(turn, request_with(turn, str(turn.settings["model"]))))
    return asked.bodies[0], turn.settings


def travelled(field, value, resolved, dialect, body):
    """Whether the body holds exactly what the declaration of ``field`` promises."""
    wire = field.api
    silent = value is OFF or (wire.yields_to and resolved[wire.yields_to] is not OFF)
    expected = None if silent or dialect not in wire.dialects else wire.encode(value, dialect)
    path = wire.key_for(dialect, None)
    there: Any = body
    for key in (path or "").split("."):
        there = there.get(key) if isinstance(there, dict) else None
    if expected is None:
        return path is None or there is None or shared(field, resolved, path, dialect)
    if field.name == "max_tokens" and isinstance(budget := body.get("reasoning", {}).get("max_tokens"), int):
        return there in (expected, expected + budget)
    return there == expected


def shared(field, resolved, path, dialect):
    """Another setting that is set writes to the same place."""
    return any(
        other is not field and other.api.key_for(dialect, None) == path and resolved[other.name] is not OFF
        for other in PARAMETERS
    )

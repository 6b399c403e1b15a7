"""From resolved settings to a request's body, in every dialect, for models that support all or little."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tzurot.settings.cascade import resolve
from tzurot.settings.parameters import to_api
from tzurot.settings.registry import CORE
from tzurot.settings.scopes import Scope
from tzurot.settings.wire import Dialect

PARAMETERS = [field for field in CORE if field.api]


def body(bag, dialect=Dialect.GENERIC, supported=None):
    return to_api(resolve([CORE.read(Scope.USER, "7", bag)]), dialect, supported)


def at(body, path):
    for key in path.split("."):
        body = body[key]
    return body


@settings(max_examples=20, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("field", PARAMETERS, ids=lambda f: f.name)
def test_every_parameter_reaches_the_body_in_every_dialect_that_knows_it(field, stored, data):
    value = data.draw(stored(field).filter(lambda v: v != "off" or not field.nullable_off))
    dialect = data.draw(st.sampled_from(sorted(field.api.dialects)))
    encoded = field.api.encode(value, dialect)
    sent = body({field.name: value}, dialect)
    path = field.api.key_for(dialect, None)
    if encoded is None:
        assert path.split(".")[0] not in sent
    else:
        assert at(sent, path) == encoded


@pytest.mark.parametrize("field", PARAMETERS, ids=lambda f: f.name)
@pytest.mark.parametrize("dialect", Dialect)
def test_a_parameter_that_is_off_is_not_sent(field, dialect):
    if field.nullable_off:
        key = field.api.key_for(dialect, None)
        assert key is None or key.split(".")[0] not in body({field.name: "off"}, dialect)


def test_only_what_the_model_supports_is_sent():
    bag = {"temperature": 1, "top_k": 40, "seed": 3, "route": "fallback"}
    assert body(bag, Dialect.OPENROUTER, ["seed", "max_tokens"]) == {
        "seed": 3,
        "max_tokens": 4096,
        "route": "fallback",
    }


@pytest.mark.parametrize(
    ("dialect", "supported", "key"),
    [
        (Dialect.GENERIC, None, "max_tokens"),
        (Dialect.OPENAI, None, "max_completion_tokens"),
        (Dialect.OPENROUTER, ["max_completion_tokens"], "max_completion_tokens"),
        (Dialect.OPENROUTER, ["max_tokens", "max_completion_tokens"], "max_tokens"),
    ],
)
def test_the_name_of_the_answers_limit_is_negotiated(dialect, supported, key):
    assert body({"max_tokens": 99, "temperature": "off"}, dialect, supported) == {key: 99}


@pytest.mark.parametrize(
    ("dialect", "off", "most"),
    [
        (Dialect.OPENROUTER, {"reasoning": {"effort": "none"}}, {"reasoning": {"effort": "xhigh"}}),
        (Dialect.OPENAI, {"reasoning_effort": "none"}, {"reasoning_effort": "xhigh"}),
        (Dialect.ZAI, {"thinking": {"type": "disabled"}}, {"thinking": {"type": "enabled"}}),
        (
            Dialect.LLAMACPP,
            {"chat_template_kwargs": {"enable_thinking": False}},
            {"chat_template_kwargs": {"enable_thinking": True}},
        ),
    ],
)
def test_thinking_is_told_in_the_words_of_each_dialect(dialect, off, most):
    quiet = {"temperature": "off", "max_tokens": "off"}
    assert body({**quiet, "thinking": "off"}, dialect) == off
    assert body({**quiet, "thinking": "max"}, dialect) == most
    assert body({**quiet, "thinking": "auto"}, dialect) == {}


def test_detailed_reasoning_wins_over_thinking():
    sent = body({"thinking": "low", "reasoning": {"max_tokens": 2000, "exclude": True}}, Dialect.OPENROUTER)
    assert sent["reasoning"] == {"max_tokens": 2000, "exclude": True}


def test_small_local_servers_get_the_penalty_under_their_own_name():
    assert body({"repetition_penalty": 1.1}, Dialect.LLAMACPP)["repeat_penalty"] == 1.1


def test_middle_out_asks_for_its_successor():
    sent = body({"transforms": ["middle-out"]}, Dialect.OPENROUTER)
    assert sent["plugins"] == [{"id": "context-compression"}]

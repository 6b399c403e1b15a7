"""What llama.cpp is sent."""

from __future__ import annotations

import pytest

from tzurot.payloads.context import Role
from tzurot.payloads.generation import PromptMessage, Request, ToolSpec
from tzurot.settings.cascade import resolve
from tzurot.settings.layers import Layer
from tzurot.settings.scopes import Scope
from tzurot_plugins.local.body import GENTLE, body

MESSAGES = (PromptMessage(Role.SYSTEM, "You are Mara."), PromptMessage(Role.USER, "Hello"))


def made(settings=(), *, bundled=True, edited=None, scope=Scope.CHARACTER, **extra):
    layers = [Layer(scope, "mara/mara", dict(settings))] if settings else []
    resolved = resolve(layers)
    parameters = {**resolved.parameters(), **(edited or {})}
    return body(Request("local", MESSAGES, parameters, **extra), resolved, bundled=bundled)


def test_messages_keep_role_order_and_text():
    assert made()["messages"] == [
        {"role": "system", "content": "You are Mara."},
        {"role": "user", "content": "Hello"},
    ]


def test_the_small_model_gets_gentle_settings_where_nobody_chose_any():
    sent = made()
    assert sent["temperature"] == GENTLE["temperature"]
    assert sent["repeat_penalty"] == GENTLE["repetition_penalty"]
    assert sent["max_tokens"] == GENTLE["max_tokens"]
    assert sent["stop"] == ["\n"]


def test_what_somebody_chose_is_sent_even_if_it_equals_the_default():
    chosen = {"temperature": 0.7, "max_tokens": 4096, "repetition_penalty": 1.3}
    sent = made(chosen, scope=Scope.CHANNEL)
    assert (sent["temperature"], sent["max_tokens"], sent["repeat_penalty"]) == (0.7, 4096, 1.3)


def test_of_a_packs_limits_the_small_model_gets_the_tighter_ones():
    sent = made({"temperature": 1.2, "max_tokens": 300, "repetition_penalty": 1.3, "stop": ["END"]})
    assert (sent["temperature"], sent["max_tokens"]) == (0.5, 120)
    assert (sent["repeat_penalty"], sent["stop"]) == (1.3, ["END"])
    sent = made({"temperature": 0.1, "max_tokens": 9})
    assert (sent["temperature"], sent["max_tokens"]) == (0.1, 9)


def test_another_model_gets_a_packs_limits_as_they_are():
    assert made({"max_tokens": 300}, bundled=False)["max_tokens"] == 300


def test_what_a_plugin_edited_is_sent():
    assert made(edited={"max_tokens": 9})["max_tokens"] == 9


def test_another_model_gets_what_the_settings_say():
    sent = made(bundled=False)
    assert sent["temperature"] == 0.7
    assert "repeat_penalty" not in sent


@pytest.mark.parametrize("name", ["top_p", "top_k", "min_p", "seed", "frequency_penalty", "presence_penalty"])
def test_sampling_settings_reach_the_server(name):
    assert made({name: 1})[name] == 1


def test_stop_texts_reach_the_server():
    assert made({"stop": ["\nAna:"]})["stop"] == ["\nAna:"]


def test_tools_are_offered_to_models_that_may_know_them():
    tools = (ToolSpec("roll", "Roll dice.", {"type": "object"}),)
    assert "tools" not in made(tools=tools)
    assert made(tools=tools, bundled=False)["tools"][0]["function"]["name"] == "roll"

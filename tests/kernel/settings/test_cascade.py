"""The cascade: who wins, where a value came from, locks, and bags that hold more than we know."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tzurot.settings.cascade import Source, resolve
from tzurot.settings.fields import OFF
from tzurot.settings.layers import Layer
from tzurot.settings.model_parameters import MAX_TOKENS, MODEL, TEMPERATURE
from tzurot.settings.registry import CORE
from tzurot.settings.scopes import EVERYWHERE, LOCKING, Scope

SCOPES = sorted(EVERYWHERE)


def layer(scope, values, locks=(), id="7"):
    return CORE.read(scope, id, values, locks=locks)


@settings(max_examples=20, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("field", CORE, ids=lambda f: f.name)
def test_the_highest_scope_that_says_something_wins_and_is_named(field, stored, data):
    given_layers = {
        scope: data.draw(st.none() | stored(field), label=scope.words)
        for scope in data.draw(st.permutations(sorted(field.scopes)))
    }
    layers = [layer(s, {} if v is None else {field.name: v}) for s, v in given_layers.items()]
    resolved = resolve(layers)
    said = [scope for scope, value in given_layers.items() if value is not None]
    if said:
        winner = max(said)
        assert resolved[field.name] == field.parse(given_layers[winner])
        assert resolved.source(field.name) == Source(winner, "7")
    else:
        assert resolved[field.name] == field.default
        assert resolved.source(field.name).scope is Scope.BUILT_IN
    assert resolved.value(field) == (None if resolved[field.name] is OFF else resolved[field.name])


@settings(max_examples=20, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("field", CORE, ids=lambda f: f.name)
def test_no_higher_scope_changes_a_locked_value(field, stored, data):
    values = {scope: data.draw(st.none() | stored(field)) for scope in sorted(field.scopes)}
    locking = data.draw(st.sampled_from(sorted(LOCKING)))

    def layers(scopes):
        return [
            layer(
                s,
                {} if values.get(s) is None else {field.name: values[s]},
                [field.name] if s is locking else [],
            )
            for s in scopes
        ]

    resolved = resolve(layers(SCOPES))
    assert resolved[field.name] == resolve(layers(s for s in SCOPES if s <= locking))[field.name]
    assert resolved.lock(field.name) == Source(locking, "7")
    in_vain = [s for s in SCOPES if s > locking and values.get(s) is not None]
    assert [ignored.source.scope for ignored in resolved.ignored(field.name)] == in_vain


def test_absent_inherits_and_off_is_a_choice():
    pack = layer(Scope.CHARACTER, {"max_tokens": 300, "temperature": 1.2})
    user = layer(Scope.USER, {"max_tokens": "off"})
    resolved = resolve([pack, user])
    assert resolved["max_tokens"] is OFF
    assert resolved.value(MAX_TOKENS) is None
    assert resolved.value(TEMPERATURE) == 1.2
    assert "max_tokens" not in resolved.parameters()
    assert resolved.parameters()["temperature"] == 1.2


def test_users_cannot_lock():
    user = layer(Scope.USER, {"model": "a/b"}, locks=["model"])
    mine = layer(Scope.USER_CHARACTER, {"model": "c/d"})
    assert str(user.problems[0]) == (
        "locks: a user can't lock settings. Locks are for: instance, guild, channel."
    )
    assert resolve([user, mine]).value(MODEL) == "c/d"


def test_the_later_of_two_layers_of_one_scope_wins():
    channel, thread = (layer(Scope.CHANNEL, {"model": m}, id=m) for m in ("c", "t"))
    assert resolve([channel, thread]).source("model") == Source(Scope.CHANNEL, "t")


def test_what_a_bag_holds_beyond_our_knowledge_is_reported_and_kept():
    bag = {"temprature": 1, "weather": {"city": "Haifa"}, "top_p": 0.5}
    read = layer(Scope.GUILD, bag)
    assert [str(p) for p in read.problems] == [
        "temprature: there is no such setting. Did you mean temperature?",
        "weather: there is no such setting. The documentation lists them all.",
    ]
    assert read.as_json() == bag
    assert layer(Scope.GUILD, json.loads(json.dumps(read.as_json()))).as_json() == bag


def test_a_wrong_value_is_reported_and_the_one_below_holds():
    pack = layer(Scope.CHARACTER, {"temperature": 0.4})
    user = layer(Scope.USER, {"temperature": 9, "stop": ["ok", ""]})
    resolved = resolve([pack, user])
    assert resolved.value(TEMPERATURE) == 0.4
    assert str(user.problems[0]) == "temperature: expected a number from 0 to 2, got 9."
    assert str(user.problems[1]).startswith("stop[1]: expected a text of 1 to 200 characters")


def test_a_setting_counts_only_where_it_may_be_set():
    read = layer(Scope.CHARACTER, {"share_ltm_across_personalities": True})
    assert "can't be set for a character. It can be set for: instance, user" in str(read.problems[0])
    assert resolve([read])["share_ltm_across_personalities"] is False


@settings(max_examples=50, deadline=None)
@given(
    bag=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from([f.name for f in CORE]) | st.text(), inner)
        ),
    )
)
def test_no_stored_bag_breaks_the_cascade(bag):
    assert set(resolve([layer(Scope.USER, bag)])) == {field.name for field in CORE}


def test_a_layer_of_a_larger_registry_does_no_harm():
    assert "mood" not in resolve([Layer(Scope.USER, "7", {"mood": "calm"})])


def test_an_unknown_name_is_answered_with_the_likely_one():
    with pytest.raises(KeyError, match="Did you mean max_tokens"):
        resolve([])["maxTokens"]

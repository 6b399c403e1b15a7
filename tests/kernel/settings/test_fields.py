"""Every declared setting: what it accepts, what it says about itself, and how it comes back from storage."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tzurot.settings.describe import field_schema, lock_schema, schema, table
from tzurot.settings.fields import OFF, BadField, Category, Field, to_json
from tzurot.settings.kinds import Choice, Text, Unfit, Whole
from tzurot.settings.model_parameters import LOGIT_BIAS, MAX_TOKENS, REASONING, TEMPERATURE, THINKING
from tzurot.settings.registry import CORE, Registry
from tzurot.settings.scopes import Scope

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=9).map(lambda t: t.rstrip("\n"))
    | st.sampled_from(["off", "auto", "high", "effort"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "effort", "12", "x", "max_tokens"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=20, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("field", CORE, ids=lambda f: f.name)
def test_what_is_stored_comes_back_the_same_from_json_and_yaml(field, stored, data):
    given_value = data.draw(stored(field))
    value = field.parse(json.loads(json.dumps(given_value)))
    assert field.parse(json.loads(json.dumps(to_json(value)))) == value
    assert field.parse(yaml.safe_load(yaml.safe_dump(to_json(value)))) == value
    assert (value is OFF) == (given_value == "off" and field.nullable_off)


@settings(max_examples=20, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("field", CORE, ids=lambda f: f.name)
def test_schema_and_code_accept_the_same_values(field, stored, data):
    value = data.draw(json_values | stored(field))
    validator = jsonschema.Draft202012Validator(field_schema(field))
    try:
        field.parse(value)
    except Unfit:
        assert not validator.is_valid(value)
    else:
        assert validator.is_valid(value)


@pytest.mark.parametrize("field", CORE, ids=lambda f: f.name)
def test_every_setting_is_described_for_people(field):
    assert field.description[0].isupper() or field.description[0] == "`"
    assert field.description.endswith(".")
    assert f"`{field.name}`" in table(CORE)
    assert field_schema(field)["description"].startswith(field.description)


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        (TEMPERATURE, "hot", 'expected a number from 0 to 2, got "hot"'),
        (TEMPERATURE, 2.5, "expected a number from 0 to 2, got 2.5"),
        (TEMPERATURE, True, "expected a number from 0 to 2, got true"),
        (TEMPERATURE, float("nan"), "expected a number from 0 to 2, got nan"),
        (MAX_TOKENS, 10**400, "got a number with too many digits"),
        (MAX_TOKENS, None, 'Leave the key out to inherit, or write "off" to switch it off.'),
        (MAX_TOKENS, False, 'Write "off", in quotes, to switch it off.'),
        (THINKING, False, 'Write "off" in quotes.'),
        (THINKING, "hihg", "Did you mean high?"),
        (REASONING, {"efort": "high"}, "Did you mean effort?"),
        (REASONING, {"effort": "high", "max_tokens": 2000}, "exclude each other"),
        (LOGIT_BIAS, {"cat": 3}, "expected numbers of tokens as keys"),
    ],
)
def test_a_wrong_value_is_refused_with_what_to_write(field, value, complaint):
    with pytest.raises(Unfit) as refused:
        field.parse(value)
    assert complaint in f"{refused.value.text}. {refused.value.remedy}"


def test_a_complaint_points_inside_nested_values():
    with pytest.raises(Unfit) as refused:
        LOGIT_BIAS.parse({"17": 4, "18": 101})
    assert refused.value.path == ("18",)


def test_schemas_offer_only_what_a_scope_may_set():
    pack = schema(CORE, Scope.CHARACTER)
    jsonschema.Draft202012Validator.check_schema(pack)
    assert "temperature" in pack["properties"]
    assert "share_ltm_across_personalities" not in pack["properties"]
    assert jsonschema.Draft202012Validator(lock_schema(CORE, Scope.GUILD)).is_valid(["model"])


def test_off_may_not_mean_two_things():
    with pytest.raises(BadField, match="can't be told apart"):
        Field("mood", Text(), "calm", Category.DISPLAY, "The mood.", off="no mood")


def test_a_plugin_extends_the_registry_and_a_conflict_names_both():
    mood = Field("mood", Choice(("calm", "wild")), "calm", Category.DISPLAY, "The mood.")
    larger = CORE.extended([mood], "moods")
    assert "mood" in larger
    assert "mood" not in CORE
    assert larger.owner("mood") == "moods"
    with pytest.raises(BadField, match="others and moods both declare the setting 'mood'"):
        larger.extended([mood], "others")


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Field("Mood", Whole(0, 1), 0, Category.DISPLAY, "The mood."),
        lambda: Field("mood", Whole(0, 1), 2, Category.DISPLAY, "The mood."),
        lambda: Field("mood", Whole(0, 1), 0, Category.DISPLAY, ""),
        lambda: Field("mood", Whole(0, 1), OFF, Category.DISPLAY, "The mood."),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(bad):
    with pytest.raises(BadField):
        Registry([bad()], "moods")

"""The OpenAPI document decides about bodies; Discord's own samples are all valid."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzurot.testing.discord import validation
from tzurot.testing.discord.errors import invalid_form
from tzurot.testing.discord.rest import ROUTES
from tzurot.testing.discord.routes import Route, Routes

MESSAGE = validation.component("MessageCreateRequest")


@pytest.fixture(scope="session")
def samples(shared_data):
    return json.loads(shared_data("discord-docs-samples.json").read_text())


def taken(samples, file, *headings):
    return [one["json"] for one in samples if file in one["file"] and one["heading"] in headings]


def test_the_shipped_document_is_discords_own(shared_data):
    own = json.loads(shared_data("discord-openapi.json").read_text())
    for widened in ("SnowflakeType", "MessageReferenceType"):
        own["components"]["schemas"][widened] = validation.document()["components"]["schemas"][widened]
    assert validation.document() == own


def test_every_served_route_is_one_of_discords(server):
    def every(node):
        yield from node.routes.values()
        for below in [*node.fixed.values(), *([node.anything] if node.anything else [])]:
            yield from every(below)

    served = {(route.method, route.template) for route in every(ROUTES._root)}
    assert len(served) > 70
    assert served - validation.routes() == set()


def test_discords_sample_messages_are_valid(samples):
    wanted = taken(
        samples, "message.mdx", "Example Request Body (application/json)", "Allowed Mentions Examples"
    )
    wanted += taken(samples, "using-message-components.mdx", "Sending a Message with a Component")
    wanted += taken(samples, "using-message-components.mdx", "Nesting Components with Layout Components")
    wanted += taken(samples, "reference.mdx", "Legacy Message Component Behavior")
    assert len(wanted) >= 9
    assert [validation.problems(MESSAGE, body) for body in wanted] == [[]] * len(wanted)


def test_discords_sample_components_are_valid(samples):
    wanted = [body for body in taken(samples, "components/reference.mdx", "Examples") if body.get("flags")]
    assert len(wanted) >= 10
    assert [validation.problems(MESSAGE, body) for body in wanted] == [[]] * len(wanted)


def test_discords_sample_commands_are_valid(samples):
    pointer = validation.component("ApplicationCommandCreateRequest")
    wanted = taken(
        samples, "application-commands.mdx", "Example Slash Command", "Example User Command", "Localization"
    )
    assert [validation.problems(pointer, body) for body in wanted] == [[]] * 3


def test_an_error_has_the_shape_of_discords_sample(samples):
    sample = taken(samples, "developers/reference.mdx", "Error Messages")[0]
    choices = sample["errors"]["activities"]["0"]
    problems = [
        (("activities", 0, field), problem["code"], problem["message"])
        for field, node in choices.items()
        for problem in node["_errors"]
    ]
    assert invalid_form(problems).body() == sample


async def test_discords_sample_of_exclusive_mentions_is_refused(harbour, path, samples):
    wrong = taken(samples, "message.mdx", "Allowed Mentions Examples")[4]
    status, body = await harbour.call("POST", path("/messages"), wrong)
    problem = body["errors"]["allowed_mentions"]["_errors"][0]
    assert (status, problem["code"]) == (400, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE")


async def test_events_have_the_fields_of_discords_samples(harbour, samples):
    wire = await harbour.identify()
    said = harbour.ann.say(harbour.channel, "Supa Hot")
    harbour.ann.react(said, "🔥")
    _, message = await harbour.call("GET", f"/channels/{harbour.channel.id}/messages/{said.id}")
    sample = taken(samples, "message.mdx", "Example Message")[0]
    assert sample.keys() <= message.keys()
    assert sample["reactions"][0].keys() == message["reactions"][0].keys()
    role = taken(samples, "permissions.mdx", "Example Role")[0]
    guild = taken(samples, "guild.mdx", "Example Guild")[0]
    _, got = await harbour.call("GET", f"/guilds/{harbour.guild.id}")
    assert guild.keys() <= got.keys()
    assert role.keys() - {"tags"} <= got["roles"][0].keys()
    assert (await wire.event("MESSAGE_CREATE"))["content"] == "Supa Hot"


async def test_discords_sample_identify_and_resume_are_understood(harbour, samples):
    wire = await harbour.connect()
    sample = taken(samples, "gateway-events.mdx", "Example Identify")[0]
    await wire.send(2, sample["d"] | {"token": harbour.bot.token})
    await wire.event("READY")
    again = await harbour.connect()
    await again.socket.send_json(taken(samples, "gateway-events.mdx", "Example Resume")[0])
    assert await again.closed() == 4004


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda below: (
            st.lists(below)
            | st.dictionaries(
                st.sampled_from(["content", "embeds", "components", "flags", "type", "title"]), below
            )
        ),
        max_leaves=12,
    )
)
def test_any_body_at_all_is_either_valid_or_told_what_is_wrong(body):
    refusal = validation.check(MESSAGE, body)
    if refusal is not None:
        assert json.loads(json.dumps(refusal.body()))["errors"]


PARTS = st.text(st.characters(codec="ascii", exclude_characters="/{}%"), min_size=1, max_size=4)


@given(st.lists(PARTS, min_size=1, max_size=4), PARTS)
def test_a_fixed_segment_always_wins_over_a_parameter(fixed, other):
    with_parameter = [*fixed[:-1], "{last}"]
    one = Route("GET", "/" + "/".join(fixed), lambda call: None)
    two = Route("GET", "/" + "/".join(with_parameter), lambda call: None)
    routes = Routes((two, one))
    assert routes.find("GET", one.template) == (one, {})
    if other != fixed[-1]:
        assert routes.find("GET", "/" + "/".join([*fixed[:-1], other])) == (two, {"last": other})
    assert routes.find("PUT", one.template) is None

"""Discord's messages become ours whatever is in them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzurot.payloads.message import AuthorKind, Place, PlaceKind
from tzurot_plugins.discord.convert import Account, Converter, moment
from tzurot_plugins.discord.memory import Voices

PLACE = Place("discord", "10", "1")
ME = Account("99", "99")


def converter(voices=None):
    return Converter(ME, voices or Voices(), {"Mara": "pier/mara"}.get)


def raw(**more):
    user = {"id": "5", "username": "ann", "global_name": "Ann", "avatar": "abc"}
    return {"id": "1000", "channel_id": "10", "content": "hi", "author": user, **more}


def test_a_person_is_known_by_id_and_shown_by_the_name_of_the_server():
    author = converter().message(raw(member={"nick": "Annie"}), PLACE).author
    assert (author.id, author.name, author.shown, author.kind) == ("5", "ann", "Annie", AuthorKind.HUMAN)
    assert author.avatar == "https://cdn.discordapp.com/avatars/5/abc.png"


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"author": {"id": "7", "username": "x", "bot": True}}, AuthorKind.BOT),
        ({"webhook_id": "8", "application_id": "77"}, AuthorKind.WEBHOOK),
        ({"webhook_id": "8"}, AuthorKind.WEBHOOK),
        ({"webhook_id": "8", "application_id": "99"}, AuthorKind.CHARACTER),
        ({"author": {"id": "99", "username": "harbour", "bot": True}}, AuthorKind.CHARACTER),
    ],
)
def test_who_wrote_it_is_told_apart(more, kind):
    assert converter().message(raw(**more), PLACE).author.kind is kind


def test_a_reply_knows_which_character_said_the_original_by_id_before_name():
    voices = Voices()
    voices.said("500", "pier/tam")
    original = raw(id="500", webhook_id="8", application_id="99", author={"id": "8", "username": "Mara"})
    reply = raw(message_reference={"message_id": "500"}, referenced_message=original)
    assert converter(voices).message(reply, PLACE).reply_to.character == "pier/tam"
    assert converter().message(reply, PLACE).reply_to.character == "pier/mara"


def test_somebody_elses_webhook_can_not_pass_for_a_character():
    original = raw(id="500", webhook_id="8", application_id="12", author={"id": "8", "username": "Mara"})
    reply = raw(message_reference={"message_id": "500"}, referenced_message=original)
    assert converter().message(reply, PLACE).reply_to.character is None


def test_a_name_in_front_of_the_bots_words_is_recognised_but_not_of_anybody_elses():
    mine = raw(id="500", author={"id": "99", "username": "harbour"}, content="**Mara:** Good evening.")
    theirs = raw(id="500", content="**Mara:** Good evening.")
    for original, key in ((mine, "pier/mara"), (theirs, None)):
        reply = raw(message_reference={"message_id": "500"}, referenced_message=original)
        assert converter().message(reply, PLACE).reply_to.character == key


def test_a_forward_is_no_reply():
    assert converter().message(raw(message_reference={"type": 1, "message_id": "5"}), PLACE).reply_to is None


def test_a_reply_to_something_deleted_still_says_what_it_answered():
    message = converter().message(raw(message_reference={"message_id": "5"}, referenced_message=None), PLACE)
    assert message.reply_to.id == "5"
    assert message.reply_to.author is None


@pytest.mark.parametrize(
    ("more", "place", "addressed"),
    [
        ({}, PLACE, False),
        ({"mentions": [{"id": "99"}]}, PLACE, True),
        ({}, Place("discord", "10", kind=PlaceKind.DIRECT), True),
    ],
)
def test_whether_the_bot_itself_is_addressed(more, place, addressed):
    assert converter().message(raw(**more), place).to_bot is addressed


def test_times_are_in_utc_and_come_from_the_id_when_they_can_not_be_read():
    assert moment("2026-01-02T03:04:05.678000+00:00") == datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
    assert moment("soon", "175928847299117063").year == 2016


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "type",
    "components",
    "embeds",
    "attachments",
    "mentions",
    "timestamp",
    "flags",
    "content",
    "member",
]
FIELDS += ["author", "message_reference", "referenced_message", "webhook_id", "edited_timestamp"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_nothing_unknown_in_a_message_loses_it(more):
    assert converter().message(raw(**more), PLACE).id == "1000"

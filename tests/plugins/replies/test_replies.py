"""A reply is answered by the character whose words it answers."""

from tzurot.payloads.message import Author, AuthorKind, Quoted
from tzurot.testing.stage import Stage


async def test_a_reply_is_answered_by_the_one_who_said_it():
    async with Stage.of(installed=("mentions", "replies")) as stage:
        quoted = Quoted("1", text="Good evening.", character="stage/tam")
        await stage.say("How is the sea?", reply_to=quoted)
        assert [each.character.name for each in stage.platform.sent] == ["Tam"]


async def test_a_mention_counts_more_than_a_reply():
    async with Stage.of(installed=("mentions", "replies")) as stage:
        await stage.say("@Mara, is that so?", reply_to=Quoted("1", character="stage/tam"))
        assert [each.character.name for each in stage.platform.sent] == ["Mara"]


async def test_a_reply_to_a_person_or_to_a_character_that_is_gone_casts_nobody():
    async with Stage.of(installed=("replies",)) as stage:
        replies = stage.app.registry.plugins["replies"]
        for quoted in (Quoted("1", Author("5", "ann")), Quoted("1", character="stage/gone")):
            assert await replies.cast(stage.message("hm", reply_to=quoted)) is None


async def test_characters_do_not_answer_one_another_by_replying():
    async with Stage.of(installed=("replies",)) as stage:
        message = stage.message("hm", reply_to=Quoted("1", character="stage/tam"))
        message = type(message)(message.id, message.place, Author("9", "Mara", kind=AuthorKind.CHARACTER),
                                "hm", message.at, reply_to=message.reply_to)  # fmt: skip
        assert await stage.app.registry.plugins["replies"].cast(message) is None

"""Characters speak under their own name where they can, always once, and never ping anybody."""

import asyncio
import logging

import pytest
from tests.plugins.discord.life import alive

from tzurot.testing.discord import ChannelKind, Permission

MESSAGES = "/channels/{channel_id}/messages"
HOOKS = "/channels/{channel_id}/webhooks"
EXECUTE = "/webhooks/{webhook_id}/{webhook_token}"


@pytest.fixture
async def life(harbour, tmp_path):
    async with alive(harbour.server, harbour.bot, tmp_path) as life:
        yield life


async def test_a_character_answers_under_its_own_name_and_face(harbour, life):
    harbour.ann.say(harbour.channel, "@Mara hello")
    answer = await harbour.server.next_message(harbour.channel)
    assert (answer.name, answer.text) == ("Mara", "I hear you.")
    assert answer.author_avatar == "https://cdn.example.org/mara.png"
    assert answer.webhook is not None
    assert not harbour.server.violations


async def test_one_webhook_serves_all_characters_of_a_channel_and_its_threads(harbour, life):
    thread = harbour.channel.create_thread("aside", harbour.ann)
    harbour.ann.say(harbour.channel, "@Mara @Tam hello")
    first, second = await harbour.server.next_messages(harbour.channel, 2)
    harbour.ann.say(thread, "@Tam here?")
    third = await harbour.server.next_message(thread)
    assert [first.name, second.name, third.name] == ["Mara", "Old Tam", "Old Tam"]
    assert len({message.webhook.id for message in (first, second, third)}) == 1


async def test_a_post_in_a_forum_is_answered_there(harbour, life):
    forum = harbour.guild.create_channel("questions", ChannelKind.FORUM)
    post = forum.create_thread("A question", harbour.ann)
    harbour.ann.say(post, "@Mara?")
    assert (await harbour.server.next_message(post)).name == "Mara"


async def test_a_webhook_that_the_bot_has_already_is_used_again(harbour, tmp_path):
    for _ in range(2):
        async with alive(harbour.server, harbour.bot, tmp_path):
            harbour.ann.say(harbour.channel, "@Mara")
            await harbour.server.next_message(harbour.channel)
    assert len(harbour.channel.webhooks) == 1


async def test_somebody_elses_webhook_is_left_alone(harbour, life):
    other = harbour.channel.create_webhook("news", harbour.ann)
    harbour.ann.say(harbour.channel, "@Mara")
    assert (await harbour.server.next_message(harbour.channel)).webhook is not other


async def test_without_manage_webhooks_the_bot_speaks_with_the_name_in_front(harbour, life, caplog):
    harbour.channel.deny(harbour.guild.everyone, Permission.MANAGE_WEBHOOKS)
    harbour.channel.deny(harbour.bot, Permission.MANAGE_WEBHOOKS)
    with caplog.at_level(logging.WARNING):
        question = harbour.ann.say(harbour.channel, "@Mara hello")
        answer = await harbour.server.next_message(harbour.channel)
    assert (answer.webhook, answer.text) == (None, "**Mara:** I hear you.")
    assert answer.reply_to is question
    assert not answer.pings
    assert "Manage Webhooks" in caplog.text


async def test_permission_given_later_is_used_at_once(harbour, life):
    harbour.channel.deny(harbour.bot, Permission.MANAGE_WEBHOOKS)
    harbour.ann.say(harbour.channel, "@Mara")
    assert (await harbour.server.next_message(harbour.channel)).webhook is None
    harbour.channel.allow(harbour.bot, Permission.MANAGE_WEBHOOKS)
    harbour.ann.say(harbour.channel, "@Mara")
    assert (await harbour.server.next_message(harbour.channel)).webhook is not None


async def test_a_channel_full_of_webhooks_is_answered_as_the_bot(harbour, life):
    for number in range(15):
        harbour.channel.create_webhook(f"hook {number}", harbour.ann)
    harbour.ann.say(harbour.channel, "@Mara")
    assert (await harbour.server.next_message(harbour.channel)).text.startswith("**Mara:** ")


async def test_a_webhook_that_was_deleted_is_made_again_once(harbour, life):
    harbour.ann.say(harbour.channel, "@Mara")
    gone = (await harbour.server.next_message(harbour.channel)).webhook
    gone.delete()
    harbour.ann.say(harbour.channel, "@Mara")
    again = (await harbour.server.next_message(harbour.channel)).webhook
    assert again is not None
    assert again is not gone


async def test_a_webhook_that_vanishes_without_a_word_is_made_again_once(harbour, life):
    harbour.ann.say(harbour.channel, "@Mara")
    await harbour.server.next_message(harbour.channel)
    harbour.server.faults.fail_next(
        "POST", EXECUTE, 404, {"code": 10015, "message": "Unknown Webhook"}, times=5
    )
    harbour.ann.say(harbour.channel, "@Mara")
    answer = await harbour.server.next_message(harbour.channel)
    assert answer.text == "**Mara:** I hear you."
    assert len(harbour.server.requests_to("POST", EXECUTE)) == 3


async def test_a_name_that_discord_forbids_is_respelled(harbour, life):
    harbour.ann.say(harbour.channel, "@Clyde of Discord")
    answer = await harbour.server.next_message(harbour.channel)
    assert answer.webhook is not None
    assert answer.name != "Clyde of Discord"
    harbour.ann.say(harbour.channel, "and?", reply_to=answer)
    assert (await harbour.server.next_message(harbour.channel)).name == answer.name


@pytest.mark.parametrize("fault", ["lose_answer", "lose_request", "bad_gateway"])
async def test_a_webhook_message_whose_answer_is_lost_stands_exactly_once(harbour, life, fault):
    harbour.ann.say(harbour.channel, "@Mara first")
    await harbour.server.next_message(harbour.channel)
    getattr(harbour.server.faults, fault)("POST", EXECUTE)
    harbour.ann.say(harbour.channel, "@Mara again")
    await harbour.server.next_message(harbour.channel)
    harbour.ann.say(harbour.channel, "@Tam last")
    assert (await harbour.server.next_message(harbour.channel)).name == "Old Tam"


async def test_a_webhook_whose_making_is_lost_is_not_made_twice(harbour, life):
    harbour.server.faults.lose_answer("POST", HOOKS)
    harbour.ann.say(harbour.channel, "@Mara")
    await harbour.server.next_message(harbour.channel)
    assert len(harbour.channel.webhooks) == 1


@pytest.mark.parametrize("where", ["webhook", "bot", "direct"])
@pytest.mark.parametrize(
    "text",
    ["@everyone @here", "{ann} hello", "<@&{guild}>", "||@everyone||", "[@everyone](https://x.example)"],
)
async def test_nobody_is_ever_pinged(harbour, life, where, text):
    words = text.format(ann=harbour.ann.mention, guild=harbour.guild.id)
    life.model.script(words)
    if where == "bot":
        harbour.channel.deny(harbour.bot, Permission.MANAGE_WEBHOOKS)
    place = harbour.ann.direct(harbour.bot) if where == "direct" else harbour.channel
    harbour.ann.say(place, "@Mara")
    answer = await harbour.server.next_message(place)
    assert words in answer.text
    assert not answer.pings
    assert not harbour.server.violations


async def test_a_long_reply_comes_in_order_in_messages_that_fit(harbour, life):
    harbour.server.buckets.set(f"POST {EXECUTE}", 5, 0.2)
    life.model.script("\n\n".join(f"{number} " + "word " * 300 for number in range(9)))
    harbour.ann.say(harbour.channel, "@Mara tell me everything")
    pieces = await harbour.server.next_messages(harbour.channel, 9)
    assert [piece.text.split()[0] for piece in pieces] == [str(number) for number in range(9)]
    assert not harbour.server.violations


async def test_a_long_reply_of_the_bot_itself_still_fits_with_the_name(harbour, life):
    harbour.channel.deny(harbour.bot, Permission.MANAGE_WEBHOOKS)
    life.model.script("x" * 2000)
    harbour.ann.say(harbour.channel, "@Mara")
    first, second = await harbour.server.next_messages(harbour.channel, 2)
    assert (first.text + second.text).count("x") == 2000


async def test_where_the_bot_may_not_write_the_log_says_what_to_do(harbour, life, caplog):
    harbour.channel.deny(harbour.bot, Permission.MANAGE_WEBHOOKS | Permission.SEND_MESSAGES)
    direct = harbour.ann.direct(harbour.bot)
    with caplog.at_level(logging.WARNING):
        said = harbour.ann.say(harbour.channel, "@Mara")
        await harbour.server.next_request("POST", MESSAGES)
        harbour.ann.say(direct, "@Tam")
        await harbour.server.next_message(direct)
    line = next(line for line in caplog.messages if said.id in line)
    assert "Give it View Channel" in line


async def test_typing_shows_while_the_model_thinks_and_never_fails_the_turn(harbour, tmp_path):
    going = asyncio.Event()

    async with alive(harbour.server, harbour.bot, tmp_path, typing_after_seconds=0) as life:
        original = life.model._speak

        async def slow(request):
            await going.wait()
            async for delta in original(request):
                yield delta

        life.model._speak = slow
        harbour.server.faults.fail_next("POST", "/channels/{channel_id}/typing", 403, {"code": 50013})
        harbour.ann.say(harbour.channel, "@Mara")
        await harbour.server.next_request("POST", "/channels/{channel_id}/typing")
        going.set()
        await harbour.server.next_message(harbour.channel)
        going.clear()
        harbour.ann.say(harbour.channel, "@Mara")
        await harbour.server.wait_for(lambda: harbour.channel.typing)
        going.set()
        await harbour.server.next_message(harbour.channel)


async def test_an_answer_that_is_no_message_is_looked_into_before_anything_is_sent_again(harbour, life):
    harbour.server.faults.fail_next("POST", EXECUTE, 200, "<html>All is well.</html>")
    harbour.ann.say(harbour.channel, "@Mara first")
    assert (await harbour.server.next_message(harbour.channel)).name == "Mara"
    harbour.ann.say(harbour.channel, "@Tam last")
    assert (await harbour.server.next_message(harbour.channel)).name == "Old Tam"
    assert len(harbour.channel.messages) == 4


async def test_without_read_message_history_an_uncertain_message_is_not_sent_twice(harbour, life, caplog):
    harbour.ann.say(harbour.channel, "@Mara first")
    await harbour.server.next_message(harbour.channel)
    harbour.server.faults.lose_answer("POST", EXECUTE)
    harbour.server.faults.fail_next("GET", MESSAGES, 403, {"code": 50001, "message": "Missing Access"})
    with caplog.at_level(logging.WARNING):
        harbour.ann.say(harbour.channel, "@Mara second")
        await harbour.server.next_message(harbour.channel)
        harbour.ann.say(harbour.channel, "@Tam last")
        assert (await harbour.server.next_message(harbour.channel)).name == "Old Tam"
    assert "Read Message History" in caplog.text


async def test_a_thread_that_no_event_told_of_is_looked_up(harbour, tmp_path):
    thread = harbour.channel.create_thread("old", harbour.ann)
    thread.archived = True
    async with alive(harbour.server, harbour.bot, tmp_path):
        harbour.server.faults.drop_next_event("THREAD_UPDATE")
        harbour.ann.say(thread, "@Mara?")
        answer = await harbour.server.next_message(thread)
        assert answer.webhook is not None
        assert answer.webhook.channel is harbour.channel


async def test_a_quick_answer_costs_one_request(harbour, tmp_path):
    async with alive(harbour.server, harbour.bot, tmp_path, typing_after_seconds=5):
        harbour.ann.say(harbour.channel, "@Mara")
        await harbour.server.next_message(harbour.channel)
        before = len(harbour.server.requests)
        harbour.ann.say(harbour.channel, "@Mara")
        await harbour.server.next_message(harbour.channel)
        assert [record.route for record in list(harbour.server.requests)[before:]] == [EXECUTE]


@pytest.mark.parametrize("setting", ["answer_bots", "answer_webhooks"])
async def test_other_bots_and_webhooks_are_heard_only_where_that_is_wanted(harbour, tmp_path, setting):
    other = harbour.server.world.create_bot("other")
    harbour.server.world.invite(harbour.guild, other)
    async with alive(harbour.server, harbour.bot, tmp_path, **{setting: True}) as life:
        life.model.otherwise = "@Tam @Mara"
        if setting == "answer_bots":
            other.say(harbour.channel, "@Mara")
            await harbour.server.next_message(harbour.channel, author="other")
        else:
            hook = harbour.channel.create_webhook("news", harbour.ann)
            await life.app.registry.plugins["discord"]._connection.egress.ask(
                "POST", f"/webhooks/{hook.id}/{hook.token}", {"content": "@Mara"}, authorised=False
            )
            await harbour.server.next_message(harbour.channel, author="news")
        assert (await harbour.server.next_message(harbour.channel)).name == "Mara"
        assert len(life.model.requests) == 1

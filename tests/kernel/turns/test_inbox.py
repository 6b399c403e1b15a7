"""The inbox: order within a conversation, fairness between guilds, bounds, policies, shutdown."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tzurot.payloads.message import Author, Message, Place
from tzurot.turns.inbox import Inbox, Waiting
from tzurot.turns.result import Outcome

DONE = Outcome()


def message(text: str, channel: str = "c", guild: str = "g", author: str = "ana") -> Message:
    return Message(text, Place("test", channel, guild), Author(author, author), text, datetime.now(UTC))


class Handler:
    """Handles messages when it is told to."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.running: set[str] = set()
        self.most = 0
        self.go = asyncio.Event()
        self.begun = asyncio.Event()

    async def __call__(self, message: Message) -> Outcome:
        self.running.add(message.text)
        self.most = max(self.most, len(self.running))
        self.begun.set()
        await self.go.wait()
        self.seen.append(message.text)
        self.running.discard(message.text)
        return DONE


async def test_one_conversation_is_answered_in_order():
    handle = Handler()
    inbox = Inbox(handle)
    outcomes = [inbox.put(message(str(number))) for number in range(5)]
    handle.go.set()
    assert await asyncio.gather(*outcomes) == [DONE] * 5
    assert handle.seen == ["0", "1", "2", "3", "4"]
    assert handle.most == 1


async def test_conversations_run_side_by_side_up_to_the_limit():
    handle = Handler()
    inbox = Inbox(handle, concurrency=3)
    outcomes = [inbox.put(message(str(n), channel=str(n))) for n in range(8)]
    await handle.begun.wait()
    handle.go.set()
    await asyncio.gather(*outcomes)
    assert handle.most == 3


async def test_a_flood_in_one_guild_does_not_starve_another():
    handle = Handler()
    handle.go.set()
    inbox = Inbox(handle, concurrency=1)
    flood = [inbox.put(message(f"loud {n}", channel=str(n), guild="loud")) for n in range(50)]
    quiet = inbox.put(message("quiet", "q", "small"))
    await asyncio.gather(*flood, quiet)
    assert handle.seen.index("quiet") <= 2


async def test_what_does_not_fit_is_refused_with_the_reason():
    handle = Handler()
    inbox = Inbox(handle, size=3, per_guild=2, concurrency=1)
    kept = [inbox.put(message("running"))]
    kept += [inbox.put(message(f"waits {n}")) for n in range(2)]
    refused = await inbox.put(message("one too many"))
    assert refused.unanswered == "2 messages of this server wait already"
    kept.append(inbox.put(message("other guild", "d", "h")))
    assert (await inbox.put(message("full", "e", "i"))).unanswered == "3 messages wait already"
    handle.go.set()
    assert await asyncio.gather(*kept) == [DONE] * 4


async def test_coalescing_answers_waiting_messages_of_one_author_as_one():
    handle = Handler()
    inbox = Inbox(handle, waiting=Waiting.COALESCE)
    first = inbox.put(message("running"))
    older, newer = inbox.put(message("and")), inbox.put(message("another thing"))
    other = inbox.put(message("me too", author="bob"))
    handle.go.set()
    await asyncio.gather(first, newer, other)
    assert handle.seen == ["running", "and\nanother thing", "me too"]
    assert "joined to" in ((await older).unanswered or "")


async def test_replacing_answers_only_the_newest_of_an_author():
    handle = Handler()
    inbox = Inbox(handle, waiting=Waiting.REPLACE)
    first = inbox.put(message("running"))
    older, newer = inbox.put(message("draft")), inbox.put(message("final"))
    handle.go.set()
    await asyncio.gather(first, newer)
    assert handle.seen == ["running", "final"]
    assert "replaced by" in ((await older).unanswered or "")


async def test_cancelling_ends_what_runs_and_the_next_message_is_answered():
    handle = Handler()
    inbox = Inbox(handle)
    first, second = inbox.put(message("first")), inbox.put(message("second"))
    await handle.begun.wait()
    assert inbox.cancel("test:c")
    assert (await first).unanswered == "cancelled"
    handle.go.set()
    assert await second == DONE
    assert not inbox.cancel("test:c")


async def test_a_failing_handler_leaves_the_others_alone():
    async def handle(message: Message) -> Outcome:
        if message.text == "bad":
            raise RuntimeError("boom")
        return DONE

    inbox = Inbox(handle)
    bad, good = inbox.put(message("bad")), inbox.put(message("good"))
    assert (await bad).unanswered == "the kernel failed: boom"
    assert await good == DONE


async def test_draining_finishes_what_it_can_and_refuses_what_is_new():
    handle = Handler()
    inbox = Inbox(handle)
    waiting = [inbox.put(message(str(n))) for n in range(3)]
    drained = asyncio.create_task(inbox.drain(10))
    await handle.begun.wait()
    assert (await inbox.put(message("late"))).unanswered == "the bot is shutting down"
    handle.go.set()
    assert await drained == 0
    assert [await outcome for outcome in waiting] == [DONE] * 3


async def test_draining_cancels_what_outlives_the_deadline():
    handle = Handler()
    inbox = Inbox(handle)
    running, waiting = inbox.put(message("stuck")), inbox.put(message("never"))
    await handle.begun.wait()
    assert await inbox.drain(0.01) == 2
    assert (await running).unanswered == "cancelled"
    assert (await waiting).unanswered == "the bot is shutting down"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=60), st.integers(1, 5))
def test_law_every_message_is_handled_once_and_each_conversation_in_order(
    places: list[tuple[int, int]], concurrency: int
):
    async def play() -> None:
        seen: dict[str, list[int]] = defaultdict(list)
        running: set[str] = set()

        async def handle(message: Message) -> Outcome:
            key = message.place.conversation
            assert key not in running
            running.add(key)
            await asyncio.sleep(0)
            seen[key].append(int(message.text))
            running.discard(key)
            return DONE

        inbox = Inbox(handle, concurrency=concurrency)
        sent: dict[str, list[int]] = defaultdict(list)
        outcomes = []
        for number, (guild, channel) in enumerate(places):
            letter = message(str(number), f"{guild}-{channel}", str(guild))
            sent[letter.place.conversation].append(number)
            outcomes.append(inbox.put(letter))
        assert await asyncio.gather(*outcomes) == [DONE] * len(places)
        assert seen == sent

    asyncio.run(play())

"""The inbox: bounded, fair between guilds, with a mailbox per conversation that keeps its order."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tzurot.payloads.message import Message
from tzurot.turns.result import Outcome

log = logging.getLogger("tzurot.inbox")


SHUTTING_DOWN = "the bot is shutting down"


class Waiting(StrEnum):
    """What a newer message does to one of its author that still waits in the same conversation."""

    ORDER = "order"
    """Nothing: both are answered, in order."""
    COALESCE = "coalesce"
    """It is joined to it, and both are answered as one."""
    REPLACE = "replace"
    """It takes its place; the older one is not answered."""


@dataclass(slots=True)
class _Letter:
    message: Message
    outcome: asyncio.Future[Outcome]


@dataclass(slots=True)
class _Mailbox:
    guild: str
    letters: deque[_Letter] = field(default_factory=deque)
    running: asyncio.Task[Outcome] | None = None


class Inbox:
    """Takes messages in and has them handled.

    Conversations run side by side, up to ``concurrency``; within one, messages are handled in order.
    Guilds take turns, so that a flood in one never starves another. ``size`` bounds what waits in all,
    ``per_guild`` what waits for one guild. A message that never reaches the end of ``handle`` has an
    outcome that says why, and ``unanswered`` is told.
    """

    def __init__(
        self,
        handle: Callable[[Message], Awaitable[Outcome]],
        *,
        size: int = 4000,
        per_guild: int = 1000,
        concurrency: int = 64,
        waiting: Waiting = Waiting.ORDER,
        unanswered: Callable[[Message, str], None] | None = None,
    ) -> None:
        self._handle = handle
        self._size = size
        self._per_guild = per_guild
        self._concurrency = concurrency
        self._waiting = waiting
        self._unanswered = unanswered or _log
        self._mailboxes: dict[str, _Mailbox] = {}
        self._ready: OrderedDict[str, deque[str]] = OrderedDict()
        self._pending: dict[str, int] = {}
        self._running: set[asyncio.Task[Outcome]] = set()
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def pending(self) -> int:
        """How many messages wait, the ones being handled not counted."""
        return sum(self._pending.values())

    def put(self, message: Message) -> asyncio.Future[Outcome]:
        """Take ``message`` in at once; the future is its outcome."""
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        letter = _Letter(message, outcome)
        key = message.place.conversation
        mailbox = self._mailboxes.get(key) or _Mailbox(message.place.guild or key)
        guild = mailbox.guild
        if refusal := self._refusal(guild):
            self._pass_over(letter, refusal)
            return outcome
        self._mailboxes[key] = mailbox
        if not self._merge(mailbox, letter):
            mailbox.letters.append(letter)
            self._pending[guild] = self._pending.get(guild, 0) + 1
            if mailbox.running is None and len(mailbox.letters) == 1:
                self._ready.setdefault(guild, deque()).append(key)
        self._start_some()
        return outcome

    def cancel(self, conversation: str) -> bool:
        """Cancel what is being answered in ``conversation``; whether there was anything."""
        mailbox = self._mailboxes.get(conversation)
        if mailbox is None or mailbox.running is None:
            return False
        mailbox.running.cancel()
        return True

    def shut(self) -> None:
        """Take nothing more in."""
        self._closed = True

    async def drain(self, seconds: float) -> int:
        """Take nothing more in, wait up to ``seconds`` for what is there, cancel the rest.

        Returns how many messages were left unanswered.
        """
        self.shut()
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            pass
        running = list(self._running)
        left = self.give_up()
        await asyncio.gather(*running, return_exceptions=True)
        return left

    def give_up(self) -> int:
        """Leave unanswered what waits, cancel what runs; how many messages that is."""
        left = len(self._running)
        for mailbox in self._mailboxes.values():
            while mailbox.letters:
                left += 1
                self._pass_over(mailbox.letters.popleft(), SHUTTING_DOWN)
        self._ready.clear()
        self._pending.clear()
        for task in self._running:
            task.cancel()
        return left

    def _refusal(self, guild: str) -> str | None:
        if self._closed:
            return SHUTTING_DOWN
        if self._pending.get(guild, 0) >= self._per_guild:
            return f"{self._per_guild} messages of this server wait already"
        if self.pending >= self._size:
            return f"{self._size} messages wait already"
        return None

    def _merge(self, mailbox: _Mailbox, letter: _Letter) -> bool:
        """Merge ``letter`` into the one that waits last, where the policy and both messages allow it."""
        if self._waiting is Waiting.ORDER or not mailbox.letters:
            return False
        last = mailbox.letters[-1]
        if last.message.author.id != letter.message.author.id:
            return False
        message, verb = letter.message, "replaced by"
        if self._waiting is Waiting.COALESCE:
            older = last.message
            message, verb = (
                replace(
                    message,
                    text=f"{older.text}\n{message.text}",
                    attachments=older.attachments + message.attachments,
                    reply_to=message.reply_to or older.reply_to,
                    mentions=tuple(dict.fromkeys(older.mentions + message.mentions)),
                    to_bot=older.to_bot or message.to_bot,
                ),
                "joined to",
            )
        self._pass_over(last, f"{verb} the newer message {message.id}")
        mailbox.letters[-1] = _Letter(message, letter.outcome)
        return True

    def _start_some(self) -> None:
        while self._ready and len(self._running) < self._concurrency:
            guild, conversations = next(iter(self._ready.items()))
            key = conversations.popleft()
            if conversations:
                self._ready.move_to_end(guild)
            else:
                del self._ready[guild]
            self._start(key)

    def _start(self, key: str) -> None:
        mailbox = self._mailboxes[key]
        letter = mailbox.letters.popleft()
        self._pending[mailbox.guild] -= 1
        if not self._pending[mailbox.guild]:
            del self._pending[mailbox.guild]
        self._idle.clear()
        task = asyncio.create_task(self._run(letter), name=f"conversation {key}")
        mailbox.running = task
        self._running.add(task)
        task.add_done_callback(lambda done: self._finished(key, done, letter))

    async def _run(self, letter: _Letter) -> Outcome:
        try:
            return await self._handle(letter.message)
        except Exception as error:
            log.exception("the kernel failed at message %s", letter.message.id)
            self._pass_over(letter, f"the kernel failed: {error}")
            return Outcome(unanswered=f"the kernel failed: {error}")

    def _finished(self, key: str, task: asyncio.Task[Outcome], letter: _Letter) -> None:
        self._running.discard(task)
        mailbox = self._mailboxes[key]
        mailbox.running = None
        if mailbox.letters:
            self._ready.setdefault(mailbox.guild, deque()).append(key)
        else:
            del self._mailboxes[key]
        if task.cancelled():
            self._pass_over(letter, "cancelled")
        else:
            self._settle(letter, task.result())
        self._start_some()
        if not self._running:
            self._idle.set()

    def _pass_over(self, letter: _Letter, reason: str) -> None:
        """Settle a letter that the handler didn't answer."""
        self._unanswered(letter.message, reason)
        self._settle(letter, Outcome(unanswered=reason))

    @staticmethod
    def _settle(letter: _Letter, outcome: Outcome) -> None:
        if not letter.outcome.done():
            letter.outcome.set_result(outcome)


def _log(message: Message, reason: str) -> None:
    log.warning("message %s is not answered: %s", message.id, reason)

"""History: characters remember the conversation, and answer no message twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from tortoise.exceptions import BaseORMException

from tzurot import (
    CallTurn,
    Command,
    Exported,
    Forget,
    Forgotten,
    Invocation,
    Kit,
    Manifest,
    Message,
    Plugin,
    Turn,
    TurnResult,
    Utterance,
    Verdict,
    hookimpl,
)
from tzurot.settings.behaviour import MAX_AGE, MAX_MESSAGES
from tzurot_plugins.history.answered import Answered, Mark
from tzurot_plugins.history.archive import Archive, kept, lines_of
from tzurot_plugins.history.config import Operator, Settings
from tzurot_plugins.history.window import EVERYONE, Key, Windows

_PRUNE_EVERY = timedelta(hours=24)


class History(Plugin[Settings]):
    """Keeps what was said per place and character, and gives the newest of it to the next turn.

    Without its database it goes on with what it has in memory: a conversation is worth more than its
    record.
    """

    manifest = Manifest(
        name="history",
        summary="characters remember the conversation, per place and character",
        models="tzurot_plugins.history.models",
        migrations="tzurot_plugins.history.migrations",
        operator=Operator,
    )

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._keep_days = self.operator(Operator).keep_days
        self._windows = Windows()
        self._answered = Answered(kit.clock.now())
        self._pruned: datetime | None = None

    @hookimpl
    async def start(self) -> None:
        self._archive = Archive(self.kit.database)
        self._prune_if_due()

    @hookimpl
    def commands(self) -> Iterable[Command]:
        summary = "says how much of this conversation is remembered, and by whom"
        yield Command("history", summary, self._report)

    async def _report(self, invocation: Invocation) -> str:
        counts = await self._archive.counts(invocation.place.conversation)
        if not counts:
            return "Nothing of this conversation is remembered yet."
        told = [f"{self._named(key)} remembers {lines} lines" for key, lines in sorted(counts.items())]
        kept = f" Lines are kept for {self._keep_days} days." if self._keep_days else ""
        return f"{', '.join(told)} of this conversation.{kept}"

    def _named(self, key: str) -> str:
        character = self.kit.shelf().character(key)
        return key if character is None else character.name

    @hookimpl
    async def gate(self, message: Message) -> Verdict | None:
        mark = Mark.of(message)
        if self._answered.here(mark):
            return Verdict("already answered")
        if self._answered.needs_database(mark, self.kit.clock.now()):
            try:
                characters = await self._archive.speakers(mark)
            except BaseORMException as error:
                self.kit.log.warning("Whether message %s was answered is unknown: %s", message.id, error)
            else:
                if characters:
                    self._answered.add_earlier(mark, characters)
        return None

    @hookimpl
    async def history(self, turn: Turn) -> Sequence[Utterance] | None:
        key = self._key(turn)
        window = self._windows.get(key)
        if not window.filled:
            async with window.filling:  # speakers of one message read side by side
                await self._fill(key)
        lines = [line.utterance for line in self._windows.get(key).lines]
        asked = turn.message  # there already, if nothing could be sent when it came first
        lines = [line for line in lines if (line.id, line.at) != (asked.id, asked.at)]
        if (seconds := turn.settings.value(MAX_AGE)) is not None:
            oldest = self.kit.clock.now() - timedelta(seconds=seconds)
            lines = [line for line in lines if line.at >= oldest]
        return lines[-turn.settings.value(MAX_MESSAGES) :]

    async def _fill(self, key: Key) -> None:
        try:
            while not self._windows.get(key).filled:
                cleared = self._windows.cleared
                newest = await self._archive.newest(key)
                if cleared == self._windows.cleared:
                    self._windows.add(key, newest)
                    self._windows.get(key).filled = True
        except BaseORMException as error:
            self.kit.log.warning("The history of %s can't be read: %s", key[0], error)

    # Outermost, so that it sees what was really sent, whatever other plugins make of a turn.
    @hookimpl(tryfirst=True)
    async def around_turn(self, turn: Turn, call_next: CallTurn) -> TurnResult:
        mark = Mark.of(turn.message)
        if self._answered.earlier(mark, turn.character.key):
            turn.trace.unanswered = "history: already answered"
            return TurnResult(turn)
        result = await call_next()
        if result.sent:
            self._answered.add(mark)
        await self._keep(result)
        return result

    async def _keep(self, result: TurnResult) -> None:
        """Remember a finished turn, at once in memory and then in the database."""
        turn = result.turn
        conversation = turn.place.conversation
        own: Key = (conversation, turn.character.key)
        lines = lines_of(result, self._windows.moment(self._key(turn), self.kit.clock.now()))
        for key in (own, (conversation, EVERYONE)):
            if key == self._key(turn) or self._windows.known(key):
                self._windows.add(key, [kept(line) for line in lines])
        try:
            await self._archive.keep(lines)
        except BaseORMException as error:
            self.kit.log.warning("What was said in %s could not be stored: %s", conversation, error)
        self._prune_if_due()

    def _key(self, turn: Turn) -> Key:
        whose = EVERYONE if self.config(turn).hear_others else turn.character.key
        return turn.place.conversation, whose

    def _prune_if_due(self) -> None:
        now = self.kit.clock.now()
        if self._keep_days and (self._pruned is None or now - self._pruned >= _PRUNE_EVERY):
            self._pruned = now
            self.kit.tasks.spawn(self._prune(now - timedelta(days=self._keep_days)), "prune the history")

    async def _prune(self, before: datetime) -> None:
        try:
            deleted = await self._archive.prune(before)
        except BaseORMException as error:
            self.kit.log.warning("Old history could not be deleted: %s", error)
            return
        if deleted:
            self._windows.clear()
            self.kit.log.info("deleted %d utterances older than %d days", deleted, self._keep_days)

    @hookimpl
    async def forget_user(self, forget: Forget) -> Iterable[Forgotten] | None:
        rows = await self._archive.forget(forget.user_id, forget.guild)
        self._windows.clear()
        return [Forgotten("history", rows)]

    @hookimpl
    async def export_user(self, user_id: str) -> Iterable[Exported] | None:
        return [Exported("history", await self._archive.export(user_id))]

"""Decides what fits: required fragments, then by priority, then history; with a reason for each loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tzurot.payloads.context import Fragment, Role, Slot, Utterance
from tzurot.payloads.generation import Fate, Packed
from tzurot.prompt.attribution import NOTE, Speakers, tame
from tzurot.prompt.budget import MESSAGE_OVERHEAD, Budget
from tzurot.prompt.trim import Count, cut_end, cut_middle
from tzurot.prompt.window import begin_of_history

OPENING = "(The conversation so far.)"
"""Stands first where the window begins with the character's own words: many servers want a person first."""
_LEAST_WORTH_KEEPING = 16


@dataclass(slots=True)
class Piece:
    """A fragment on its way into the prompt, and what became of it."""

    plugin: str
    fragment: Fragment
    text: str
    tokens: int = 0
    fate: Fate = Fate.DROPPED
    reason: str = ""

    @property
    def place(self) -> tuple[object, ...]:
        """Sorts pieces into the order of the prompt, whatever order they came in."""
        each = self.fragment
        return (each.slot, -each.depth, each.order, self.plugin, each.key, each.role, self.text)

    @property
    def in_head(self) -> bool:
        """Whether it is part of the one system message that opens the prompt."""
        return self.fragment.slot < Slot.HISTORY and self.fragment.role is Role.SYSTEM

    def report(self) -> Packed:
        """The line of the budget report."""
        return Packed(self.plugin, self.fragment.key, self.fate, self.tokens, self.reason)


@dataclass(slots=True)
class Plan:
    """What stands in the prompt: ``pieces`` with their fates, the history from ``begin`` on, the message.

    ``own`` marks the character's own lines of the history, ``costs`` is what each takes in tokens.
    """

    pieces: list[Piece]
    history: Sequence[Utterance]
    own: list[bool]
    costs: list[int]
    begin: int
    why_begin: str
    message: Utterance
    message_tokens: int
    message_fate: Fate

    def report(self) -> tuple[Packed, ...]:
        """A line for every fragment, every utterance and the message, in the order of the prompt."""
        lines = [piece.report() for piece in self.pieces]
        told = list(zip(self.history, self.costs, strict=True))
        why = self.why_begin
        lines += [Packed("history", line.id, Fate.DROPPED, cost, why) for line, cost in told[: self.begin]]
        lines += [Packed("history", line.id, Fate.KEPT, cost) for line, cost in told[self.begin :]]
        why = "longer than what the window leaves" if self.message_fate is Fate.TRIMMED else ""
        lines.append(Packed("message", self.message.id, self.message_fate, self.message_tokens, why))
        return tuple(lines)


@dataclass(slots=True)
class Packer:
    """Packs one prompt. ``room`` is what all messages may take, their overhead included."""

    speakers: Speakers
    budget: Budget
    count: Count
    room: int
    left: int = 0
    _spent: dict[Slot, int] = field(default_factory=dict)
    _labels: dict[str, int] = field(default_factory=dict)

    def pack(
        self, fragments: Sequence[tuple[str, Fragment]], history: Sequence[Utterance], message: Utterance
    ) -> Plan:
        """Choose what stays."""
        pieces = sorted((self._piece(plugin, each) for plugin, each in fragments), key=lambda p: p.place)
        wanted = [piece for piece in pieces if piece.text]
        wanted.sort(key=lambda piece: -piece.fragment.priority)
        required = [piece for piece in wanted if piece.fragment.required]
        # The system message's own overhead, and the opening line that the history may need.
        self.left = self.room - 2 * MESSAGE_OVERHEAD - self.count(OPENING)
        shown, message_tokens = self._fit_message(message, sum(piece.tokens for piece in required))
        self.left -= message_tokens
        for piece in required:
            self._keep_required(piece)
        own = [self.speakers.own_line(line) for line in history]
        costs = [self._cost(line, mine) for line, mine in zip(history, own, strict=True)]
        floor = self._floor(costs)
        self._keep_optional([piece for piece in wanted if not piece.fragment.required], self.left - floor)
        begin = begin_of_history(history, own, costs, max(0, self.left), self.budget)
        fate = Fate.KEPT if shown is message else Fate.TRIMMED
        why = self._why_begin(costs, begin)
        return Plan(pieces, history, own, costs, begin, why, shown, message_tokens, fate)

    def _piece(self, plugin: str, fragment: Fragment) -> Piece:
        text = tame(fragment.text).strip()
        piece = Piece(plugin, fragment, text, reason="" if text else "it is empty")
        if text and fragment.max_tokens is not None and self.count(text) > fragment.max_tokens:
            piece.text = cut_end(text, fragment.max_tokens, self.count)
            piece.reason = f"it asked for {fragment.max_tokens} tokens at most"
        if piece.text:
            piece.tokens = self._wrapping(piece) + self.count(piece.text)
        return piece

    def _wrapping(self, piece: Piece) -> int:
        if piece.in_head:
            return self.count("\n\n")
        return MESSAGE_OVERHEAD + self.count(f"<{NOTE}>\n\n</{NOTE}>\n\n")

    def _cost(self, line: Utterance, own: bool) -> int:
        if line.tokens is None:
            return self.count(self.speakers.render(line)) + MESSAGE_OVERHEAD
        if own or not self.speakers.group:
            return line.tokens + MESSAGE_OVERHEAD
        label = self.speakers.label(line)
        if label not in self._labels:
            self._labels[label] = self.count(f"{label}: \n")
        return line.tokens + self._labels[label] + MESSAGE_OVERHEAD

    def _fit_message(self, message: Utterance, required_tokens: int) -> tuple[Utterance, int]:
        tokens = self.count(self.speakers.render(message)) + MESSAGE_OVERHEAD
        if tokens + required_tokens <= self.left:
            return message, tokens
        limit = max(self.left - required_tokens, self.left // 2)
        if tokens <= limit:
            return message, tokens

        def rendered(text: str) -> int:
            # Rendered anew at every length: a cut must not leave the middle of a line where a line begins.
            return self.count(self.speakers.render(replace(message, text=text)))

        text = cut_middle(message.text, max(0, limit - MESSAGE_OVERHEAD), rendered)
        shown = replace(message, text=text)
        return shown, rendered(text) + MESSAGE_OVERHEAD

    def _keep_required(self, piece: Piece) -> None:
        if piece.tokens > self.left:
            allowed = self.left - self._wrapping(piece)
            text = cut_end(piece.text, allowed, self.count) if allowed >= _LEAST_WORTH_KEEPING else ""
            if not text:
                piece.reason = f"required, but only {max(0, self.left)} tokens are left"
                return
            piece.reason = f"required, but only {self.left} tokens are left"
            piece.text, piece.tokens = text, self._wrapping(piece) + self.count(text)
        self._keep(piece)

    def _keep(self, piece: Piece) -> None:
        piece.fate = Fate.TRIMMED if piece.reason else Fate.KEPT
        self.left -= piece.tokens

    def _floor(self, costs: Sequence[int]) -> int:
        """What is kept for the history, so that optional fragments can't push it out."""
        minimum = sum(costs[max(0, len(costs) - self.budget.history_minimum) :])
        share = int(self.room * self.budget.history_share)
        return max(0, min(max(minimum, share), sum(costs), self.left))

    def _keep_optional(self, pieces: Sequence[Piece], room: int) -> None:
        """Keep by priority. Nothing stays while something dearer went for want of room."""
        dearest_lost: int | None = None
        for piece in pieces:
            slot, priority = piece.fragment.slot, piece.fragment.priority
            spent = self._spent.get(slot, 0)
            share = self.budget.shares.get(slot)
            cap = None if share is None else int(self.budget.room * share)
            if cap is not None and spent + piece.tokens > cap:
                piece.reason = f"{slot.name.lower()} may take {cap} tokens, and {spent} were taken"
            elif dearest_lost is not None and priority < dearest_lost:
                piece.reason = f"something dearer (priority {dearest_lost}) found no room"
            elif piece.tokens > room:
                piece.reason = f"no room: {max(0, room)} tokens are left"
                dearest_lost = priority
            else:
                room -= piece.tokens
                self._spent[slot] = spent + piece.tokens
                self._keep(piece)

    def _why_begin(self, costs: Sequence[int], begin: int) -> str:
        if sum(costs[max(0, begin - 1) :]) > self.left:
            return "no room"
        if len(costs) - begin >= self.budget.history_utterances:
            return f"the history is capped at {self.budget.history_utterances} utterances"
        return "the window moves in steps"

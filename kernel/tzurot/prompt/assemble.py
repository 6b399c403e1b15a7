"""Assembly, a pure function: fragments, history, the message and a budget become a request and its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from tzurot.payloads.context import Fragment, Role, Slot, Utterance
from tzurot.payloads.generation import Fate, JsonValue, Packing, PromptMessage, Request
from tzurot.prompt.attribution import NOTE, Speakers, message_line, speakers_of
from tzurot.prompt.budget import MESSAGE_OVERHEAD, Budget, PromptTooLong
from tzurot.prompt.packing import OPENING, Packer, Piece, Plan
from tzurot.prompt.trim import Count, cut_middle

if TYPE_CHECKING:
    from tzurot.hooks.dispatch import From
    from tzurot.turns.turn import Turn

_ATTEMPTS = 6


class Shape(StrEnum):
    """How system text beyond the beginning is sent."""

    FOLDED = "folded"
    """As notes within people's messages: one system message, then user and assistant in turn, which every
    chat template and server can carry."""
    SEPARATE = "separate"
    """As system messages of their own, for models that keep them where they stand."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The message being answered, what was said before it (oldest first), and everybody's labels."""

    message: Utterance
    history: Sequence[Utterance]
    speakers: Speakers

    @classmethod
    def of(cls, turn: Turn) -> Conversation:
        """The conversation that ``turn`` continues; its history must be known."""
        return cls(message_line(turn), turn.history, speakers_of(turn))


def assemble(
    fragments: Sequence[From[Fragment]],
    conversation: Conversation,
    budget: Budget,
    count: Count,
    *,
    model: str,
    parameters: Mapping[str, JsonValue] | None = None,
    shape: Shape = Shape.FOLDED,
) -> Request:
    """Build the request, never longer than the budget, with a report on every fragment and utterance.

    Its messages, as ``count`` counts them, their overhead and the reserve together never exceed the window.
    When nothing else is left to give, the message itself loses its middle.

    Raises:
        PromptTooLong: not even a word of the message fits the window.
    """
    given = [(each.plugin, each.value) for each in fragments]
    room = budget.room
    for _ in range(_ATTEMPTS):
        packer = Packer(conversation.speakers, budget, count, room)
        plan = packer.pack(given, conversation.history, conversation.message)
        messages = _compose(plan, conversation.speakers, shape)
        used = _measure(messages, count)
        if used <= budget.room:
            break
        # Joined texts may cost more than their parts, and the known cost of an utterance may be wrong.
        room -= used - budget.room
    if used > budget.room or _is_lost(plan, conversation):
        plan = _last_resort(plan, conversation, budget, count)
        messages = _compose(plan, conversation.speakers, shape)
        used = _measure(messages, count)
    report = Packing(budget.window_tokens, budget.reserved, used, plan.report())
    return Request(model, messages, parameters or {}, report=report)


def _measure(messages: Sequence[PromptMessage], count: Count) -> int:
    return sum(count(message.content) + MESSAGE_OVERHEAD for message in messages)


def _is_lost(plan: Plan, conversation: Conversation) -> bool:
    return bool(conversation.message.text.strip()) and not plan.message.text.strip()


def _last_resort(plan: Plan, conversation: Conversation, budget: Budget, count: Count) -> Plan:
    """The message alone, its middle left out."""

    def rendered(text: str) -> int:
        return count(conversation.speakers.render(replace(conversation.message, text=text)))

    limit = budget.room - MESSAGE_OVERHEAD
    text = cut_middle(conversation.message.text, limit, rendered)
    tokens = rendered(text) + MESSAGE_OVERHEAD
    message = (
        conversation.message
        if text == conversation.message.text
        else replace(conversation.message, text=text)
    )
    whole = message is conversation.message
    if tokens > budget.room or (not text and not whole):
        raise PromptTooLong(budget.window_tokens, budget.reserved)
    for piece in plan.pieces:
        if piece.fate is not Fate.DROPPED:
            piece.fate, piece.reason = Fate.DROPPED, "the window holds the message alone"
    return replace(
        plan,
        begin=len(plan.history),
        why_begin="the window holds the message alone",
        message=message,
        message_tokens=tokens,
        message_fate=Fate.KEPT if whole else Fate.TRIMMED,
    )


@dataclass(slots=True)
class _Block:
    role: Role
    texts: list[str]
    spaced: bool

    def message(self) -> PromptMessage:
        return PromptMessage(self.role, ("\n\n" if self.spaced else "\n").join(self.texts))


def _compose(plan: Plan, speakers: Speakers, shape: Shape) -> tuple[PromptMessage, ...]:
    """Put what is kept in its place: the system message, the conversation with what stands in it, the end."""
    kept = [piece for piece in plan.pieces if piece.fate is not Fate.DROPPED]
    head = "\n\n".join(piece.text for piece in kept if piece.in_head)
    opening = (PromptMessage(Role.SYSTEM, head),) if head else ()
    shown = [*plan.history[plan.begin :], plan.message]
    own = [*plan.own[plan.begin :], speakers.own_line(plan.message)]
    lines = [
        (Role.ASSISTANT if mine else Role.USER, speakers.render(line))
        for line, mine in zip(shown, own, strict=True)
    ]
    blocks = _body(lines, [piece for piece in kept if not piece.in_head], shape)
    if blocks[0].role is Role.ASSISTANT:
        blocks.insert(0, _Block(Role.USER, [OPENING], spaced=False))
    return (*opening, *(block.message() for block in blocks))


def _body(lines: Sequence[tuple[Role, str]], pieces: Sequence[Piece], shape: Shape) -> list[_Block]:
    inserts: dict[int, list[Piece]] = {}
    for piece in pieces:
        inserts.setdefault(_position(piece.fragment, len(lines)), []).append(piece)
    blocks: list[_Block] = []
    for position, (role, text) in enumerate(lines):
        for piece in inserts.get(position, ()):
            _add_piece(blocks, piece, shape)
        _add(blocks, role, text)
    for piece in inserts.get(len(lines), ()):
        _add_piece(blocks, piece, shape)
    return blocks


def _position(fragment: Fragment, lines: int) -> int:
    """Before which of ``lines`` (the message is the last one) a fragment outside the head stands."""
    if fragment.slot < Slot.HISTORY:
        return 0
    if fragment.slot is Slot.HISTORY:
        return max(0, lines - max(0, fragment.depth))
    return lines if fragment.slot is Slot.FINAL else lines - 1


def _add_piece(blocks: list[_Block], piece: Piece, shape: Shape) -> None:
    role = piece.fragment.role
    if role is not Role.SYSTEM:
        _add(blocks, Role.ASSISTANT if role is Role.ASSISTANT else Role.USER, piece.text, spaced=True)
    elif shape is Shape.SEPARATE:
        _add(blocks, Role.SYSTEM, piece.text, spaced=True)
    else:
        _add(blocks, Role.USER, f"<{NOTE}>\n{piece.text}\n</{NOTE}>", spaced=True)


def _add(blocks: list[_Block], role: Role, text: str, *, spaced: bool = False) -> None:
    """Append ``text``, to the last message if it is in the same voice: many templates refuse two in a row."""
    spaced = spaced or role is Role.ASSISTANT
    if blocks and blocks[-1].role is role:
        blocks[-1].texts.append(text)
        blocks[-1].spaced |= spaced
    else:
        blocks.append(_Block(role, [text], spaced))

"""The trace of a message: which hooks ran, what they gave, what was sent, and why nobody answered."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NamedTuple

from tzurot.payloads.generation import JsonValue, Request, Usage

current_trace: ContextVar[Trace | None] = ContextVar("tzurot_trace", default=None)
"""The trace that the running code belongs to."""


class HookRun(NamedTuple):
    """One plugin's run of one hook: how long (seconds), how it ended, and what it gave."""

    hook: str
    plugin: str
    seconds: float
    outcome: str
    gave: str = ""


@dataclass(slots=True, eq=False)
class Trace:
    """What happened to one message, or in one turn of it."""

    message_id: str
    conversation: str
    character: str | None = None
    runs: list[HookRun] = field(default_factory=list)
    request: Request | None = None
    answer: str = ""
    reasoning: str = ""
    reply: str = ""
    usage: Usage | None = None
    model: str | None = None
    sent: list[str] = field(default_factory=list)
    unanswered: str | None = None
    """Why there was no answer, when there was none."""
    started: float = field(default_factory=time.monotonic)
    first_delta: float | None = None
    seconds: float = 0.0

    def close(self) -> None:
        """Take the total time."""
        self.seconds = time.monotonic() - self.started

    def as_json(self) -> dict[str, JsonValue]:
        """The trace as plain JSON, for ``--json``, logs and the studio."""
        report = self.request.report if self.request else None
        return {
            "message": self.message_id,
            "conversation": self.conversation,
            "character": self.character,
            "model": self.model,
            "seconds": round(self.seconds, 4),
            "first_delta_seconds": None if self.first_delta is None else round(self.first_delta, 4),
            "unanswered": self.unanswered,
            "hooks": [
                {
                    "hook": run.hook,
                    "plugin": run.plugin,
                    "seconds": round(run.seconds, 6),
                    "outcome": run.outcome,
                    "gave": run.gave,
                }
                for run in self.runs
            ],
            "budget": None
            if report is None
            else {
                "window": report.window,
                "reserved": report.reserved,
                "used": report.used,
                "items": [
                    {
                        "plugin": item.plugin,
                        "key": item.key,
                        "fate": str(item.fate),
                        "tokens": item.tokens,
                        "reason": item.reason,
                    }
                    for item in report.items
                ],
            },
            "usage": None
            if self.usage is None
            else {
                "prompt": self.usage.prompt,
                "completion": self.usage.completion,
                "cached": self.usage.cached,
                "reasoning": self.usage.reasoning,
                "cost": self.usage.cost,
            },
            "answer": self.answer,
            "reasoning": self.reasoning,
            "reply": self.reply,
            "sent": list(self.sent),
        }


class Traces:
    """The most recent traces, newest last; bounded."""

    def __init__(self, keep: int = 200) -> None:
        self._traces: deque[Trace] = deque(maxlen=keep)

    def add(self, trace: Trace) -> None:
        """Keep ``trace``; the oldest goes when there are too many."""
        self._traces.append(trace)

    def __iter__(self) -> Iterator[Trace]:
        return iter(self._traces)

    def latest(self, conversation: str | None = None) -> Trace | None:
        """The newest trace, of one conversation if given."""
        for trace in reversed(self._traces):
            if conversation is None or trace.conversation == conversation:
                return trace
        return None

"""``/why``: why the latest messages here were not answered, and how the latest answer came about."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from tzurot import Command, Invocation, Kit, Option, Trace, TzurotError

_MOST = 3
_ID = re.compile(r"[^/\s]+(?=/?\s*$)")


def why_command(kit: Kit) -> Command:
    """The command ``/why``."""

    async def why(invocation: Invocation) -> str:
        traces = kit.controls().traces(invocation.place.conversation)
        if wanted := invocation.text("message"):
            return "\n".join(_told(trace) for trace in _about(traces, wanted))
        silent = [trace for trace in traces if trace.unanswered is not None][:_MOST]
        answered = next((trace for trace in traces if trace.unanswered is None), None)
        lines = [_told(trace) for trace in (*silent, *([answered] if answered else ()))]
        return "\n".join(lines) or (
            "No message of this conversation is known since the bot started. If one was written, it did not "
            "reach the bot: see whether it may view this channel, and whether it reads messages at all."
        )

    message = Option("message", "the id or link of one message; without it, the latest")
    return Command(
        "why", "why nobody answered here, and how the latest answer came about", why, options=(message,)
    )


def _about(traces: Sequence[Trace], wanted: str) -> list[Trace]:
    """The traces of one message, or of the one that is an answer.

    Raises:
        TzurotError: nothing is known of it.
    """
    ending = _ID.search(wanted)
    message_id = ending[0] if ending else wanted
    found = [trace for trace in traces if message_id == trace.message_id or message_id in trace.sent]
    if not found:
        raise TzurotError("Nothing is known of that message here: it is too old, or of another channel.")
    return found


def _told(trace: Trace) -> str:
    ago = _ago(time.monotonic() - trace.started)
    who = f" by {trace.character}" if trace.character else ""
    if trace.unanswered is not None:
        return f"Message {trace.message_id}, {ago}: not answered{who}, because: {_one_line(trace.unanswered)}"
    facts = [f"{trace.seconds:.1f} s"]
    if trace.model:
        facts.append(f"model {_one_line(trace.model)}")
    if trace.request is not None:
        report = trace.request.report
        facts.append(f"prompt of {report.used} tokens (room for {report.window - report.reserved})")
        facts.append(f"from {', '.join(sorted({item.plugin for item in report.items}))}")
    if failed := sorted({run.plugin for run in trace.runs if run.outcome not in _WELL}):
        facts.append(f"in trouble: {', '.join(failed)}")
    return f"Message {trace.message_id}, {ago}: answered{who}; {'; '.join(facts)}"


_WELL = frozenset({"ok", "none"})


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _ago(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s ago"
    return f"{seconds / 60:.0f} min ago" if seconds < 5400 else f"{seconds / 3600:.0f} h ago"

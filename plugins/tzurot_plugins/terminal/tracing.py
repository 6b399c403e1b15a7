"""Shows the trace of a turn: where the time went, what stood in the prompt, why nobody answered."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tzurot import Trace
from tzurot_plugins.terminal.safe import safe_line

_WIDE = 60


def drawn(trace: Trace) -> RenderableType:
    """The trace for people; ``Trace.as_json`` is the one for scripts."""
    parts: list[RenderableType] = [Text(_head(trace), "dim")]
    if trace.runs:
        parts.append(_hooks(trace))
    if trace.request is not None and trace.request.report.items:
        parts.append(_prompt(trace))
    return Group(*parts)


def _head(trace: Trace) -> str:
    facts = [f"{trace.seconds:.2f} s"]
    if trace.first_delta is not None:
        facts.append(f"first word after {trace.first_delta:.2f} s")
    if trace.model:
        facts.append(f"model {safe_line(trace.model)}")
    if trace.usage is not None:
        usage = trace.usage
        facts.append(f"tokens {usage.prompt} in ({usage.cached} cached), {usage.completion} out")
        if usage.cost is not None:
            facts.append(f"${usage.cost:.6f}")
    if trace.unanswered is not None:
        facts.append(f"not answered: {safe_line(trace.unanswered)}")
    return " · ".join(facts)


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 1))
    for column in columns:
        table.add_column(column, justify="right" if column in ("ms", "tokens") else "left")
    return table


def _hooks(trace: Trace) -> Table:
    table = _table("hook", "plugin", "ms", "outcome", "gave")
    for run in trace.runs:
        gave = safe_line(run.gave)
        short = gave if len(gave) <= _WIDE else f"{gave[: _WIDE - 1]}…"
        cells = (run.hook, run.plugin, f"{run.seconds * 1000:.1f}", run.outcome, short)
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _prompt(trace: Trace) -> Table:
    assert trace.request is not None
    report = trace.request.report
    table = _table(f"prompt: {report.used} of {report.window - report.reserved}", "from", "tokens", "fate")
    for item in report.items:
        fate = f"{item.fate}{': ' if item.reason else ''}{safe_line(item.reason)}"
        table.add_row(*(Text(cell) for cell in (safe_line(item.key), item.plugin, str(item.tokens), fate)))
    return table

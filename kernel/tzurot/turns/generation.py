"""Gathers a stream of deltas into an answer, within bounds."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tzurot.hooks.nesting import closing
from tzurot.observe.trace import Trace
from tzurot.payloads.generation import Category, Delta, Finish, GenerationError, ToolCallPart, Usage

LONGEST_ANSWER = 64_000
"""Characters; a server that never stops must not fill the memory."""


@dataclass(slots=True)
class Answer:
    """What a model said, all of it."""

    text: str = ""
    reasoning: str = ""
    tools: list[ToolCallPart] = field(default_factory=list)
    usage: Usage | None = None
    finish: Finish | None = None
    model: str | None = None


async def gather(stream: AsyncIterator[Delta], trace: Trace) -> Answer:
    """Read ``stream`` to its end.

    Raises:
        GenerationError: the backend failed, or said nothing at all.
    """
    answer, texts, thoughts, length = Answer(), list[str](), list[str](), 0
    async with closing(stream) as deltas:
        async for delta in deltas:
            if trace.first_delta is None:
                trace.first_delta = time.monotonic() - trace.started
            texts.append(delta.text)
            thoughts.append(delta.reasoning)
            length += len(delta.text) + len(delta.reasoning)
            _note(answer, delta)
            if length > LONGEST_ANSWER:
                answer.finish = Finish.LENGTH
                break
    answer.text, answer.reasoning = "".join(texts), "".join(thoughts)
    if not answer.text.strip() and not answer.tools:
        raise GenerationError(Category.EMPTY_RESPONSE, _nothing_said(answer))
    return answer


def _note(answer: Answer, delta: Delta) -> None:
    answer.usage = delta.usage or answer.usage
    answer.finish = delta.finish or answer.finish
    answer.model = delta.model or answer.model
    if delta.tool is not None:
        answer.tools.append(delta.tool)


def _nothing_said(answer: Answer) -> str:
    if answer.reasoning and answer.finish is Finish.LENGTH:
        return "The model spent all its tokens on thinking. Raise max_tokens, or lower the reasoning effort."
    if answer.finish is Finish.CONTENT_FILTER:
        return "The model's provider filtered the whole answer."
    return "The model answered with nothing."

"""Reads the chunks of a chat completion, which servers shape in many ways, into deltas.

Chunks are plain JSON here: building the client library's models for each of them costs more CPU than all
the rest of a turn, and much of what servers send is not in those models.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tzurot import Delta, Finish, JsonValue, ToolCallPart, Usage
from tzurot_plugins.openai.thinking import Kind, Piece, Splitter

_FINISHES = {
    "stop": Finish.STOP,
    "eos": Finish.STOP,
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "tool_calls": Finish.TOOL_CALLS,
    "function_call": Finish.TOOL_CALLS,
    "tool_use": Finish.TOOL_CALLS,
    "content_filter": Finish.CONTENT_FILTER,
    "safety": Finish.CONTENT_FILTER,
}


@dataclass(slots=True)
class Reading:
    """What a stream has said so far.

    ``visible`` and ``retracted`` count characters of the answer: those that were streamed as text, and
    those of them that turned out to be thinking. With ``hold`` text waits until thinking has certainly
    ended, for models that are known to begin in the middle of it.
    """

    hold: bool = False
    visible: int = 0
    retracted: int = 0
    thought: bool = False
    tools: bool = False
    chunks: int = 0
    finish: Finish | None = None
    failed: bool = False
    """The server said that the generation ended in an error, without saying which."""
    usage: Usage | None = None
    model: str | None = None
    error: JsonValue = None
    _splitter: Splitter = field(default_factory=Splitter)
    _held: list[str] = field(default_factory=list)
    _calls: dict[str, int] = field(default_factory=dict)

    def read(self, chunk: JsonValue) -> Iterator[Delta]:
        """The deltas of one chunk, or of a whole completion that came instead of a stream."""
        if not isinstance(chunk, dict):
            return
        if chunk.get("error"):
            self.error = chunk["error"]
            return
        self.chunks += 1
        if isinstance(model := chunk.get("model"), str) and model:
            self.model = model
        if isinstance(usage := chunk.get("usage"), dict):
            self.usage = _usage(usage)
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if isinstance(choice, dict):
            yield from self._read_choice(choice)

    def _read_choice(self, choice: dict[str, JsonValue]) -> Iterator[Delta]:
        message = choice.get("delta") or choice.get("message")
        if isinstance(message, dict):
            content = message.get("content") or message.get("refusal")
            thoughts = _thoughts(message)
            if thoughts or content:
                yield from self._said(thoughts, content)
            if calls := message.get("tool_calls"):
                yield from self._read_calls(calls)
        elif isinstance(text := choice.get("text"), str):
            yield from self._said("", text)
        finish = choice.get("finish_reason")
        if finish == "error":
            self.failed = True
        elif isinstance(finish, str) and finish:
            self.finish = _FINISHES.get(finish.lower(), Finish.STOP)

    def _said(self, thoughts: str, content: JsonValue) -> Iterator[Delta]:
        if thoughts:
            self.thought = True
            yield from self._release()  # the server parts thinking by itself
            yield Delta(reasoning=thoughts)
        for kind, text in _parts(content):
            if kind is Kind.THOUGHT:
                self.thought = True
                yield Delta(reasoning=text)
            else:
                yield from self._told(self._splitter.feed(text))

    def _told(self, pieces: Iterable[Piece]) -> Iterator[Delta]:
        for piece in pieces:
            match piece.kind:
                case Kind.TEXT if self.hold:
                    self._held.append(piece.text)
                case Kind.TEXT:
                    self.visible += len(piece.text)
                    yield Delta(piece.text)
                case Kind.THOUGHT:
                    self.thought = True
                    yield from self._release()
                    yield Delta(reasoning=piece.text)
                case Kind.RETRACT:
                    self.thought = True
                    self.retracted = self.visible
                    held = "".join(self._held)
                    self._held.clear()
                    self.hold = False
                    if held:
                        yield Delta(reasoning=held)

    def _release(self) -> Iterator[Delta]:
        self.hold = False
        if self._held:
            text = "".join(self._held)
            self._held.clear()
            self.visible += len(text)
            yield Delta(text)

    def _read_calls(self, calls: JsonValue) -> Iterator[Delta]:
        for call in calls if isinstance(calls, list) else ():
            if not isinstance(call, dict):
                continue
            function = call.get("function")
            function = function if isinstance(function, dict) else {}
            arguments = function.get("arguments")
            if not isinstance(arguments, str):
                arguments = "" if arguments is None else json.dumps(arguments)
            self.tools = True
            call_id = str(call.get("id") or "")
            part = ToolCallPart(
                self._index(call, call_id), call_id, str(function.get("name") or ""), arguments
            )
            yield Delta(tool=part)

    def _index(self, call: dict[str, JsonValue], call_id: str) -> int:
        # Some servers leave the index out: then a new id begins a new call.
        if isinstance(index := call.get("index"), int):
            return index
        if call_id:
            return self._calls.setdefault(call_id, len(self._calls))
        return max(0, len(self._calls) - 1)

    def close(self) -> Iterator[Delta]:
        """What is left when the stream has ended: held text, then usage, finish and model."""
        yield from self._told(self._splitter.close())
        yield from self._release()
        if self.usage is not None or self.finish is not None or self.model is not None:
            yield Delta(usage=self.usage, finish=self.finish, model=self.model)

    @property
    def silent(self) -> bool:
        """Whether nothing was said that anybody could be shown."""
        return self.visible <= self.retracted and not self.tools


def _thoughts(message: dict[str, JsonValue]) -> str:
    """The thinking that stands in fields of its own; servers that send it twice are read once."""
    details = message.get("reasoning_details")
    if isinstance(details, list):
        found = "".join(
            str(detail.get("text") or detail.get("summary") or "")
            for detail in details
            if isinstance(detail, dict)
        )
        if found:
            return found
    for name in ("reasoning", "reasoning_content", "thinking"):
        if isinstance(value := message.get(name), str) and value:
            return value
    return ""


def _parts(content: JsonValue) -> Iterator[tuple[Kind, str]]:
    """Content is a text, or a list of typed parts, of which some may be thinking."""
    if isinstance(content, str):
        yield Kind.TEXT, content
        return
    for part in content if isinstance(content, list) else ():
        if isinstance(part, str):
            yield Kind.TEXT, part
        elif isinstance(part, dict):
            thinking = part.get("thinking") or part.get("reasoning")
            if thinking:
                yield Kind.THOUGHT, "".join(text for _, text in _parts(thinking))
            elif isinstance(text := part.get("text"), str):
                yield Kind.TEXT, text


def _usage(usage: dict[str, JsonValue]) -> Usage:
    prompt = usage.get("prompt_tokens_details")
    completion = usage.get("completion_tokens_details")
    cached = _count(prompt, "cached_tokens") or _count(usage, "prompt_cache_hit_tokens")
    cost = usage.get("cost")
    return Usage(
        prompt=_count(usage, "prompt_tokens"),
        completion=_count(usage, "completion_tokens"),
        cached=cached,
        reasoning=_count(completion, "reasoning_tokens"),
        cost=float(cost) if isinstance(cost, (int, float)) and not isinstance(cost, bool) else None,
    )


def _count(counts: JsonValue, name: str) -> int:
    value = counts.get(name) if isinstance(counts, dict) else None
    return value if isinstance(value, int) and value > 0 else 0

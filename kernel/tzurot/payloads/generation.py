"""What goes to a model and what comes back: requests, deltas, usage, and how it can fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from tzurot.errors import TzurotError
from tzurot.payloads.context import Role

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool the model may call: ``parameters`` is a JSON Schema."""

    name: str
    description: str
    parameters: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """A piece of a streamed tool call; parts of one ``index`` belong together."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of a request. ``name`` attributes it, where the model's server understands names."""

    role: Role
    content: str
    name: str | None = None
    tool_call_id: str | None = None


class Fate(StrEnum):
    """What the budget did with a piece of the prompt."""

    KEPT = "kept"
    TRIMMED = "trimmed"
    DROPPED = "dropped"


class Packed(NamedTuple):
    """What became of one fragment or utterance, and what it costs in tokens.

    A tuple, because every turn makes one for each line of its history.
    """

    plugin: str
    key: str
    fate: Fate
    tokens: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Packing:
    """The budget report of a request, in tokens: why the prompt is what it is."""

    window: int
    reserved: int
    used: int = 0
    items: tuple[Packed, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to a model. ``parameters`` holds the settings that are set, by their registry names."""

    model: str
    messages: tuple[PromptMessage, ...]
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    tools: tuple[ToolSpec, ...] = ()
    report: Packing = Packing(0, 0)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a generation cost: tokens by kind, and money in USD where the server tells."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    reasoning: int = 0
    cost: float | None = None


class Finish(StrEnum):
    """Why a model stopped."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"


@dataclass(frozen=True, slots=True)
class Delta:
    """A streamed piece. ``reasoning`` is the model's thinking and never part of the reply."""

    text: str = ""
    reasoning: str = ""
    tool: ToolCallPart | None = None
    usage: Usage | None = None
    finish: Finish | None = None
    model: str | None = None
    """The model that really answered, where the server says so."""


class Category(StrEnum):
    """The kinds of failure of a generation; one line for people exists for each."""

    AUTHENTICATION = "authentication"
    QUOTA_EXCEEDED = "quota_exceeded"
    CREDIT_EXHAUSTION = "credit_exhaustion"
    CONTENT_POLICY = "content_policy"
    BAD_REQUEST = "bad_request"
    CONTEXT_LENGTH = "context_length"
    MODEL_NOT_FOUND = "model_not_found"
    RATE_LIMIT = "rate_limit"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    NETWORK = "network"
    EMPTY_RESPONSE = "empty_response"
    TRUNCATED = "truncated"
    NO_BACKEND = "no_backend"
    UNKNOWN = "unknown"


TRANSIENT = frozenset(
    {
        Category.RATE_LIMIT,
        Category.SERVER_ERROR,
        Category.TIMEOUT,
        Category.NETWORK,
        Category.EMPTY_RESPONSE,
        Category.TRUNCATED,
    }
)


class GenerationError(TzurotError):
    """A generation failed. ``message`` says who, what, why and what to do, and holds no secret.

    ``retry_after`` is in seconds; ``status`` the HTTP status, where there was one.
    """

    def __init__(
        self,
        category: Category,
        message: str,
        *,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.category = category
        self.message = message
        self.retry_after = retry_after
        self.status = status

    @property
    def transient(self) -> bool:
        """Whether trying again later may help."""
        return self.category in TRANSIENT

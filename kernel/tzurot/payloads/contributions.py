"""What plugins contribute at set-up, beside commands: lints, services, tokenizers, findings of the doctor."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from tzurot.packs.compiled import Pack

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lint:
    """A plugin's own look at a pack: ``check`` yields ``(path, text)`` warnings.

    A path is keys and indexes, such as ``("characters", 0, "greeting")``.
    """

    name: str
    check: Callable[[Pack], Iterable[tuple[tuple[str | int, ...], str]]]


# No slots: typing sets an attribute on what ``ServiceKey[X](...)`` makes, and frozen slots refuse it badly.
@dataclass(frozen=True)
class ServiceKey(Generic[T]):
    """The typed name of a service that one plugin offers and another asks for."""

    name: str


@dataclass(frozen=True)
class Service(Generic[T]):
    """A service on offer."""

    key: ServiceKey[T]
    offer: T


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """What a plugin knows about the models whose ids it ``fits``; both functions are quick and never block.

    ``count`` counts the tokens of a text (``None``: they are estimated); ``window`` is the context window
    of a model in tokens, where it is known.
    """

    name: str
    fits: Callable[[str], bool]
    count: Callable[[str], int] | None = None
    window: Callable[[str], int | None] | None = None


class State(StrEnum):
    """How something stands in the doctor's eyes."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``tzurot doctor``: what was looked at, how it stands, and what to do."""

    subject: str
    state: State
    text: str
    remedy: str = ""


# ``Service`` values of any type travel in one list.
AnyService = Service[Any]

"""What happens to what is kept about a person: forgetting and exporting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tzurot.payloads.generation import JsonValue


@dataclass(frozen=True, slots=True)
class Forget:
    """A request to erase a person's data: everywhere, or within one guild.

    ``user_id`` comes with its platform in front (``discord:1``) or plain, which means every platform.
    """

    user_id: str
    guild: str | None = None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased: how many ``rows`` of what ``kind``."""

    kind: str
    rows: int


@dataclass(frozen=True, slots=True)
class Exported:
    """What is kept of one ``kind``, as plain JSON rows."""

    kind: str
    rows: Sequence[Mapping[str, JsonValue]]

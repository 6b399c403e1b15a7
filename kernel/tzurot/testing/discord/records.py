"""What the server saw: requests, and everything that real Discord would have refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class RequestRecord:
    """One request to the API and the status it got; None while unanswered or cut off."""

    method: str
    route: str
    """The path's template, or the path itself when nothing serves it."""
    path: str
    params: dict[str, str]
    query: dict[str, str]
    user_agent: str
    at: float
    """Seconds on the event loop's clock."""
    reason: str | None = None
    body: Any = field(default=None, repr=False)
    files: list[str] = field(default_factory=list)
    status: int | None = None

    @property
    def key(self) -> str:
        """Method and route, as in ``"POST /channels/{channel_id}/messages"``."""
        return f"{self.method} {self.route}"


@dataclass(slots=True, frozen=True)
class Violation:
    """Something that a correct client would not do: an invalid body, a wrong gateway address."""

    where: str
    why: str
    detail: Any = None

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"

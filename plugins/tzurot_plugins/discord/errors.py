"""How talking to Discord can fail, in words for the operator; no message ever holds a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tzurot import TzurotError

UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
UNKNOWN_WEBHOOK = 10015
TOO_MANY_WEBHOOKS = 30007
MISSING_ACCESS = 50001
EMPTY_MESSAGE = 50006
MISSING_PERMISSIONS = 50013
INVALID_WEBHOOK_TOKEN = 50027
INVALID_FORM = 50035
ALREADY_ACKNOWLEDGED = 40060
CANNOT_REPLY = 160002


class DiscordError(TzurotError):
    """Anything that went wrong between us and Discord."""


class Refused(DiscordError):
    """Discord answered, and said no: ``status`` of HTTP and ``code`` of its own list."""

    def __init__(self, label: str, status: int, body: Any) -> None:
        told: Mapping[str, Any] = body if isinstance(body, dict) else {}
        self.status = status
        self.code = int(told.get("code") or 0)
        self.told = str(told.get("message") or "no reason given")
        self.fields = tuple(_fields(told.get("errors")))
        where = f" ({', '.join(self.fields)})" if self.fields else ""
        super().__init__(f"Discord refused {label}: {status}, code {self.code}: {self.told}{where}.")


class Unavailable(DiscordError):
    """Discord could not be reached, or stayed at fault, through all the tries."""


class Uncertain(DiscordError):
    """A request that must not be sent twice was lost half-way: it may have been carried out, or not."""


class RateLimited(DiscordError):
    """Discord asks to wait longer than a message is worth."""


class TooManyInvalid(DiscordError):
    """So many requests were refused that Discord is about to ban this address; we stop before it does."""


class Fatal(DiscordError):
    """Discord will not have us, and asking again would only make it worse."""


def _fields(errors: Any, path: str = "") -> list[str]:
    """The names of the form fields that Discord complains about."""
    if not isinstance(errors, dict):
        return []
    if "_errors" in errors:
        return [path or "body"]
    steps = ((f"{path}.{key}" if path else str(key), inner) for key, inner in errors.items())
    return [name for step, inner in steps for name in _fields(inner, step)]

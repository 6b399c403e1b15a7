"""Discord's error answers: status, code and message, word for word where a client can see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class ApiError(Exception):
    """An answer that refuses a request."""

    status: int
    code: int
    message: str
    extra: dict[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The JSON that Discord sends with it."""
        return {"message": self.message, "code": self.code, **self.extra}


_KNOWN: dict[int, tuple[int, str]] = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10014: (404, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    30007: (400, "Maximum number of webhooks reached (15)"),
    30010: (403, "Maximum number of reactions reached (20)"),
    30032: (400, "Maximum number of application commands reached (100)"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50016: (400, "Provided too few or too many messages to delete. Must provide at least 2 and at most 100."),
    50021: (403, "Cannot execute action on a system message"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50033: (400, "Invalid Recipient(s)"),
    50041: (400, "Invalid API version provided"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160002: (400, "Cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    220001: (400, "Webhooks posted to forum channels must have a thread_name or thread_id"),
    220003: (400, "Webhooks can only create threads in forum channels"),
}


def refuse(code: int) -> ApiError:
    """The refusal with Discord's ``code``, with its usual status and message."""
    status, message = _KNOWN[code]
    return ApiError(status, code, message)


def unauthorized() -> ApiError:
    """The answer to a token that is missing, wrong or revoked."""
    return ApiError(401, 0, "401: Unauthorized")


def not_found() -> ApiError:
    """The answer for a path that no route serves."""
    return ApiError(404, 0, "404: Not Found")


def invalid(path: str, code: str, message: str) -> ApiError:
    """An invalid form body (50035) with one error at the dotted ``path``."""
    return invalid_form([(tuple(path.split(".")) if path else (), code, message)])


def invalid_form(problems: list[tuple[tuple[str | int, ...], str, str]]) -> ApiError:
    """An invalid form body (50035) with each problem nested under the field it belongs to."""
    errors: dict[str, Any] = {}
    for path, code, message in problems:
        node = errors
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})
    return ApiError(400, 50035, "Invalid Form Body", {"errors": errors})

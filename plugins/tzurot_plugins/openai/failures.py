"""Every way in which a model server fails, as one typed error that says who, what, why and what to do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from tzurot import Category, GenerationError, JsonValue
from tzurot_plugins.openai.server import Server

_BY_STATUS = {
    400: Category.BAD_REQUEST,
    401: Category.AUTHENTICATION,
    402: Category.CREDIT_EXHAUSTION,
    403: Category.AUTHENTICATION,
    404: Category.MODEL_NOT_FOUND,
    408: Category.TIMEOUT,
    413: Category.CONTEXT_LENGTH,
    429: Category.RATE_LIMIT,
    504: Category.TIMEOUT,
    524: Category.TIMEOUT,
}
_BY_WORD = {
    "context_length_exceeded": Category.CONTEXT_LENGTH,
    "exceed_context_size_error": Category.CONTEXT_LENGTH,
    "rate_limit_exceeded": Category.RATE_LIMIT,
    "provider_overloaded": Category.SERVER_ERROR,
    "provider_unavailable": Category.SERVER_ERROR,
    "server_error": Category.SERVER_ERROR,
    "content_policy_violation": Category.CONTENT_POLICY,
    "content_filter": Category.CONTENT_POLICY,
    "refusal": Category.CONTENT_POLICY,
    "payment_required": Category.CREDIT_EXHAUSTION,
    "insufficient_quota": Category.QUOTA_EXCEEDED,
    "invalid_api_key": Category.AUTHENTICATION,
    "model_not_found": Category.MODEL_NOT_FOUND,
}
# Servers without codes say it in words; these stand in the messages of llama.cpp, vLLM, OpenAI, OpenRouter.
_BY_PHRASE = (
    ("context length", Category.CONTEXT_LENGTH),
    ("context size", Category.CONTEXT_LENGTH),
    ("context window", Category.CONTEXT_LENGTH),
    ("maximum context", Category.CONTEXT_LENGTH),
    ("prompt is too long", Category.CONTEXT_LENGTH),
    ("not a valid model", Category.MODEL_NOT_FOUND),
    ("no endpoints found", Category.MODEL_NOT_FOUND),
    ("moderation", Category.CONTENT_POLICY),
    ("content policy", Category.CONTENT_POLICY),
    ("per-day", Category.QUOTA_EXCEEDED),
    ("exceeded your current quota", Category.QUOTA_EXCEEDED),
)
_SAYS = {
    Category.AUTHENTICATION: ("refused the key", "Check OPENAI_API_KEY"),
    Category.CREDIT_EXHAUSTION: ("wants to be paid first", "Top up the account behind OPENAI_API_KEY"),
    Category.QUOTA_EXCEEDED: ("has no quota left for this key", "Wait until it renews, or raise it there"),
    Category.CONTENT_POLICY: ("refused the conversation", "Say it differently, or choose another model"),
    Category.CONTEXT_LENGTH: (
        "found the prompt too long",
        "Set context_window_tokens to the model's window, or lower max_messages",
    ),
    Category.MODEL_NOT_FOUND: (
        "does not know the model {model}",
        "Choose another `model`; if none is known, check OPENAI_BASE_URL: most addresses end in /v1",
    ),
    Category.RATE_LIMIT: ("asks to slow down", "It is tried again; if that goes on, set `fallbacks`"),
    Category.SERVER_ERROR: ("failed", "It is tried again; if that goes on, set `fallbacks`"),
    Category.TIMEOUT: ("took too long", "It is tried again; raise stall_seconds for slow machines"),
    Category.NETWORK: ("could not be reached", "Check OPENAI_BASE_URL, and whether the server runs"),
    Category.BAD_REQUEST: ("refused the request", "Check the model's settings"),
    Category.TRUNCATED: ("broke off in the middle of the answer", "It is tried again where that is possible"),
    Category.EMPTY_RESPONSE: ("answered with nothing", "It is tried again"),
    Category.UNKNOWN: ("failed in an unknown way", "See the log"),
}


class Failures:
    """Makes the errors of one server and model."""

    def __init__(self, server: Server, model: str) -> None:
        self._server = server
        self._model = model

    def of(
        self,
        category: Category,
        why: str = "",
        *,
        status: int | None = None,
        retry_after: float | None = None,
        remedy: str = "",
    ) -> GenerationError:
        """An error of a known category."""
        what, usual = _SAYS.get(category, _SAYS[Category.UNKNOWN])
        what = what.format(model=self._model)
        reasons = ", ".join(part for part in (str(status or ""), self._server.clean(why)) if part)
        told = f"{self._server.name} {what}{f' ({reasons})' if reasons else ''}. {remedy or usual}."
        return GenerationError(category, told, retry_after=retry_after, status=status)

    def of_body(
        self, error: JsonValue, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> GenerationError:
        """An error that the server described in a body; that may come after 200, and in a stream."""
        details = error if isinstance(error, dict) else {}
        code, metadata = details.get("code"), details.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        if status is None and isinstance(code, int) and 400 <= code < 600:
            status = code
        said = str(details.get("message") or (error if isinstance(error, str) else ""))
        raw = metadata.get("raw")
        why = f"{said}: {raw}" if isinstance(raw, str) and raw not in said else said
        words = (metadata.get("error_type"), code, details.get("type"))
        category = _category(words, why, status)
        if status == HTTPStatus.FORBIDDEN and ("reasons" in metadata or "flagged_input" in metadata):
            category = Category.CONTENT_POLICY
        if _is_page(why):
            why = "it sent a web page"
        return self.of(category, why, status=status, retry_after=wait_asked_for(headers or {}))

    def of_exception(self, error: Exception) -> GenerationError:
        """An exception of the client library, of the connection, or of a body that is no JSON."""
        import httpx2
        import openai

        match error:
            case GenerationError():
                return error
            case openai.APITimeoutError() if broken := _broken(error.__cause__):
                return self.of(Category.NETWORK, broken)
            case openai.APITimeoutError() | httpx2.TimeoutException() | TimeoutError():
                return self.of(Category.TIMEOUT)
            case openai.APIStatusError():
                return self.of_body(_body(error.body), error.status_code, error.response.headers)
            case openai.APIConnectionError():
                return self.of(Category.NETWORK, _cause(error))
            case httpx2.HTTPError() | httpx2.StreamError():
                return self.of(Category.NETWORK, type(error).__name__)
            case openai.APIError():
                return self.of_body(_body(error.body) or error.message)
            case ValueError():
                return self.of(Category.SERVER_ERROR, "it sent something that is no JSON")
            case _:
                return self.of(Category.UNKNOWN, f"{type(error).__name__}: {error}")


def _body(body: object) -> JsonValue:
    if isinstance(body, dict) and set(body) == {"detail"}:
        return {"message": str(body["detail"])}
    return body if isinstance(body, (dict, str)) else None


def _broken(error: BaseException | None) -> str:
    """What broke a connection: the package's transport calls a refused or dropped one a time-out, too."""
    import httpx2

    cause = error.__cause__ if isinstance(error, httpx2.ConnectTimeout) else None
    return "" if cause is None or isinstance(cause, TimeoutError) else f"{type(cause).__name__}: {cause}"


def _cause(error: Exception) -> str:
    cause = error.__cause__
    return f"{type(cause).__name__}: {cause}" if cause is not None else ""


def _category(words: tuple[JsonValue, ...], why: str, status: int | None) -> Category:
    for word in words:
        if isinstance(word, str) and word in _BY_WORD:
            return _BY_WORD[word]
    lowered = why.lower()
    if status is None or status < 500:
        for phrase, category in _BY_PHRASE:
            if phrase in lowered:
                return category
    if status is None:
        return Category.SERVER_ERROR
    return _BY_STATUS.get(status, Category.SERVER_ERROR if status >= 500 else Category.BAD_REQUEST)


def _is_page(text: str) -> bool:
    start = text.lstrip()[:200].lower()
    return start.startswith(("<!doctype", "<html", "<head"))


def wait_asked_for(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> float | None:
    """How many seconds a server asks us to wait, in any of the spellings of ``Retry-After``."""
    try:
        if (milliseconds := headers.get("retry-after-ms")) is not None:
            return max(0.0, float(milliseconds) / 1000)
        asked = headers.get("retry-after")
        if asked is None:
            return None
        if asked.strip().replace(".", "", 1).isdigit():
            return float(asked)
        return max(0.0, parsedate_to_datetime(asked).timestamp() - now())
    except (ValueError, OverflowError):
        return None

"""The operator's settings of the plugin: which server, with which key, and how patient we are with it."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr, field_validator

from tzurot.settings.wire import Dialect

OPENAI = "https://api.openai.com/v1"


class Operator(BaseModel):
    """Instance-wide settings, under ``plugins.openai`` of ``tzurot.yaml`` or in the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    base_url: str | None = Field(default=None, json_schema_extra={"env": "OPENAI_BASE_URL"})
    """The address of an OpenAI-compatible server, up to and with its `/v1`. With a key alone: OpenAI's."""
    api_key: SecretStr | None = Field(default=None, json_schema_extra={"env": "OPENAI_API_KEY"})
    """The key for that server. Many servers on one's own machine need none."""
    model: str = Field(default="", max_length=200)
    """The model behind `auto`. Default: OpenRouter's router there, elsewhere the server's first model."""
    dialect: Dialect | None = None
    """What the server understands beyond the common ground. Default: guessed from its address."""
    stream_options: bool = True
    """Ask for token counts at the end of a stream. A few old servers refuse the question; say false then."""
    tool_calls: bool = True
    """Offer tools to models. A few servers refuse requests that have any."""
    connect_seconds: float = Field(default=5.0, gt=0, le=120)
    """How long the server may take to accept a connection."""
    stall_seconds: float = Field(default=120.0, gt=0, le=3600)
    """How long the server may stay silent, before the first word or between two."""
    connections: int = Field(default=100, ge=1, le=1000)
    """How many connections are open at once, over all servers."""
    attempts: int = Field(default=3, ge=1, le=10)
    """How often a model is asked before the next of `fallbacks` is, when the failure may pass."""
    longest_wait_seconds: float = Field(default=20.0, ge=0, le=300)
    """The longest wait before another attempt. A server that asks for more is not asked again."""
    app_name: str = Field(default="tzurot", max_length=100)
    """The name under which OpenRouter lists this application; empty to stay unnamed."""
    app_url: str = Field(default="", max_length=300)
    """The address that OpenRouter lists for this application."""
    extra_body: dict[str, JsonValue] = {}
    """Put into the body of every request, such as OpenRouter's `provider: {data_collection: deny}`."""

    @field_validator("base_url")
    @classmethod
    def _http(cls, value: str | None) -> str | None:
        if value is None or not value.strip():
            return None
        parts = urlsplit(value.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("expected an address such as https://openrouter.ai/api/v1")
        return value.strip().rstrip("/")

    @property
    def configured(self) -> bool:
        """Whether there is a server to ask."""
        return bool(self.base_url or self.api_key)

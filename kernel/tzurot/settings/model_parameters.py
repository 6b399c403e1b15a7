"""The settings that choose a model and shape its answer, each declared once."""

from __future__ import annotations

from tzurot.payloads.generation import JsonValue
from tzurot.settings.fields import OFF, Category, Field
from tzurot.settings.kinds import Choice, Decimal, Flag, ListOf, MapOf, Record, Text, Whole
from tzurot.settings.wire import NOT_OPENAI, Dialect, Wire

_PROVIDER = "the provider's own default applies"
_INT64 = 2**63 - 1
_MODEL_ID = Text(most=200, pattern=r"^\S+$", what="the id of a model, without spaces", reserved=("off",))
_EFFORTS = ("max", "xhigh", "high", "medium", "low", "minimal", "none")
_OPENROUTER = frozenset({Dialect.OPENROUTER})
_GATEWAYS = frozenset({Dialect.OPENROUTER, Dialect.GENERIC})


def _thinking(level: JsonValue, dialect: Dialect) -> JsonValue:
    """A level of ``thinking`` in the words of a dialect."""
    if level == "auto":
        return None
    effort = {"off": "none", "max": "xhigh"}.get(str(level), level)
    return _reasoning({"effort": effort}, dialect)


def _reasoning(value: JsonValue, dialect: Dialect) -> JsonValue:
    """The detailed ``reasoning`` in the words of a dialect; others than OpenRouter know an effort at most."""
    if dialect is Dialect.OPENROUTER or not isinstance(value, dict):
        return value
    effort = value.get("effort")
    enabled = value.get("enabled") is not False and effort != "none"
    match dialect:
        case Dialect.ZAI:
            return {"type": "enabled" if enabled else "disabled"}
        case Dialect.LLAMACPP:
            return enabled
        case _:
            return {"max": "xhigh"}.get(str(effort), effort) if enabled else "none"


def _compression(value: JsonValue, dialect: Dialect) -> JsonValue:
    # OpenRouter's `transforms` became the plugin "context-compression"; the old key is refused by now.
    return [{"id": "context-compression"}] if value else None


_THINKING_KEYS = {
    Dialect.OPENROUTER: "reasoning",
    Dialect.ZAI: "thinking",
    Dialect.LLAMACPP: "chat_template_kwargs.enable_thinking",
}

MODEL: Field[str] = Field(
    "model",
    _MODEL_ID,
    "auto",
    Category.MODEL,
    "The model that answers, by its provider's id. `auto` is the instance's default, `local` the small "
    "model on this machine.",
)
FALLBACKS: Field[list[str] | None] = Field(
    "fallbacks",
    ListOf(_MODEL_ID, most=5),
    OFF,
    Category.MODEL,
    "Models to try in turn when the first one can't answer.",
    off="no other model is tried",
)
VISION_MODEL: Field[str | None] = Field(
    "vision_model",
    _MODEL_ID,
    OFF,
    Category.MODEL,
    "The model that describes pictures to characters whose own model can't see.",
    off="pictures are seen by the character's own model, if it can",
)
CONTEXT_WINDOW_TOKENS: Field[int | None] = Field(
    "context_window_tokens",
    Whole(512, 10_000_000),
    OFF,
    Category.MODEL,
    "The size of the prompt and the answer together. Smaller is cheaper and forgets sooner.",
    off="the model's own window is used",
    unit="tokens",
)
TEMPERATURE: Field[float | None] = Field(
    "temperature",
    Decimal(0, 2),
    0.7,
    Category.SAMPLING,
    "How daring the choice of words is: 0 is the likeliest word always, above 1 gets wild.",
    off=_PROVIDER,
    api=Wire("temperature"),
)
TOP_P: Field[float | None] = Field(
    "top_p",
    Decimal(0, 1),
    OFF,
    Category.SAMPLING,
    "Choose only among the likeliest words that together have this probability.",
    off=_PROVIDER,
    api=Wire("top_p"),
)
TOP_K: Field[int | None] = Field(
    "top_k",
    Whole(0, 1_000_000),
    OFF,
    Category.SAMPLING,
    "Choose only among this many of the likeliest words; 0 is no limit.",
    off=_PROVIDER,
    api=Wire("top_k", dialects=NOT_OPENAI),
)
FREQUENCY_PENALTY: Field[float | None] = Field(
    "frequency_penalty",
    Decimal(-2, 2),
    OFF,
    Category.SAMPLING,
    "Makes words rarer the oftener they have been used; negative does the opposite.",
    off=_PROVIDER,
    api=Wire("frequency_penalty"),
)
PRESENCE_PENALTY: Field[float | None] = Field(
    "presence_penalty",
    Decimal(-2, 2),
    OFF,
    Category.SAMPLING,
    "Makes words rarer once they have been used at all; negative does the opposite.",
    off=_PROVIDER,
    api=Wire("presence_penalty"),
)
REPETITION_PENALTY: Field[float | None] = Field(
    "repetition_penalty",
    Decimal(0, 2),
    OFF,
    Category.SAMPLING,
    "Divides the chance of words that were used before; 1 changes nothing, 1.1 is usual for small models.",
    off=_PROVIDER,
    api=Wire(
        "repetition_penalty",
        dialects=NOT_OPENAI,
        spelled={Dialect.LLAMACPP: "repeat_penalty"},
        supported_as=("repetition_penalty",),
    ),
)
MIN_P: Field[float | None] = Field(
    "min_p",
    Decimal(0, 1),
    OFF,
    Category.ADVANCED,
    "Drop words less likely than this share of the likeliest one. The best brake for open models.",
    off=_PROVIDER,
    api=Wire("min_p", dialects=NOT_OPENAI),
)
TOP_A: Field[float | None] = Field(
    "top_a",
    Decimal(0, 1),
    OFF,
    Category.ADVANCED,
    "Like min_p, by the square of the likeliest word's chance.",
    off=_PROVIDER,
    api=Wire("top_a", dialects=_GATEWAYS),
)
SEED: Field[int | None] = Field(
    "seed",
    Whole(-_INT64 - 1, _INT64),
    OFF,
    Category.ADVANCED,
    "The same number gives the same answer to the same prompt, where the provider keeps that promise.",
    off="every answer is drawn anew",
    api=Wire("seed"),
)
MAX_TOKENS: Field[int | None] = Field(
    "max_tokens",
    Whole(1, 1_000_000),
    4096,
    Category.OUTPUT,
    "The longest answer, thinking included.",
    off=_PROVIDER,
    unit="tokens",
    api=Wire(
        "max_tokens",
        spelled={Dialect.OPENAI: "max_completion_tokens"},
        negotiated=("max_completion_tokens",),
        supported_as=("max_tokens",),
    ),
)
STOP: Field[list[str] | None] = Field(
    "stop",
    ListOf(Text(most=200), most=16),
    OFF,
    Category.OUTPUT,
    "Texts at which the answer ends; they are not part of it. Some providers allow no more than 4.",
    off="the model decides where it ends",
    api=Wire("stop"),
)
LOGIT_BIAS: Field[dict[str, float] | None] = Field(
    "logit_bias",
    MapOf(Decimal(-100, 100), r"^[0-9]{1,7}$", "numbers of tokens", most=300),
    OFF,
    Category.OUTPUT,
    "Makes single tokens likelier (up to 100) or rarer (down to -100), by their number in the model.",
    off="no token is favoured",
    api=Wire("logit_bias"),
)
RESPONSE_FORMAT: Field[dict[str, JsonValue] | None] = Field(
    "response_format",
    Record({"type": Choice(("text", "json_object"))}, needs=("type",)),
    OFF,
    Category.OUTPUT,
    "Whether the answer is free text or a JSON object.",
    off=_PROVIDER,
    api=Wire("response_format"),
)
SHOW_THINKING: Field[bool] = Field(
    "show_thinking",
    Flag(),
    False,
    Category.OUTPUT,
    "Show the model's thinking, hidden behind a spoiler, before the answer.",
)
THINKING: Field[str] = Field(
    "thinking",
    Choice(("auto", "off", "minimal", "low", "medium", "high", "max")),
    "auto",
    Category.REASONING,
    "How much a reasoning model thinks before it answers: `auto` leaves it to the provider, `off` asks it "
    "not to think.",
    api=Wire(
        "reasoning_effort",
        spelled=_THINKING_KEYS,
        supported_as=("reasoning", "reasoning_effort"),
        encode=_thinking,
        yields_to="reasoning",
    ),
)
REASONING: Field[dict[str, JsonValue] | None] = Field(
    "reasoning",
    Record(
        {
            "effort": Choice(_EFFORTS),
            "max_tokens": Whole(1024, 32_000),
            "exclude": Flag(),
            "enabled": Flag(),
        },
        rivals=("effort", "max_tokens"),
        notes={
            "effort": "How much the model thinks.",
            "max_tokens": "The most it may think, in tokens; instead of an effort.",
            "exclude": "Think, but don't send the thinking.",
            "enabled": "Whether to think at all.",
        },
    ),
    OFF,
    Category.REASONING,
    "Thinking in detail, for providers that know it; wins over `thinking`.",
    off="`thinking` decides",
    api=Wire(
        "reasoning_effort",
        spelled=_THINKING_KEYS,
        supported_as=("reasoning", "reasoning_effort"),
        encode=_reasoning,
    ),
)
TRANSFORMS: Field[list[str] | None] = Field(
    "transforms",
    ListOf(Choice(("middle-out",)), most=4),
    OFF,
    Category.ROUTING,
    "OpenRouter: let it shorten the middle of prompts that are too long for the model.",
    off=_PROVIDER,
    api=Wire("plugins", dialects=_OPENROUTER, always=True, encode=_compression),
)
ROUTE: Field[str | None] = Field(
    "route",
    Choice(("fallback",)),
    OFF,
    Category.ROUTING,
    "OpenRouter: let it answer with another provider's copy of the model when one is down.",
    off=_PROVIDER,
    api=Wire("route", dialects=_OPENROUTER, always=True),
)
VERBOSITY: Field[str | None] = Field(
    "verbosity",
    Choice(("low", "medium", "high")),
    OFF,
    Category.OUTPUT,
    "How long-winded the answer is, for models that know this knob.",
    off=_PROVIDER,
    api=Wire("verbosity"),
)

"""The settings of how characters behave: what they read, remember, show and voice; each declared once."""

from __future__ import annotations

from tzurot.settings.fields import OFF, Category, Field
from tzurot.settings.kinds import Choice, Decimal, Flag, Whole
from tzurot.settings.scopes import EVERYWHERE, NOT_BY_USERS, Scope

MAX_MESSAGES: Field[int] = Field(
    "max_messages",
    Whole(1, 100),
    50,
    Category.CONTEXT,
    "How many messages of the conversation the character reads before it answers.",
    unit="messages",
)
MAX_AGE: Field[int | None] = Field(
    "max_age",
    Whole(1, 10 * 365 * 24 * 3600),
    OFF,
    Category.CONTEXT,
    "Messages older than this are not read.",
    off="messages are read however old they are",
    unit="seconds",
)
MAX_IMAGES: Field[int] = Field(
    "max_images",
    Whole(0, 20),
    10,
    Category.CONTEXT,
    "How many pictures of the conversation the character looks at; 0 is none.",
    unit="pictures",
)
CROSS_CHANNEL_HISTORY_ENABLED: Field[bool] = Field(
    "cross_channel_history_enabled",
    Flag(),
    False,
    Category.CONTEXT,
    "Let the character also read what you and it said in other channels.",
    scopes=EVERYWHERE - {Scope.CHARACTER},
)
MEMORY_SCORE_THRESHOLD: Field[float] = Field(
    "memory_score_threshold",
    Decimal(0, 1),
    0.5,
    Category.MEMORY,
    "How closely a memory must fit before it comes to mind: 1 is a perfect fit.",
)
MEMORY_LIMIT: Field[int] = Field(
    "memory_limit",
    Whole(0, 1000),
    20,
    Category.MEMORY,
    "How many memories come to mind at most; 0 is none.",
    unit="memories",
)
SHARE_LTM_ACROSS_PERSONALITIES: Field[bool] = Field(
    "share_ltm_across_personalities",
    Flag(),
    False,
    Category.MEMORY,
    "Let characters remember what you told other characters.",
    scopes=frozenset({Scope.INSTANCE, Scope.USER, Scope.USER_CHARACTER}),
)
SHOW_MODEL_FOOTER: Field[bool] = Field(
    "show_model_footer",
    Flag(),
    True,
    Category.DISPLAY,
    "Name the model in small print under each answer.",
)
VOICE_RESPONSE_MODE: Field[str] = Field(
    "voice_response_mode",
    Choice(("always", "voice-only", "never")),
    "always",
    Category.VOICE,
    "When a character with a voice speaks its answer aloud: always, only to voice messages, or never.",
)
VOICE_TRANSCRIPTION_ENABLED: Field[bool] = Field(
    "voice_transcription_enabled",
    Flag(),
    True,
    Category.VOICE,
    "Write down what is said in voice messages, so that characters can answer.",
    scopes=NOT_BY_USERS | {Scope.USER},
)

"""The table of the history: what was said, per place and character."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class Line(Model):
    """One utterance in the history of one character in one place.

    A message that two characters answer is a line in both their histories. ``message_id`` is the human
    message, for its own line and for the reply to it; ``said_at`` is when it was written, ``kept_at`` and
    ``place_in_turn`` order a conversation: a reply follows the message that it answers, even when another
    message came in between. ``answered`` says that something was sent.
    """

    id = fields.UUIDField(primary_key=True)
    conversation = fields.CharField(max_length=255)
    character = fields.CharField(max_length=255)
    role = fields.CharField(max_length=16)
    author_id = fields.CharField(max_length=255)
    author_character = fields.CharField(max_length=255, null=True)
    name = fields.TextField()
    text = fields.TextField()
    tokens = fields.IntField()
    said_at: fields.Field[datetime] = fields.DatetimeField()
    kept_at: fields.Field[datetime] = fields.DatetimeField()
    place_in_turn = fields.SmallIntField()
    platform = fields.CharField(max_length=64)
    guild = fields.CharField(max_length=255, null=True)
    user_id = fields.CharField(max_length=255)
    persona_id = fields.CharField(max_length=255)
    message_id = fields.CharField(max_length=255)
    message_at: fields.Field[datetime] = fields.DatetimeField()
    sent_ids: fields.Field[list[str]] = fields.JSONField(default=list)
    answered = fields.BooleanField()

    class Meta:
        app = "history"
        table = "history_line"
        indexes = (
            ("conversation", "character", "kept_at"),
            ("conversation", "kept_at"),
            ("message_id",),
            ("user_id",),
            ("kept_at",),
        )

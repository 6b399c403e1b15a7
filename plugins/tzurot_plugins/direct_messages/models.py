"""The table of direct conversations: who spoke last in each."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class LastSpeaker(Model):
    """The character that spoke last in one direct conversation, which is one person's."""

    conversation = fields.CharField(max_length=255, primary_key=True)
    character = fields.CharField(max_length=255)
    user_id = fields.CharField(max_length=255)

    class Meta:
        app = "direct_messages"
        table = "direct_messages_last_speaker"
        indexes = (("user_id",),)

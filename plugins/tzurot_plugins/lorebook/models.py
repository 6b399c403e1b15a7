"""The table of lasting lore: which entries stay or wait, per conversation and character."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model


class LastingLore(Model):
    """What one scan leaves to the next. ``length`` counts the messages that were ever scanned here.

    ``effects`` has two objects, sticky and cooldown: ``{"book.id": [digest, start, end, protected]}``.
    """

    id = fields.UUIDField(primary_key=True)
    conversation = fields.CharField(max_length=255)
    character = fields.CharField(max_length=255)
    length = fields.IntField()
    newest_at: fields.Field[datetime] = fields.DatetimeField()
    effects: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)

    class Meta:
        app = "lorebook"
        table = "lorebook_lasting_lore"

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Line",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("conversation", fields.CharField(max_length=255)),
                ("character", fields.CharField(max_length=255)),
                ("role", fields.CharField(max_length=16)),
                ("author_id", fields.CharField(max_length=255)),
                ("author_character", fields.CharField(null=True, max_length=255)),
                ("name", fields.TextField(unique=False)),
                ("text", fields.TextField(unique=False)),
                ("tokens", fields.IntField()),
                ("said_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("kept_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("place_in_turn", fields.SmallIntField()),
                ("platform", fields.CharField(max_length=64)),
                ("guild", fields.CharField(null=True, max_length=255)),
                ("user_id", fields.CharField(max_length=255)),
                ("persona_id", fields.CharField(max_length=255)),
                ("message_id", fields.CharField(max_length=255)),
                ("message_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "sent_ids",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("answered", fields.BooleanField()),
            ],
            options={
                "table": "history_line",
                "app": "history",
                "indexes": [
                    Index(fields=["conversation", "character", "kept_at"]),
                    Index(fields=["conversation", "kept_at"]),
                    Index(fields=["message_id"]),
                    Index(fields=["user_id"]),
                    Index(fields=["kept_at"]),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]

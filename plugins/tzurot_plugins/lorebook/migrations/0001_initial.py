from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from uuid import uuid4
from tortoise import fields


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="LastingLore",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("conversation", fields.CharField(max_length=255)),
                ("character", fields.CharField(max_length=255)),
                ("length", fields.IntField()),
                ("newest_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "effects",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
            ],
            options={"table": "lorebook_lasting_lore", "app": "lorebook", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]

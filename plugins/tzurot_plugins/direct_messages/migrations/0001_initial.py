from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="LastSpeaker",
            fields=[
                (
                    "conversation",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=255),
                ),
                ("character", fields.CharField(max_length=255)),
                ("user_id", fields.CharField(max_length=255)),
            ],
            options={
                "table": "direct_messages_last_speaker",
                "app": "direct_messages",
                "indexes": [Index(fields=["user_id"])],
                "pk_attr": "conversation",
            },
            bases=["Model"],
        ),
    ]

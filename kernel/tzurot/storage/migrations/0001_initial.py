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
            name="PluginSwitch",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("scope", fields.CharField(max_length=32)),
                ("scope_id", fields.CharField(max_length=255)),
                ("plugin", fields.CharField(max_length=100)),
                ("on", fields.BooleanField()),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "kernel_plugin_switch",
                "app": "kernel",
                "unique_together": (("scope_id", "scope", "plugin"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SettingsBag",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("scope", fields.CharField(max_length=32)),
                ("scope_id", fields.CharField(max_length=255)),
                (
                    "values",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                (
                    "locks",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "kernel_settings_bag",
                "app": "kernel",
                "unique_together": (("scope_id", "scope"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]

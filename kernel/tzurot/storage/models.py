"""The kernel's own tables: settings per scope, and which plugins are switched on where."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class SettingsBag(Model):
    """What one scope (an instance, guild, channel, user, user × character) sets, and what it locks.

    ``values`` maps a setting's name to its value; a name that is absent inherits, *off* is a value.
    ``locks`` lists names that narrower scopes can't override.
    """

    id = fields.UUIDField(primary_key=True)
    scope = fields.CharField(max_length=32)
    scope_id = fields.CharField(max_length=255)
    values: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    locks: fields.Field[list[str]] = fields.JSONField(default=list)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        app = "kernel"
        table = "kernel_settings_bag"
        unique_together = (("scope_id", "scope"),)  # in this order: they are looked up by scope_id alone


class PluginSwitch(Model):
    """A plugin switched on or off for a guild or a channel; no row means: as its manifest says."""

    id = fields.UUIDField(primary_key=True)
    scope = fields.CharField(max_length=32)
    scope_id = fields.CharField(max_length=255)
    plugin = fields.CharField(max_length=100)
    on = fields.BooleanField()
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        app = "kernel"
        table = "kernel_plugin_switch"
        unique_together = (("scope_id", "scope", "plugin"),)

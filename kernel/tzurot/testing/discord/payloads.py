"""People and places of the test world as Discord's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tzurot.testing.discord.ids import iso
from tzurot.testing.discord.permissions import Permission, permissions_in

if TYPE_CHECKING:
    from tzurot.testing.discord.people import Bot, Member, User
    from tzurot.testing.discord.places import Channel, Guild, Role
    from tzurot.testing.discord.webhook import Webhook

Json = dict[str, Any]

VERIFY_KEY = "0" * 64


def user(it: User) -> Json:
    """A user object."""
    data: Json = {
        "id": it.id,
        "username": it.name,
        "discriminator": "0000" if it.bot else "0",
        "global_name": it.display,
        "avatar": it.avatar,
        "avatar_decoration_data": None,
        "primary_guild": None,
        "public_flags": 0,
        "flags": 0,
    }
    if it.bot:
        data["bot"] = True
    return data


def own_user(it: User) -> Json:
    """The bot's own user, with what others don't see."""
    return user(it) | {"verified": True, "mfa_enabled": True, "email": None, "locale": "en-US"}


def member(it: Member, *, with_user: bool = True) -> Json:
    """A guild member; message events carry it without its user."""
    data: Json = {
        "nick": it.nick,
        "avatar": None,
        "banner": None,
        "roles": it.role_ids,
        "joined_at": iso(it.joined),
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    if with_user:
        data["user"] = user(it.user)
    return data


def role(it: Role) -> Json:
    """A role."""
    data: Json = {
        "id": it.id,
        "name": it.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": it.position,
        "permissions": str(int(it.permissions)),
        "managed": it.bot_id is not None,
        "mentionable": it.mentionable,
        "flags": 0,
    }
    if it.bot_id is not None:
        data["tags"] = {"bot_id": it.bot_id}
    return data


def channel(it: Channel) -> Json:
    """A channel, thread or direct conversation."""
    data: Json = {
        "id": it.id,
        "type": int(it.kind),
        "last_message_id": next(reversed(it.history), None),
        "flags": 0,
    }
    if it.guild is None:
        data["recipients"] = [user(someone) for someone in it.recipients.values() if not someone.bot]
        return data
    data |= {"guild_id": it.guild.id, "name": it.name, "rate_limit_per_user": it.slowmode_seconds}
    data["parent_id"] = it.parent.id if it.parent else None
    if it.is_thread:
        data |= _thread(it)
    else:
        data |= {
            "position": it.position,
            "topic": it.topic,
            "nsfw": it.age_restricted,
            "permission_overwrites": [
                {"id": over.target_id, "type": over.kind, "allow": str(over.allow), "deny": str(over.deny)}
                for over in it.overwrites.values()
            ],
        }
    return data


def _thread(it: Channel) -> Json:
    return {
        "owner_id": it.owner_id,
        "message_count": it.message_count,
        "member_count": len(it.thread_members),
        "total_message_sent": it.message_count,
        "applied_tags": it.applied_tags,
        "thread_metadata": {
            "archived": it.archived,
            "auto_archive_duration": it.auto_archive_minutes,
            "archive_timestamp": iso(it.created),
            "locked": it.locked,
            "create_timestamp": iso(it.created),
        },
    }


def thread_member(it: Channel, user_id: str) -> Json:
    """One who follows a thread."""
    return {"id": it.id, "user_id": user_id, "join_timestamp": iso(it.thread_members[user_id]), "flags": 0}


def guild(it: Guild) -> Json:
    """A guild, as ``GET /guilds/{id}`` answers it."""
    return {
        "id": it.id,
        "name": it.name,
        "icon": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "description": None,
        "banner": None,
        "owner_id": it.owner_id,
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 1,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw": False,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "en-US",
        "vanity_url_code": None,
        "max_presences": None,
        "max_members": 500_000,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "features": it.features,
        "roles": [role(one) for one in it.roles.values()],
        "emojis": [emoji(it, emoji_id) for emoji_id in it.emojis],
        "stickers": [],
        "incidents_data": None,
    }


def guild_create(it: Guild, viewer: Bot) -> Json:
    """A guild as GUILD_CREATE brings it; of its members only the bot itself, as without that intent."""
    return guild(it) | {
        "joined_at": iso(it.members[viewer.id].joined),
        "large": len(it.members) > 250,
        "unavailable": False,
        "member_count": len(it.members),
        "voice_states": [],
        "members": [member(it.members[viewer.id])],
        "channels": [channel(one) for one in it.channels.values()],
        "threads": [channel(one) for one in it.threads.values() if _shown(one, viewer)],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def _shown(thread: Channel, viewer: Bot) -> bool:
    return not thread.archived and bool(permissions_in(thread, viewer) & Permission.VIEW_CHANNEL)


def emoji(it: Guild, emoji_id: str) -> Json:
    """A guild's own emoji."""
    return {
        "id": emoji_id,
        "name": it.emojis[emoji_id],
        "roles": [],
        "require_colons": True,
        "managed": False,
        "animated": False,
        "available": True,
    }


def webhook(it: Webhook) -> Json:
    """A webhook with its token, as its owner may see it."""
    guild = it.channel.guild
    return {
        "id": it.id,
        "type": 1,
        "guild_id": guild.id if guild else None,
        "channel_id": it.channel.id,
        "user": user(it.owner),
        "name": it.name,
        "avatar": it.avatar,
        "token": it.token,
        "application_id": it.application_id,
        "url": f"https://discord.com/api/webhooks/{it.id}/{it.token}",
    }


def application(it: Bot) -> Json:
    """The application of a bot."""
    return {
        "id": it.id,
        "name": it.name,
        "type": None,
        "icon": None,
        "description": "",
        "bot": user(it),
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": user(it.owner),
        "team": None,
        "verify_key": VERIFY_KEY,
        "flags": application_flags(it),
        "flags_new": str(application_flags(it)),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "approximate_guild_count": len(it.guilds()),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
    }


def application_flags(it: Bot) -> int:
    """The application's flags; bit 19 says that message content is switched on (limited)."""
    return 1 << 19 if it.reads_content else 0

"""The test world's objects as Discord's JSON."""

from __future__ import annotations

from hashlib import md5
from typing import TYPE_CHECKING, Any

from tzurot.testing.discord.ids import iso
from tzurot.testing.discord.message import Attachment, Message

if TYPE_CHECKING:
    from tzurot.testing.discord.people import Bot, Member, User
    from tzurot.testing.discord.places import Channel, Guild, Role
    from tzurot.testing.discord.webhook import Webhook

Json = dict[str, Any]

IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
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
        "public_flags": 0,
    }
    if it.bot:
        data["bot"] = True
    return data


def member(it: Member, *, with_user: bool = True) -> Json:
    """A guild member; message events carry it without its user."""
    data: Json = {
        "nick": it.nick,
        "avatar": None,
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
        "splash": None,
        "discovery_splash": None,
        "description": None,
        "banner": None,
        "owner_id": it.owner_id,
        "application_id": None,
        "region": None,
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
        "threads": [channel(one) for one in it.threads.values() if not one.archived],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


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


def attachment(it: Attachment, channel_id: str) -> Json:
    """A file on a message; the addresses are of Discord's CDN and lead nowhere."""
    path = f"{channel_id}/{it.id}/{it.filename}"
    data: Json = {
        "id": it.id,
        "filename": it.filename,
        "size": len(it.content),
        "url": f"https://cdn.discordapp.com/attachments/{path}",
        "proxy_url": f"https://media.discordapp.net/attachments/{path}",
        "content_type": it.media_type,
    }
    if it.description is not None:
        data["description"] = it.description
    if it.media_type in IMAGES:
        data |= {"width": 1, "height": 1}
    return data


def partial_emoji(text: str) -> Json:
    """The emoji of a reaction, from its form in a path: itself, or ``name:id``."""
    name, _, emoji_id = text.partition(":")
    return {"id": emoji_id or None, "name": name}


def message(it: Message, *, viewer: User | None = None, depth: int = 1) -> Json:
    """A message; ``depth`` says how many answered messages to carry along."""
    channel_id = it.channel.id
    pings = it.pings
    data: Json = {
        "id": it.id,
        "channel_id": channel_id,
        "type": it.kind,
        "author": _author(it),
        "content": it.text,
        "timestamp": iso(it.at),
        "edited_timestamp": iso(it.edited) if it.edited else None,
        "tts": it.tts,
        "mention_everyone": pings.everyone,
        "mentions": [user(it.author.world.users[one]) for one in pings.users if one in it.author.world.users],
        "mention_roles": list(pings.roles),
        "attachments": [attachment(one, channel_id) for one in it.attachments],
        "embeds": it.embeds,
        "components": it.components,
        "pinned": it.pinned,
        "flags": it.flags,
    }
    if it.nonce is not None:
        data["nonce"] = it.nonce
    if it.webhook is not None:
        data["webhook_id"] = it.webhook.id
        data["application_id"] = it.webhook.application_id
        if it.webhook.application_id is None:
            del data["application_id"]
    if it.reactions:
        data["reactions"] = [_reaction(it, one, viewer) for one in it.reactions]
    _add_relations(data, it, depth)
    return data


def _author(it: Message) -> Json:
    if it.webhook is None:
        return user(it.author)
    avatar = it.author.avatar
    if it.author_avatar is not None:
        # Discord fetches the picture and names it by a hash of its own.
        avatar = image_hash(it.author_avatar)
    return user(it.author) | {"username": it.author_name or it.author.name, "avatar": avatar}


def image_hash(source: str) -> str:
    """The name that Discord gives to a picture it was sent or fetched."""
    return md5(source.encode(), usedforsecurity=False).hexdigest()


def _reaction(it: Message, name: str, viewer: User | None) -> Json:
    people = it.reactions[name]
    return {
        "emoji": partial_emoji(name),
        "count": len(people),
        "count_details": {"burst": 0, "normal": len(people)},
        "me": viewer in people,
        "me_burst": False,
        "burst_colors": [],
    }


def _add_relations(data: Json, it: Message, depth: int) -> None:
    if it.reply_to_id is not None:
        data["message_reference"] = {
            "type": 0,
            "channel_id": it.channel.id,
            "message_id": it.reply_to_id,
        }
        if it.channel.guild is not None:
            data["message_reference"]["guild_id"] = it.channel.guild.id
        if depth:
            answered = None if it.reply_to is None or it.reply_to.deleted else it.reply_to
            data["referenced_message"] = None if answered is None else message(answered, depth=depth - 1)
    if it.thread is not None:
        data["thread"] = channel(it.thread)
    if it.poll is not None:
        data["poll"] = it.poll
    if it.interaction is not None:
        data["application_id"] = it.interaction.bot.id
        data["webhook_id"] = it.interaction.bot.id
        data["interaction_metadata"] = {
            "id": it.interaction.id,
            "type": int(it.interaction.kind),
            "user": user(it.interaction.user),
            "authorizing_integration_owners": it.interaction.owners(),
        }


def application(it: Bot) -> Json:
    """The application of a bot."""
    return {
        "id": it.id,
        "name": it.name,
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": VERIFY_KEY,
        "flags": application_flags(it),
        "bot": user(it),
        "team": None,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "approximate_guild_count": len(it.guilds()),
    }


def application_flags(it: Bot) -> int:
    """The application's flags; bit 19 says that message content is switched on (limited)."""
    return 1 << 19 if it.reads_content else 0

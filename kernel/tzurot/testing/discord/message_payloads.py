"""Messages of the test world as Discord's JSON."""

from __future__ import annotations

from hashlib import md5
from typing import TYPE_CHECKING

from tzurot.testing.discord.ids import iso
from tzurot.testing.discord.message import Attachment, Message
from tzurot.testing.discord.payloads import Json, channel, user

if TYPE_CHECKING:
    from tzurot.testing.discord.people import User

SNAPSHOT = (
    "type",
    "mentions",
    "mention_roles",
    "attachments",
    "embeds",
    "timestamp",
    "edited_timestamp",
    "flags",
    "components",
)
"""What a forwarded message shows of its source besides the text; neither author nor name."""
IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp"}


def attachment(it: Attachment, channel_id: str, cdn: str) -> Json:
    """A file on a message, with an address of the CDN that is signed as Discord's are."""
    path = f"{channel_id}/{it.id}/{it.filename}?ex=7fffffff&is=0&hm={it.id}"
    data: Json = {
        "id": it.id,
        "filename": it.filename,
        "size": len(it.content),
        "url": f"{cdn}/attachments/{path}",
        "proxy_url": f"{cdn}/attachments/{path}",
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
        "attachments": [attachment(one, channel_id, it.author.world.cdn) for one in it.attachments],
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
    if it.thread is not None:
        data["thread"] = channel(it.thread)
    if it.poll is not None:
        data["poll"] = it.poll
    _add_forward(data, it)
    _add_reply(data, it, depth)
    _add_interaction(data, it)
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


def _add_forward(data: Json, it: Message) -> None:
    source = it.forwarded
    if source is None:
        return
    data["message_reference"] = {"type": 1, "channel_id": source.channel.id, "message_id": source.id}
    if source.channel.guild is not None:
        data["message_reference"]["guild_id"] = source.channel.guild.id
    whole = message(source, depth=0)
    snapshot = {key: whole[key] for key in SNAPSHOT} | {"content": it.forwarded_text}
    data["message_snapshots"] = [{"message": snapshot}]


def _add_reply(data: Json, it: Message, depth: int) -> None:
    if it.reply_to_id is None:
        return
    reference = {"type": 0, "channel_id": it.channel.id, "message_id": it.reply_to_id}
    if it.channel.guild is not None:
        reference["guild_id"] = it.channel.guild.id
    data["message_reference"] = reference
    if depth:
        answered = None if it.reply_to is None or it.reply_to.deleted else it.reply_to
        data["referenced_message"] = None if answered is None else message(answered, depth=depth - 1)


def _add_interaction(data: Json, it: Message) -> None:
    if it.interaction is None:
        return
    data["application_id"] = it.interaction.bot.id
    data["webhook_id"] = it.interaction.bot.id
    data["interaction_metadata"] = {
        "id": it.interaction.id,
        "type": int(it.interaction.kind),
        "user": user(it.interaction.user),
        "authorizing_integration_owners": it.interaction.owners(),
    }

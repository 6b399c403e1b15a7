"""Messages over HTTP: sent, read, edited, deleted, pinned."""

from __future__ import annotations

from typing import Any

from tzurot.testing.discord import message_payloads, posting
from tzurot.testing.discord.call import Call
from tzurot.testing.discord.errors import invalid, refuse
from tzurot.testing.discord.events import censor, may_read
from tzurot.testing.discord.ids import iso, now
from tzurot.testing.discord.message import Message
from tzurot.testing.discord.permissions import Permission, permissions_in
from tzurot.testing.discord.places import WITHOUT_MESSAGES, Channel
from tzurot.testing.discord.rest.drafts import (
    FORWARD,
    check_content,
    check_embeds,
    check_flags,
    draft,
    numbered,
)
from tzurot.testing.discord.routes import Route

CHANNEL = "/channels/{channel_id}"
MESSAGE = f"{CHANNEL}/messages/{{message_id}}"
NONCES_REMEMBERED = 100


def shown(message: Message, call: Call) -> dict[str, Any]:
    """A message as the asking bot may read it; over HTTP the application's switch decides."""
    data = message_payloads.message(message, viewer=call.asker)
    bot = call.bot
    if bot.reads_content:
        return data
    return censor(data, may_read(message, bot), message.reply_to is None or may_read(message.reply_to, bot))


def send(call: Call) -> dict[str, Any]:
    """Post a message."""
    channel = sendable(call)
    body = call.body
    made = draft(call, channel, call.bot)
    if made.attachments:
        call.need(channel, Permission.ATTACH_FILES)
    if made.message.embeds:
        call.need(channel, Permission.EMBED_LINKS)
    if body.get("enforce_nonce") and made.message.nonce is not None:
        for earlier in list(channel.history.values())[-NONCES_REMEMBERED:]:
            if earlier.author is call.bot and str(earlier.nonce) == str(made.message.nonce):
                return shown(earlier, call)
    if (body.get("message_reference") or {}).get("type") == FORWARD:
        _forward(call, made.message, body["message_reference"])
    elif body.get("message_reference"):
        _answer(call, made.message, body["message_reference"])
    posting.post(made.message, made.attachments, made.allowed)
    return shown(made.message, call)


def sendable(call: Call) -> Channel:
    """The channel in the path, where the bot may write."""
    channel = call.channel()
    if channel.kind in WITHOUT_MESSAGES:
        raise refuse(50008)
    wanted = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    call.need(channel, wanted)
    if channel.archived and channel.locked:
        raise refuse(50083)
    if channel.guild is None and any(one.blocks_direct_messages for one in channel.recipients.values()):
        raise refuse(50007)
    return channel


def _answer(call: Call, message: Message, reference: dict[str, Any]) -> None:
    channel = message.channel
    if channel.guild and not permissions_in(channel, call.bot) & Permission.READ_MESSAGE_HISTORY:
        raise refuse(160002)
    wanted = str(reference["message_id"])
    elsewhere = str(reference.get("channel_id") or channel.id) != channel.id
    answered = None if elsewhere else channel.history.get(wanted)
    if answered is None:
        if reference.get("fail_if_not_exists") is False:
            return
        raise invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    message.reply_to, message.reply_to_id, message.kind = answered, answered.id, posting.REPLY


def _forward(call: Call, message: Message, reference: dict[str, Any]) -> None:
    channel = call.world.channels.get(str(reference.get("channel_id")))
    if channel is None:
        raise invalid("message_reference.channel_id", "BASE_TYPE_REQUIRED", "This field is required")
    call.need(channel, Permission.READ_MESSAGE_HISTORY)
    source = channel.history.get(str(reference["message_id"]))
    if source is None:
        raise refuse(10008)
    message.forwarded, message.forwarded_text = source, source.text


def history(call: Call) -> list[dict[str, Any]]:
    """A page of messages, newest first; without the permission to read history it is empty."""
    channel = call.channel()
    if channel.guild and not permissions_in(channel, call.bot) & Permission.READ_MESSAGE_HISTORY:
        return []
    limit = call.number("limit", 50, 1, 100)
    kept = channel.messages
    if "before" in call.query:
        edge = call.snowflake("before")
        page = [one for one in kept if int(one.id) < edge][-limit:]
    elif "after" in call.query:
        edge = call.snowflake("after")
        page = [one for one in kept if int(one.id) > edge][:limit]
    elif "around" in call.query:
        middle = call.snowflake("around")
        older = [one for one in kept if int(one.id) < middle][-(limit // 2) :]
        page = older + [one for one in kept if int(one.id) >= middle][: limit - len(older)]
    else:
        page = kept[-limit:]
    return [shown(one, call) for one in reversed(page)]


def read(call: Call) -> dict[str, Any]:
    """One message."""
    return shown(call.message(call.channel(Permission.READ_MESSAGE_HISTORY)), call)


def change(call: Call) -> dict[str, Any]:
    """Edit a message of the bot's own."""
    message = call.message(call.channel())
    if message.author is not call.bot:
        raise refuse(50005)
    apply_edit(message, call.body)
    return shown(message, call)


def apply_edit(message: Message, body: dict[str, Any]) -> None:
    """Check an edit request and carry it out."""
    check_content(body)
    check_embeds(body.get("embeds") or [])
    check_flags(body)
    left = {
        "content": message.text,
        "embeds": message.embeds,
        "components": message.components,
        "attachments": message.attachments,
    } | body
    if not any(left[key] for key in ("content", "embeds", "components", "attachments")):
        raise refuse(50006)
    changes = body | ({"components": numbered(body["components"] or [])} if "components" in body else {})
    posting.edit(message, changes)


def remove(call: Call) -> None:
    """Delete a message: one's own, or anyone's with Manage Messages."""
    channel = call.channel()
    message = call.message(channel)
    if message.author is not call.bot:
        call.need(channel, Permission.MANAGE_MESSAGES)
    posting.delete(message)


def bulk_remove(call: Call) -> None:
    """Delete several messages of the last two weeks at once."""
    channel = call.channel(Permission.MANAGE_MESSAGES)
    wanted = [str(one) for one in call.body["messages"]]
    gone = [one for one in wanted if one in channel.history]
    for one in gone:
        message = channel.history.pop(one)
        message.deleted = True
    data: dict[str, Any] = {"ids": gone, "channel_id": channel.id}
    if channel.guild is not None:
        data["guild_id"] = channel.guild.id
    call.world.emit(posting.in_channel("MESSAGE_DELETE_BULK", data, channel))


def typing(call: Call) -> None:
    """Show that the bot types."""
    posting.start_typing(call.bot, sendable(call))


def pin(call: Call) -> None:
    """Pin a message."""
    channel = call.channel(Permission.PIN_MESSAGES)
    message = call.message(channel)
    if not message.pinned:
        channel.pinned.append(message.id)
        _pins_changed(call, channel)


def unpin(call: Call) -> None:
    """Take a pin away."""
    channel = call.channel(Permission.PIN_MESSAGES)
    message = call.message(channel)
    if message.pinned:
        channel.pinned.remove(message.id)
        _pins_changed(call, channel)


def pins(call: Call) -> dict[str, Any]:
    """The pinned messages, newest pin first."""
    channel = call.channel(Permission.READ_MESSAGE_HISTORY)
    found = [channel.history[one] for one in reversed(channel.pinned) if one in channel.history]
    return {
        "items": [{"pinned_at": iso(one.at), "message": shown(one, call)} for one in found],
        "has_more": False,
    }


def _pins_changed(call: Call, channel: Channel) -> None:
    data: dict[str, Any] = {"channel_id": channel.id, "last_pin_timestamp": iso(now())}
    if channel.guild is not None:
        data["guild_id"] = channel.guild.id
    call.world.emit(posting.in_channel("CHANNEL_PINS_UPDATE", data, channel))


ROUTES = (
    Route("POST", f"{CHANNEL}/messages", send, schema="MessageCreateRequest"),
    Route("GET", f"{CHANNEL}/messages", history),
    Route("GET", MESSAGE, read),
    Route("PATCH", MESSAGE, change, schema="MessageEditRequestPartial"),
    Route("DELETE", MESSAGE, remove),
    Route("POST", f"{CHANNEL}/messages/bulk-delete", bulk_remove),
    Route("POST", f"{CHANNEL}/typing", typing),
    Route("GET", f"{CHANNEL}/messages/pins", pins),
    Route("PUT", f"{CHANNEL}/messages/pins/{{message_id}}", pin),
    Route("DELETE", f"{CHANNEL}/messages/pins/{{message_id}}", unpin),
)

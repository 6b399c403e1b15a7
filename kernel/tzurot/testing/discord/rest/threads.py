"""Threads and forum posts over HTTP."""

from __future__ import annotations

from typing import Any

from tzurot.testing.discord import ids, message_payloads, payloads, posting
from tzurot.testing.discord.call import Call
from tzurot.testing.discord.errors import refuse
from tzurot.testing.discord.permissions import Permission
from tzurot.testing.discord.places import FORUMS, Channel
from tzurot.testing.discord.rest.drafts import draft
from tzurot.testing.discord.routes import Route

CHANNEL = "/channels/{channel_id}"
PRIVATE = 12


def on_message(call: Call) -> dict[str, Any]:
    """Open a thread on a message."""
    channel = call.channel(Permission.CREATE_PUBLIC_THREADS)
    message = call.message(channel)
    if message.thread is not None:
        raise refuse(160004)
    if channel.is_thread or channel.guild is None:
        raise refuse(50024)
    return _opened(call, call.world.open_thread(channel, call.body["name"], call.bot, on=message))


def without_message(call: Call) -> dict[str, Any]:
    """Open a thread, or write a post in a forum."""
    channel = call.channel()
    if channel.kind in FORUMS:
        return _post(call, channel)
    if channel.is_thread or channel.guild is None:
        raise refuse(50024)
    private = (call.body.get("type") or PRIVATE) == PRIVATE
    call.need(channel, Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS)
    return _opened(call, call.world.open_thread(channel, call.body["name"], call.bot, private=private))


def _post(call: Call, forum: Channel) -> dict[str, Any]:
    call.need(forum, Permission.SEND_MESSAGES)
    name, call.body = call.body["name"], call.body["message"]
    made = draft(call, forum, call.bot)
    thread = call.world.open_thread(forum, name, call.bot)
    made.message.channel, made.message.id = thread, thread.id
    posting.post(made.message, made.attachments, made.allowed)
    return _opened(call, thread) | {"message": message_payloads.message(made.message)}


def _opened(call: Call, thread: Channel) -> dict[str, Any]:
    call.status = 201
    thread.auto_archive_minutes = (call.body or {}).get("auto_archive_duration") or 1440
    return payloads.channel(thread) | {"member": payloads.thread_member(thread, call.bot.id)}


def active(call: Call) -> dict[str, Any]:
    """The open threads of a guild."""
    threads = [one for one in call.guild().threads.values() if not one.archived]
    found = [payloads.channel(one) for one in threads]
    return {"threads": found, "members": [], "has_more": False}


def archived(call: Call) -> dict[str, Any]:
    """The closed threads of a channel."""
    channel = call.channel(Permission.READ_MESSAGE_HISTORY)
    threads = channel.guild.threads.values() if channel.guild else ()
    found = [payloads.channel(one) for one in threads if one.archived and one.parent is channel]
    return {"threads": found, "members": [], "has_more": False}


def join(call: Call) -> None:
    """Follow a thread."""
    _thread(call).thread_members.setdefault(call.bot.id, ids.now())


def leave(call: Call) -> None:
    """Follow a thread no longer."""
    _thread(call).thread_members.pop(call.bot.id, None)


def members(call: Call) -> list[dict[str, Any]]:
    """Who follows a thread."""
    thread = _thread(call)
    return [payloads.thread_member(thread, one) for one in thread.thread_members]


def add_member(call: Call) -> None:
    """Let somebody follow a thread."""
    thread = _thread(call)
    if call.params["user_id"] not in call.world.users:
        raise refuse(10013)
    thread.thread_members.setdefault(call.params["user_id"], ids.now())


def _thread(call: Call) -> Channel:
    channel = call.channel()
    if not channel.is_thread:
        raise refuse(50024)
    return channel


def _schema(call: Call) -> str:
    channel = call.world.channels.get(call.params["channel_id"])
    forum = channel is not None and channel.kind in FORUMS
    return "CreateForumThreadRequest" if forum else "CreateTextThreadWithoutMessageRequest"


ROUTES = (
    Route("POST", f"{CHANNEL}/messages/{{message_id}}/threads", on_message),
    Route("POST", f"{CHANNEL}/threads", without_message, schema=_schema),
    Route("GET", "/guilds/{guild_id}/threads/active", active),
    Route("GET", f"{CHANNEL}/threads/archived/public", archived),
    Route("PUT", f"{CHANNEL}/thread-members/@me", join),
    Route("DELETE", f"{CHANNEL}/thread-members/@me", leave),
    Route("GET", f"{CHANNEL}/thread-members", members),
    Route("PUT", f"{CHANNEL}/thread-members/{{user_id}}", add_member),
)

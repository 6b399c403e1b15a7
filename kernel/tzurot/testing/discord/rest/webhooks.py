"""Incoming webhooks over HTTP; the same paths serve the answers to interactions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tzurot.testing.discord import message_payloads, payloads, posting
from tzurot.testing.discord.call import Call
from tzurot.testing.discord.errors import invalid, refuse
from tzurot.testing.discord.message import Message
from tzurot.testing.discord.permissions import Permission
from tzurot.testing.discord.places import FORUMS, Channel
from tzurot.testing.discord.rest import interactions
from tzurot.testing.discord.rest.drafts import check_name, draft
from tzurot.testing.discord.rest.messages import apply_edit
from tzurot.testing.discord.routes import Route
from tzurot.testing.discord.webhook import WEBHOOKS_PER_CHANNEL, Webhook

IN_CHANNEL = "/channels/{channel_id}/webhooks"
BY_ID = "/webhooks/{webhook_id}"
BY_TOKEN = f"{BY_ID}/{{webhook_token}}"
MESSAGE = f"{BY_TOKEN}/messages/{{message_id}}"


def create(call: Call) -> dict[str, Any]:
    """Add a webhook; a channel holds fifteen."""
    channel = call.channel(Permission.MANAGE_WEBHOOKS)
    if channel.guild is None or channel.is_thread:
        raise refuse(50024)
    name = check_name(call.body["name"], "name")
    if len(channel.webhooks) >= WEBHOOKS_PER_CHANNEL:
        raise refuse(30007)
    hook = call.world.add_webhook(channel, name, call.bot)
    _set_avatar(hook, call.body.get("avatar"))
    return payloads.webhook(hook)


def in_channel(call: Call) -> list[dict[str, Any]]:
    """The webhooks of a channel."""
    channel = call.channel(Permission.MANAGE_WEBHOOKS)
    return [_seen(hook, call) for hook in channel.webhooks.values()]


def in_guild(call: Call) -> list[dict[str, Any]]:
    """The webhooks of all the guild's channels."""
    guild = call.guild()
    found = []
    for channel in guild.channels.values():
        call.need(channel, Permission.MANAGE_WEBHOOKS)
        found += [_seen(hook, call) for hook in channel.webhooks.values()]
    return found


def read(call: Call) -> dict[str, Any]:
    """A webhook by its id."""
    return _seen(_managed(call), call)


def read_by_token(call: Call) -> dict[str, Any]:
    """A webhook by id and token; its creator is left out."""
    data = payloads.webhook(call.webhook())
    del data["user"]
    return data


def change(call: Call) -> dict[str, Any]:
    """Rename a webhook, or move it to another channel."""
    hook = _managed(call)
    target = call.body.get("channel_id")
    if target is not None:
        call.params["channel_id"] = str(target)
        channel = call.channel(Permission.MANAGE_WEBHOOKS)
        del hook.channel.webhooks[hook.id]
        channel.webhooks[hook.id] = hook
        hook.channel = channel
    return payloads.webhook(_renamed(hook, call))


def change_by_token(call: Call) -> dict[str, Any]:
    """Rename a webhook with nothing but its token."""
    data = payloads.webhook(_renamed(call.webhook(), call))
    del data["user"]
    return data


def remove(call: Call) -> None:
    """Delete a webhook by its id."""
    call.world.remove_webhook(_managed(call))


def remove_by_token(call: Call) -> None:
    """Delete a webhook with nothing but its token."""
    call.world.remove_webhook(call.webhook())


def execute(call: Call) -> dict[str, Any] | None:
    """Write through a webhook, or follow up on an interaction."""
    answered = interactions.of(call)
    if answered is not None:
        return interactions.follow_up(call, answered)
    hook = call.webhook()
    made = draft(call, hook.channel, hook.user)
    message = made.message
    message.webhook = hook
    if call.body.get("username"):
        message.author_name = check_name(call.body["username"], "username")
    else:
        message.author_name = hook.name
    if call.body.get("avatar_url"):
        message.author_avatar = _checked_url(call.body["avatar_url"])
    if message.components and hook.application_id is None and not call.flag("with_components"):
        message.components = []
    message.channel = _place(call, hook, message)
    posting.post(message, made.attachments, made.allowed)
    return message_payloads.message(message) if call.flag("wait") else None


def _place(call: Call, hook: Webhook, message: Message) -> Channel:
    """The webhook's channel, the thread that the query names, or a new post in a forum."""
    channel, name = hook.channel, call.body.get("thread_name")
    wanted = call.query.get("thread_id")
    if wanted is not None:
        thread = call.world.channels.get(wanted)
        if thread is None or thread.parent is not channel:
            raise refuse(10003)
        if thread.archived and thread.locked:
            raise refuse(50083)
        return thread
    if channel.kind not in FORUMS:
        if name:
            raise refuse(220003)
        return channel
    if not name:
        raise refuse(220001)
    thread = call.world.open_thread(channel, name, hook.user)
    # The first message of a forum's post has the post's id.
    message.id = thread.id
    return thread


def read_message(call: Call) -> dict[str, Any]:
    """A message of the webhook."""
    return message_payloads.message(_message(call))


def change_message(call: Call) -> dict[str, Any]:
    """Edit a message of the webhook."""
    message = _message(call)
    apply_edit(message, call.body)
    return message_payloads.message(message)


def remove_message(call: Call) -> None:
    """Delete a message of the webhook."""
    posting.delete(_message(call))


def _message(call: Call) -> Message:
    answered = interactions.of(call)
    if answered is not None:
        return interactions.message_of(call, answered)
    hook = call.webhook()
    thread = call.world.channels.get(call.query.get("thread_id", ""))
    channel = thread if thread is not None and thread.parent is hook.channel else hook.channel
    message = call.message(channel)
    if message.webhook is not hook:
        raise refuse(10008)
    return message


def _managed(call: Call) -> Webhook:
    hook = call.webhook()
    call.need(hook.channel, Permission.MANAGE_WEBHOOKS)
    return hook


def _seen(hook: Webhook, call: Call) -> dict[str, Any]:
    """A webhook without its token, where another application made it."""
    data = payloads.webhook(hook)
    if hook.application_id not in (None, call.bot.id):
        del data["token"], data["url"]
    return data


def _renamed(hook: Webhook, call: Call) -> Webhook:
    if call.body.get("name") is not None:
        hook.name = hook.user.name = check_name(call.body["name"], "name")
    if "avatar" in call.body:
        _set_avatar(hook, call.body["avatar"])
    call.world.webhooks_changed(hook.channel)
    return hook


def _set_avatar(hook: Webhook, data_uri: str | None) -> None:
    if data_uri is not None and not data_uri.startswith("data:image/"):
        raise invalid("avatar", "IMAGE_INVALID", "Invalid image data")
    hook.avatar = hook.user.avatar = None if data_uri is None else message_payloads.image_hash(data_uri)


def _checked_url(url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise invalid("avatar_url", "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https').")
    if not urlsplit(url).hostname:
        raise invalid("avatar_url", "URL_TYPE_INVALID_URL", "Not a well formed URL.")
    return url


def _execution_schema(call: Call) -> str:
    return interactions.FOLLOW_UP if interactions.of(call) else "IncomingWebhookRequestPartial"


EDIT = "IncomingWebhookUpdateRequestPartial"
ROUTES = (
    Route("POST", IN_CHANNEL, create),
    Route("GET", IN_CHANNEL, in_channel),
    Route("GET", "/guilds/{guild_id}/webhooks", in_guild),
    Route("GET", BY_ID, read),
    Route("PATCH", BY_ID, change),
    Route("DELETE", BY_ID, remove),
    Route("GET", BY_TOKEN, read_by_token, auth=False),
    Route("PATCH", BY_TOKEN, change_by_token, auth=False),
    Route("DELETE", BY_TOKEN, remove_by_token, auth=False),
    Route("POST", BY_TOKEN, execute, schema=_execution_schema, auth=False),
    Route("GET", MESSAGE, read_message, auth=False),
    Route("PATCH", MESSAGE, change_message, schema=EDIT, auth=False),
    Route("DELETE", MESSAGE, remove_message, auth=False),
)

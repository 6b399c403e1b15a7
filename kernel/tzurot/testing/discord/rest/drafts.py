"""A request's body made into a message, with the rules that the OpenAPI document can't express."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from tzurot.testing.discord import ids, mentions
from tzurot.testing.discord.call import Call
from tzurot.testing.discord.errors import invalid, refuse
from tzurot.testing.discord.message import COMPONENTS_V2, Attachment, Message
from tzurot.testing.discord.people import User
from tzurot.testing.discord.places import Channel
from tzurot.testing.discord.posting import CONTENT_LIMIT

FORWARD = 1
CONTENTS = ("embeds", "components", "sticker_ids", "poll")
EMBEDS_LIMIT = 6000
FORBIDDEN_NAMES = ("everyone", "here")
FORBIDDEN_IN_NAMES = ("clyde", "discord")
# Discord refuses these fields beside components of the second version.
LEGACY = ("content", "embeds", "sticker_ids", "poll")
SETTABLE_FLAGS = (1 << 2) | (1 << 6) | (1 << 12) | (1 << 13) | (1 << 15)


@dataclass(slots=True)
class Draft:
    """A message that isn't posted yet, with its files and what it may mention."""

    message: Message
    attachments: tuple[Attachment, ...]
    allowed: Mapping[str, Any] | None


def draft(call: Call, channel: Channel, author: User) -> Draft:
    """Make the call's body a message of ``author`` in ``channel``, or refuse it."""
    body: Mapping[str, Any] = call.body or {}
    text = check_content(body)
    check_embeds(body.get("embeds") or [])
    flags = check_flags(body)
    mentions.check(body.get("allowed_mentions"))
    attachments = named_uploads(call)
    forwards = (body.get("message_reference") or {}).get("type") == FORWARD
    if not (text or attachments or forwards or any(body.get(key) for key in CONTENTS)):
        raise refuse(50006)
    message = Message(
        id=call.world.ids.next(),
        channel=channel,
        author=author,
        text=text,
        at=ids.now(),
        embeds=[{"type": "rich", **embed} for embed in body.get("embeds") or ()],
        components=numbered(body.get("components") or []),
        poll=opened_poll(body["poll"]) if body.get("poll") else None,
        sticker_ids=[str(one) for one in body.get("sticker_ids") or ()],
        flags=flags,
        tts=bool(body.get("tts")),
        nonce=body.get("nonce"),
    )
    return Draft(message, attachments, body.get("allowed_mentions"))


def check_content(body: Mapping[str, Any]) -> str:
    """The text without space around it; at most 2,000 characters, though the document says 4,000."""
    text = body.get("content")
    trimmed = "" if text is None else str(text).strip()
    if len(trimmed) > CONTENT_LIMIT:
        raise invalid("content", "BASE_TYPE_MAX_LENGTH", f"Must be {CONTENT_LIMIT} or fewer in length.")
    return trimmed


def check_embeds(embeds: list[dict[str, Any]]) -> None:
    """All embeds of a message together have a limit of their own."""
    if sum(_embed_size(embed) for embed in embeds) > EMBEDS_LIMIT:
        message = f"Embed size exceeds maximum size of {EMBEDS_LIMIT}"
        raise invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", message)


def _embed_size(embed: Mapping[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for one in embed.get("fields") or ():
        texts += [one.get("name"), one.get("value")]
    return sum(len(text) for text in texts if text)


def numbered(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The components with the ids that Discord gives to those without one."""
    count = itertools.count(1)

    def number(one: dict[str, Any]) -> dict[str, Any]:
        made = {"id": next(count)} | {key: value for key, value in one.items() if value is not None}
        if "components" in made:
            made["components"] = [number(inner) for inner in made["components"]]
        if "accessory" in made:
            made["accessory"] = number(made["accessory"])
        return made

    return [number(one) for one in components]


def opened_poll(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A poll that nobody has voted in yet."""
    ends = ids.now() + timedelta(hours=asked.get("duration") or 24)
    return {
        "question": asked["question"],
        "answers": [
            {"answer_id": number, "poll_media": answer["poll_media"]}
            for number, answer in enumerate(asked["answers"], 1)
        ],
        "expiry": ids.iso(ends),
        "allow_multiselect": bool(asked.get("allow_multiselect")),
        "layout_type": asked.get("layout_type") or 1,
        "results": {"answer_counts": [], "is_finalized": False},
    }


def check_flags(body: Mapping[str, Any]) -> int:
    """The flags that a sender may set; components of the second version exclude the older fields."""
    flags = (body.get("flags") or 0) & SETTABLE_FLAGS
    if flags & COMPONENTS_V2:
        for name in LEGACY:
            if body.get(name):
                raise invalid(
                    name,
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
                )
    return flags


def named_uploads(call: Call) -> tuple[Attachment, ...]:
    """The request's files, with the names and descriptions that ``attachments`` gives them."""
    described = {str(one.get("id")): one for one in (call.body or {}).get("attachments") or ()}
    named = []
    for index, upload in call.uploads.items():
        entry = described.get(index, {})
        filename, description = entry.get("filename") or upload.filename, entry.get("description")
        named.append(replace(upload, filename=filename, description=description))
    return tuple(named)


def check_name(name: str, field: str) -> str:
    """A webhook's name without space around it; Discord keeps its own names to itself."""
    trimmed = name.strip()
    if not trimmed:
        raise invalid(field, "BASE_TYPE_REQUIRED", "This field is required")
    if len(trimmed) > 80:
        raise invalid(field, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 80 in length.")
    for word in FORBIDDEN_IN_NAMES:
        if word in trimmed.lower():
            raise invalid(field, "USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"')
    if trimmed.lower() in FORBIDDEN_NAMES:
        raise invalid(field, "USERNAME_INVALID", f'Username cannot be "{trimmed}"')
    return trimmed

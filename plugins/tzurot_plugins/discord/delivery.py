"""Says a character's words in Discord: by webhook where that is possible, else as the bot with its name."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass
from typing import Any

from tzurot import Character, Outbound, Place, PlaceKind, Sent
from tzurot_plugins.discord.chunking import LIMIT, chunk, width
from tzurot_plugins.discord.errors import (
    INVALID_FORM,
    INVALID_WEBHOOK_TOKEN,
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    UNKNOWN_WEBHOOK,
    DiscordError,
    Refused,
    Uncertain,
)
from tzurot_plugins.discord.memory import Voices
from tzurot_plugins.discord.names import prefix, presented
from tzurot_plugins.discord.rest.egress import Egress
from tzurot_plugins.discord.webhooks import Webhook, Webhooks

NOBODY: dict[str, list[str]] = {"parse": []}
"""Nobody is ever pinged by what a model wrote."""
GONE = frozenset({UNKNOWN_WEBHOOK, INVALID_WEBHOOK_TOKEN})
ROUNDS = 3


class CannotWrite(DiscordError):
    """The bot may not write in this place at all."""


@dataclass(frozen=True, slots=True)
class Words:
    """One message that a character says somewhere; ``after`` is a message that was there before it."""

    place: Place
    character: Character
    text: str
    reply_to: str | None
    first: bool
    after: str

    @property
    def room(self) -> str:
        """The channel or thread where it will stand."""
        return self.place.thread or self.place.channel


def says_as_bot(place: Place) -> bool:
    """Whether no webhook can serve this place."""
    return place.kind is PlaceKind.DIRECT


class Delivery:
    """Delivers chunk after chunk; each stands once, or the failure says why not."""

    def __init__(
        self, egress: Egress, webhooks: Webhooks, voices: Voices, log: logging.Logger, settle: float = 0.5
    ) -> None:
        self._egress, self._webhooks, self._voices, self._log = egress, webhooks, voices, log
        self._settle = settle

    async def deliver(self, outbound: Outbound, after: str) -> Sent:
        """Send one chunk. ``after`` is the id of the message that is being answered.

        Raises:
            DiscordError: it could not be sent; the message says why and what to do.
        """
        words = Words(
            outbound.place, outbound.character, outbound.text, outbound.reply_to, outbound.index == 0, after
        )
        try:
            message_id = await self._by_webhook(words) or await self._as_bot(words)
        except Refused as refused:
            if refused.code in (MISSING_PERMISSIONS, MISSING_ACCESS):
                where = f"#{outbound.place.name}" if outbound.place.name else f"channel {words.room}"
                raise CannotWrite(
                    f"Discord does not let the bot write in {where}. Give it View Channel, Send Messages "
                    "and, for threads, Send Messages in Threads there."
                ) from refused
            raise
        return Sent(message_id, outbound.place)

    async def _by_webhook(self, words: Words) -> str | None:
        """Send through the channel's webhook; ``None`` when there is none to be had."""
        if says_as_bot(words.place):
            return None
        channel = words.place.channel
        for _ in range(2):
            hook = await self._webhooks.of(channel)
            if hook is None:
                return None
            try:
                return await self._execute(hook, words)
            except Refused as refused:
                if refused.code in GONE or refused.status == 401:
                    # Deleted under our hands: make it anew, but only once.
                    self._webhooks.forget(channel)
                    continue
                if refused.code == INVALID_FORM and set(refused.fields) & {"username", "avatar_url"}:
                    self._log.warning(
                        "Discord does not take %r's name or avatar for a webhook.", words.character.name
                    )
                    return None
                raise
        return None

    async def _execute(self, hook: Webhook, words: Words) -> str:
        """Post by webhook, at most once: Discord knows no nonce here, so a lost answer is looked up."""
        body: dict[str, Any] = {
            "content": words.text,
            "username": presented(words.character.name),
            "allowed_mentions": NOBODY,
        }
        avatar = words.character.avatar
        if isinstance(avatar, str) and avatar.startswith("https://"):
            body["avatar_url"] = avatar
        query = {"wait": "true"}
        if words.place.thread:
            query["thread_id"] = words.place.thread
        for _ in range(ROUNDS):
            try:
                sent = await self._egress.ask("POST", hook.path, body, query=query, authorised=False)
                return self._said(sent, words)
            except Uncertain as error:
                self._log.info("%s Looking whether it stands there.", error)
                await asyncio.sleep(self._settle)
                if found := await self._look(hook, words):
                    return self._said(found, words)
        raise Uncertain(f"Discord lost the message {ROUNDS} times on the way; it was given up.")

    async def _look(self, hook: Webhook, words: Words) -> dict[str, Any] | None:
        """The message whose answer was lost, if it stands in the channel.

        Raises:
            Uncertain: we may not look, and a second copy would be worse than none.
        """
        try:
            page = await self._egress.ask(
                "GET", f"/channels/{words.room}/messages", query={"after": words.after, "limit": "100"}
            )
        except Refused as refused:
            raise Uncertain(
                "The answer to a webhook's message was lost, and the bot may not look whether it stands "
                "there (give it Read Message History); it is not sent again."
            ) from refused
        for message in page or ():
            if (
                message.get("webhook_id") == hook.id
                and (message.get("author") or {}).get("username") == presented(words.character.name)
                and str(message.get("content") or "").strip() == words.text.strip()
                and self._voices.of(str(message.get("id"))) is None
            ):
                found: dict[str, Any] = message
                return found
        return None

    async def _as_bot(self, words: Words) -> str:
        """Post as the bot itself, with the character's name in front."""
        text = prefix(words.character.name) + words.text if words.first else words.text
        pieces = [text] if width(text) <= LIMIT else chunk(text)
        first = ""
        for index, piece in enumerate(pieces):
            body: dict[str, Any] = {
                "content": piece,
                "allowed_mentions": NOBODY,
                # Discord drops a second message with this nonce: retries can't double it.
                "nonce": secrets.token_hex(12),
                "enforce_nonce": True,
            }
            if words.first and index == 0 and words.reply_to and words.place.kind is not PlaceKind.DIRECT:
                body["message_reference"] = {"message_id": words.reply_to, "fail_if_not_exists": False}
            path = f"/channels/{words.room}/messages"
            sent = await self._egress.ask("POST", path, body, repeatable=True)
            first = first or self._said(sent, words)
        return first

    def _said(self, sent: Any, words: Words) -> str:
        """Note who said it; what was sent is a message of Discord's.

        Raises:
            Uncertain: it is something else, such as a proxy's page with status 200.
        """
        if not isinstance(sent, dict) or not sent.get("id"):
            raise Uncertain("Discord's answer to a message is none of its own; it may stand there, or not.")
        message_id = str(sent["id"])
        self._voices.said(message_id, words.character.key)
        return message_id

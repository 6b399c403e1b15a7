"""People's use of commands, components and modals, sent to the bot as INTERACTION_CREATE."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tzurot.testing.discord import message_payloads, payloads
from tzurot.testing.discord.events import Event
from tzurot.testing.discord.interaction import Interaction, InteractionKind
from tzurot.testing.discord.message import Message
from tzurot.testing.discord.permissions import permissions_in

if TYPE_CHECKING:
    from tzurot.testing.discord.people import Bot, User
    from tzurot.testing.discord.places import Channel
    from tzurot.testing.discord.world import World

STRING, INTEGER, BOOLEAN, USER, CHANNEL, NUMBER = 3, 4, 5, 6, 7, 10
SUB_COMMAND, GROUP = 1, 2
CHAT, ON_USER, ON_MESSAGE = 1, 2, 3
INTERACTIONS_KEPT = 2_000


class Interactions:
    """Starts interactions and finds them again by token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.by_token: dict[str, Interaction] = {}

    def slash(
        self,
        user: User,
        channel: Channel,
        bot: Bot,
        command: str,
        options: Mapping[str, Any],
        *,
        focused: str | None = None,
    ) -> Interaction:
        """Use a slash command, or type in one of its options when ``focused`` names it."""
        name, *subs = command.split()
        known = self._command(bot, name, CHAT, channel)
        leaf = known.get("options") or []
        for sub in subs:
            leaf = _option(leaf, sub, command).get("options") or []
        values = [_value(leaf, key, value, focused) for key, value in options.items()]
        for depth, sub in enumerate(reversed(subs)):
            values = [{"name": sub, "type": GROUP if depth else SUB_COMMAND, "options": values}]
        data: dict[str, Any] = {"id": known["id"], "name": name, "type": CHAT, "options": values}
        kind = InteractionKind.COMMAND if focused is None else InteractionKind.AUTOCOMPLETE
        return self._start(kind, user, channel, bot, data)

    def context_menu(
        self, user: User, channel: Channel, bot: Bot, command: str, target: Message | User
    ) -> Interaction:
        """Use a command on a message or user."""
        on_message = isinstance(target, Message)
        kind = ON_MESSAGE if on_message else ON_USER
        known = self._command(bot, command, kind, channel)
        data: dict[str, Any] = {"id": known["id"], "name": command, "type": kind, "target_id": target.id}
        if isinstance(target, Message):
            data["resolved"] = {"messages": {target.id: message_payloads.message(target)}}
        else:
            data["resolved"] = {"users": {target.id: payloads.user(target)}}
            if channel.guild is not None and target.id in channel.guild.members:
                member = payloads.member(channel.guild.members[target.id], with_user=False)
                member["permissions"] = str(permissions_in(channel, target))
                data["resolved"]["members"] = {target.id: member}
        return self._start(InteractionKind.COMMAND, user, channel, bot, data)

    def component(self, user: User, message: Message, custom_id: str, values: Sequence[str]) -> Interaction:
        """Press a button, or choose in a select menu, of one of the bot's messages."""
        found = _component(message.components, custom_id)
        if found is None:
            raise LookupError(f"Message {message.id} has no component with custom_id {custom_id!r}.")
        data: dict[str, Any] = {"custom_id": custom_id, "component_type": found["type"], "id": 1}
        if found["type"] != 2:
            data["values"] = list(values)
        owner = message.interaction.bot.id if message.interaction else message.author.id
        if message.webhook is not None:
            owner = message.webhook.application_id or ""
        bot = self._world.bots[owner]
        return self._start(InteractionKind.COMPONENT, user, message.channel, bot, data, message)

    def modal(self, user: User, shown: Interaction, fields: Mapping[str, str]) -> Interaction:
        """Submit the modal that ``shown`` was answered with."""
        asked = shown.answer_data
        rows = [_submitted(row, fields) for row in asked.get("components", ())]
        data = {"custom_id": asked["custom_id"], "components": rows}
        return self._start(InteractionKind.MODAL, user, shown.channel, shown.bot, data, shown.message)

    def _command(self, bot: Bot, name: str, kind: int, channel: Channel) -> dict[str, Any]:
        guild = channel.guild.id if channel.guild else None
        for command in bot.commands.values():
            here = command.get("guild_id") in (None, guild)
            if here and (command["name"], command["type"]) == (name, kind):
                return command
        there = ", ".join(sorted(command["name"] for command in bot.commands.values())) or "none"
        raise LookupError(
            f"{bot.name} has registered no command {name!r} of type {kind} here; it has: {there}."
        )

    def _start(
        self,
        kind: InteractionKind,
        user: User,
        channel: Channel,
        bot: Bot,
        data: dict[str, Any],
        message: Message | None = None,
    ) -> Interaction:
        made = Interaction(
            self._world.ids.next(), secrets.token_urlsafe(60), kind, bot, user, channel, data, message
        )
        self.by_token[made.token] = made
        if len(self.by_token) > INTERACTIONS_KEPT:
            del self.by_token[next(iter(self.by_token))]
        self._world.emit(Event("INTERACTION_CREATE", self._payload(made), only=bot))
        return made

    def _payload(self, made: Interaction) -> dict[str, Any]:
        channel, user = made.channel, made.user
        data: dict[str, Any] = {
            "id": made.id,
            "application_id": made.bot.id,
            "type": int(made.kind),
            "token": made.token,
            "version": 1,
            "data": made.data,
            "channel_id": channel.id,
            "channel": payloads.channel(channel),
            "app_permissions": str(int(permissions_in(channel, made.bot))),
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": made.owners(),
            "context": 0 if channel.guild else 1,
            "attachment_size_limit": 10_485_760,
        }
        if channel.guild is not None:
            guild = channel.guild
            member = payloads.member(guild.members[user.id])
            member["permissions"] = str(int(permissions_in(channel, user)))
            data["member"] = member
            data["guild_id"] = guild.id
            data["guild"] = {"id": guild.id, "features": guild.features, "locale": "en-US"}
            data["guild_locale"] = "en-US"
        else:
            data["user"] = payloads.user(user)
        if made.message is not None:
            data["message"] = message_payloads.message(made.message)
        return data


def _option(options: list[dict[str, Any]], name: str, command: str) -> dict[str, Any]:
    for option in options:
        if option["name"] == name:
            return option
    raise LookupError(f"The command {command!r} has no option {name!r}.")


def _value(options: list[dict[str, Any]], name: str, value: Any, focused: str | None) -> dict[str, Any]:
    option = _option(options, name, name)
    data = {"name": name, "type": option["type"], "value": getattr(value, "id", value)}
    if name == focused:
        data["focused"] = True
    return data


def _component(components: list[dict[str, Any]], custom_id: str) -> dict[str, Any] | None:
    for one in components:
        if one.get("custom_id") == custom_id:
            return one
        nested = list(one.get("components", ()))
        if "accessory" in one:
            nested.append(one["accessory"])
        found = _component(nested, custom_id)
        if found is not None:
            return found
    return None


def _submitted(component: dict[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    """One row or label of a modal, as its submission has it: ids and values, no labels or styles."""
    data: dict[str, Any] = {"type": component["type"], "id": component.get("id", 1)}
    if "custom_id" in component:
        data["custom_id"] = component["custom_id"]
        data["value"] = fields.get(component["custom_id"], "")
    if "components" in component:
        data["components"] = [_submitted(one, fields) for one in component["components"]]
    if "component" in component:
        data["component"] = _submitted(component["component"], fields)
    return data

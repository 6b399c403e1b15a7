"""Guilds, members, roles and channels change, and bots hear of it."""

import asyncio

import pytest

from tzurot.testing.discord import Attachment, ChannelKind, Permission
from tzurot.testing.discord.permissions import ALL, permissions_in


async def test_an_invited_bot_receives_the_guild_and_a_removed_one_loses_it(harbour):
    wire = await harbour.identify()
    second = harbour.server.world.create_guild("Second", harbour.ann)
    second.create_channel("hall")
    harbour.server.world.invite(second, harbour.bot)
    assert (await wire.event("GUILD_CREATE"))["name"] == "Second"
    second.remove(harbour.bot)
    gone = await wire.event("GUILD_DELETE")
    assert gone == {"id": second.id}
    assert (await harbour.call("GET", f"/guilds/{second.id}"))[1]["code"] == 10004


async def test_members_come_change_and_go(harbour):
    wire = await harbour.identify()
    cleo = harbour.server.world.create_user("cleo")
    harbour.guild.add(cleo, nick="Captain")
    role = harbour.guild.create_role("crew")
    harbour.guild.give(cleo, role)
    harbour.guild.take(cleo, role)
    harbour.guild.remove(cleo)
    assert (await wire.event("GUILD_MEMBER_ADD"))["nick"] == "Captain"
    assert (await wire.event("GUILD_MEMBER_UPDATE"))["roles"] == [role.id]
    assert (await wire.event("GUILD_MEMBER_REMOVE"))["user"]["id"] == cleo.id


def test_overwrites_apply_in_discords_order(harbour):
    """Everyone's first, then all roles' denials, their grants, and the member's own last."""
    guild, channel, ben = harbour.guild, harbour.channel, harbour.ben
    role = guild.create_role("crew")
    guild.give(ben, role)
    send = Permission.SEND_MESSAGES

    def may():
        return bool(permissions_in(channel, ben) & send)

    seen = [may()]
    for act, target in (
        (channel.deny, guild.everyone),
        (channel.allow, role),
        (channel.deny, ben),
        (channel.allow, ben),
    ):
        act(target, send)
        seen.append(may())
    assert seen == [True, False, True, False, True]


def test_the_owner_and_administrators_may_everything(harbour):
    harbour.channel.deny(harbour.guild.everyone, Permission.VIEW_CHANNEL)
    captain = harbour.guild.create_role("captain", Permission.ADMINISTRATOR)
    harbour.guild.give(harbour.ben, captain)
    assert permissions_in(harbour.channel, harbour.ann) == ALL
    assert permissions_in(harbour.channel, harbour.ben) == ALL
    stranger = harbour.server.world.create_user("stranger")
    assert permissions_in(harbour.channel, stranger) == 0


async def test_everything_that_a_bot_can_ask_about_is_valid_against_the_document(harbour, path):
    guild, bot = harbour.guild, harbour.bot
    guild.emojis[harbour.server.world.ids.next()] = "lamp"
    harbour.channel.deny(harbour.ben, Permission.SEND_MESSAGES)
    for kind in (ChannelKind.VOICE, ChannelKind.CATEGORY, ChannelKind.ANNOUNCEMENT, ChannelKind.FORUM):
        guild.create_channel(kind.name.lower(), kind)
    said = harbour.ann.say(harbour.channel, "x", attachments=[Attachment("a.txt", b"1", "text/plain")])
    harbour.ann.react(said, "🔥")
    thread = harbour.channel.create_thread("below", harbour.ann)
    direct = harbour.ann.direct(bot)
    asked = [
        "/users/@me", f"/users/{harbour.ann.id}", "/users/@me/guilds", "/applications/@me", "/gateway",
        "/gateway/bot", f"/guilds/{guild.id}", f"/guilds/{guild.id}/channels", f"/guilds/{guild.id}/roles",
        f"/guilds/{guild.id}/members?limit=10", f"/guilds/{guild.id}/members/{bot.id}",
        f"/guilds/{guild.id}/emojis", f"/guilds/{guild.id}/webhooks", path(""), path("/messages"),
        path("/webhooks"), f"/channels/{thread.id}", f"/channels/{direct.id}",
    ]  # fmt: skip
    # The harbour's client checks each answer against the schema of its route.
    assert {where: (await harbour.call("GET", where))[0] for where in asked} == dict.fromkeys(asked, 200)


async def test_channels_are_made_changed_and_deleted_over_http(harbour):
    where = f"/guilds/{harbour.guild.id}/channels"
    assert (await harbour.call("POST", where, {"name": "new"}))[1]["code"] == 50013
    harbour.guild.set_permissions(harbour.guild.everyone, ALL)
    status, made = await harbour.call("POST", where, {"name": "new", "topic": "all"})
    assert (status, made["topic"]) == (201, "all")
    one = f"/channels/{made['id']}"
    assert (await harbour.call("PATCH", one, {"name": "newer", "nsfw": True}))[1]["nsfw"] is True
    overwrite = {"type": 0, "allow": "0", "deny": str(int(Permission.SEND_MESSAGES))}
    assert (await harbour.call("PUT", f"{one}/permissions/{harbour.guild.id}", overwrite))[0] in (204, 400)
    assert (await harbour.call("DELETE", one))[0] == 200


async def test_a_bot_changes_its_nickname_and_leaves(harbour):
    _, me = await harbour.call("PATCH", f"/guilds/{harbour.guild.id}/members/@me", {"nick": "Lamp"})
    assert me["nick"] == "Lamp"
    assert (await harbour.call("DELETE", f"/users/@me/guilds/{harbour.guild.id}"))[0] == 204
    assert harbour.bot.guilds() == []


async def test_waiting_in_vain_says_what_was_seen(harbour):
    await harbour.call("GET", "/users/@me")
    with pytest.raises(TimeoutError, match=r"in vain\. Last requests: GET /users/@me -> 200"):
        await harbour.server.next_message(harbour.channel, seconds=0.01)


async def test_a_broken_condition_fails_the_test_that_waits(harbour):
    async def later():
        return await harbour.server.wait_for(lambda: harbour.channel.messages[0:1] and 1 / 0)

    waiting = asyncio.create_task(later())
    await asyncio.sleep(0)
    harbour.ann.say(harbour.channel, "x")
    with pytest.raises(ZeroDivisionError):
        await waiting


async def test_requests_are_recorded_without_the_token(harbour, path):
    await harbour.call("POST", path("/messages"), {"content": "x"}, headers={
        "Authorization": f"Bot {harbour.bot.token}", "User-Agent": "DiscordBot (x, 1)",
    })  # fmt: skip
    record = await harbour.server.next_request("POST", "/channels/{channel_id}/messages")
    assert (record.status, record.user_agent, record.params) == (
        200,
        "DiscordBot (x, 1)",
        {"channel_id": harbour.channel.id},
    )
    assert harbour.bot.token not in repr(record)

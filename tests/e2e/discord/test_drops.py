"""Discord drops the connection again and again while people talk: nothing is lost, nothing answered twice."""

import asyncio
import random
import re
from collections import Counter

import pytest
from tests.plugins.discord.life import alive

from tzurot.testing.discord import DiscordServer, Permission

CODES = (None, 1000, 1001, 4000, 4001, 4007, 4008, 4009)
KINDS = {
    **{code: lambda faults, code=code: faults.drop_gateway(code) for code in CODES},
    "reconnect": lambda faults: faults.reconnect(),
    "invalid": lambda faults: faults.invalidate(resumable=False),
    "interrupted": lambda faults: faults.invalidate(resumable=True),
    "black hole": lambda faults: faults.blackhole(),
    "refused": lambda faults: (faults.refuse_handshakes(502, 2), faults.drop_gateway(4000)),
    "lost events": lambda faults: (faults.drop_next_event("MESSAGE_CREATE", 2), faults.reconnect()),
    "doubled events": lambda faults: faults.duplicate_next_event("MESSAGE_CREATE", 3),
    "disorder": lambda faults: faults.reorder(2),
}


async def survive(server, tmp_path, drops, seed):
    """Talk in every kind of place while the gateway is dropped; what was asked and what was answered."""
    chance = random.Random(seed)
    world = server.world
    bot, ann = world.create_bot("harbour"), world.create_user("ann")
    guild = world.create_guild("Pier", ann)
    world.invite(guild, bot, Permission.MANAGE_WEBHOOKS)
    channels = [guild.create_channel(f"pier-{number}") for number in range(3)]
    places = [*channels, channels[0].create_thread("aside", ann), ann.direct(bot)]
    asked: dict[str, list[int]] = {place.id: [] for place in places}
    async with alive(server, bot, tmp_path) as life:
        life.model.otherwise = lambda asked: "echo " + re.findall(r"#(\d+)#", asked.messages[-1].content)[-1]
        number = 0

        def answers():
            return sum(len(place.delivered) for place in places)

        for kind in [chance.choice(list(KINDS)) for _ in range(drops)]:
            for step in range(4):
                if step == 2:
                    KINDS[kind](server.faults)
                place = chance.choice(places)
                ann.say(place, f"@Mara #{number}#")
                asked[place.id].append(number)
                number += 1
                for _ in range(chance.randrange(30)):
                    await asyncio.sleep(0)
            enough = number - 12
            await server.wait_for(lambda enough=enough: answers() >= enough, 20, str(kind))
        server.faults.clear()
        # What was dropped from the last live connection comes with the next resume.
        server.faults.reconnect()
        await server.wait_for(lambda: answers() >= number, 20, "every answer")
        identifies = bot.identifies
    heard = {place.id: [int(each.text.rsplit(" ", 1)[1]) for each in place.delivered] for place in places}
    return asked, heard, identifies


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))])
async def test_a_hundred_drops_of_every_kind_lose_nothing_and_double_nothing(tmp_path, seed):
    async with DiscordServer(heartbeat_seconds=0.8) as server:
        asked, heard, identifies = await survive(server, tmp_path, 100, seed)
        assert not server.violations
    for place, numbers in asked.items():
        assert Counter(heard[place]) == Counter(numbers)
    assert identifies <= 60

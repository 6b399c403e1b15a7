"""The server as a process of its own, steered over its control interface."""

import asyncio
import json
import signal
import sys

import aiohttp
import pytest


@pytest.fixture
async def process():
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tzurot.testing.discord", stdout=asyncio.subprocess.PIPE
    )
    line = await asyncio.wait_for(running.stdout.readline(), 30)
    yield json.loads(line)
    running.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(running.wait(), 10) == 0


async def test_a_world_is_made_talked_in_and_asked_about(process):
    async with aiohttp.ClientSession() as http:

        async def control(act, **asked):
            async with http.post(f"{process['control']}/{act}", json=asked) as got:
                return got.status, await got.json()

        _, world = await control(
            "world", bots=["lamp"], users=["ann"], guilds=[{"name": "Pier", "channels": ["a", "b"]}]
        )
        channels = list(world["guilds"]["Pier"]["channels"].values())
        headers = {"Authorization": f"Bot {world['tokens']['lamp']}"}
        socket = await http.ws_connect(f"{world['gateway']}?v=10&encoding=json")
        await socket.send_json(
            {"op": 2, "d": {"token": world["tokens"]["lamp"], "intents": 33281, "properties": {}}}
        )
        assert (await control("ready", bot="lamp"))[0] == 200

        async def echo():
            async for frame in socket:
                event = frame.json()
                if event["t"] == "MESSAGE_CREATE" and not event["d"]["author"].get("bot"):
                    url = f"{world['api_base']}/channels/{event['d']['channel_id']}/messages"
                    async with http.post(
                        url, json={"content": event["d"]["content"]}, headers=headers
                    ) as got:
                        assert got.status == 200

        answering = asyncio.create_task(echo())
        await control("say", user="ann", channel=channels[0], text="hello")
        _, told = await control("replies", channel=channels[0])
        assert told["messages"][0]["text"] == "hello"
        status, burst = await control("burst", user="ann", channels=channels, text="again", count=20, width=2)
        assert (status, burst["p95_ms"] >= burst["p50_ms"] > 0) == (200, True)
        assert (await control("limit", preset="discord"))[0] == 200
        await control("fault", name="drop_gateway", arguments={"code": 4000})
        await answering
        assert socket.close_code == 4000
        _, state = await control("state")
        assert state["requests"] == {"POST /channels/{channel_id}/messages 200": 21}
        assert state["violations"] == []
        for name, asked in (
            ("fault", {"name": "_http"}),
            ("say", {"user": "nobody"}),
            ("ready", {"bot": "ann"}),
        ):
            status, body = await control(name, **asked)
            assert (status, "error" in body) == (400, True)
        assert (await control("nothing"))[0] == 404

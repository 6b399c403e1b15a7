"""nonebot's Discord adapter, as published, takes the test server for Discord."""

import asyncio
import sys
from pathlib import Path

CLIENT = Path(__file__).parent / "clients" / "nonebot_echo.py"


async def test_nonebots_adapter_connects_hears_and_answers(harbour):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(CLIENT),
        harbour.server.api_base,
        harbour.bot.token,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        session = await harbour.server.ready(harbour.bot, seconds=60)
        harbour.ann.say(harbour.channel, "hello there")
        direct, masked = await harbour.server.next_messages(harbour.channel, 2, seconds=30)
    finally:
        process.terminate()
        output = (await process.communicate())[0].decode()
    assert (direct.text, direct.author, masked.name) == ("heard hello there", harbour.bot, "Mara"), output
    assert session.sequence >= 3
    assert not harbour.server.violations
    assert "ERROR" not in output

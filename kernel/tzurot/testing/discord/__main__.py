"""The Discord test server as a process of its own: ``python -m tzurot.testing.discord --port N``.

Prints one line of JSON with its addresses when it is ready, and serves until it is interrupted. How it
is told what to do is in :mod:`tzurot.testing.discord.control`. A benchmark runs it this way so that the
server's work is not counted as the bot's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys

import click

from tzurot.testing.discord.control import Control
from tzurot.testing.discord.server import DiscordServer


@click.command()
@click.option("--port", default=0, help="The port to listen on; 0 takes a free one.")
@click.option("--validate/--no-validate", default=True, help="Check bodies against the OpenAPI document.")
@click.option("--heartbeat", default=41.25, help="The heartbeat interval in seconds.")
def main(port: int, validate: bool, heartbeat: float) -> None:
    """Serve a small Discord on 127.0.0.1 until interrupted."""
    asyncio.run(_serve(port, validate, heartbeat))


async def _serve(port: int, validate: bool, heartbeat: float) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows' event loop can't do this; there Ctrl-C ends the process as usual.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with DiscordServer(port=port, validate=validate, heartbeat_seconds=heartbeat) as server:
        Control(server)
        addresses = {
            "api_base": server.api_base,
            "gateway": server.gateway_url,
            "control": f"{server.base}/_control",
        }
        sys.stdout.write(json.dumps(addresses) + "\n")
        sys.stdout.flush()
        await stopped.wait()


if __name__ == "__main__":
    main()

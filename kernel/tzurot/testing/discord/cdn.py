"""The CDN of the test world: attachments under the addresses that messages give for them."""

from __future__ import annotations

from aiohttp import web

from tzurot.testing.discord.world import World

PREFIX = "/cdn"


def answer(world: World, path: str) -> web.StreamResponse:
    """The file at ``/cdn/attachments/<channel>/<attachment>/<filename>``, as long as its message exists."""
    parts = path.removeprefix(f"{PREFIX}/").split("/")
    channel = world.channels.get(parts[1]) if len(parts) == 4 and parts[0] == "attachments" else None
    for message in channel.messages if channel else ():
        for attachment in message.attachments:
            if attachment.id == parts[2]:
                return web.Response(body=attachment.content, content_type=attachment.media_type)
    return web.Response(status=404, text="This content is no longer available.")

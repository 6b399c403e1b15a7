"""nonebot's models are spared at import, and there when they are needed."""

import subprocess
import sys

from pydantic import BaseModel

CODE = """
import pydantic
from tzurot_plugins.discord import adapter
from nonebot.adapters.discord.api.model import MessageGet
from nonebot.adapters.discord.event import GuildMessageCreateEvent
assert not MessageGet.__pydantic_complete__
assert "defer_build" not in pydantic.BaseModel.model_config
data = {
    "id": 1, "channel_id": 2, "guild_id": 5,
    "author": {"id": 3, "username": "a", "discriminator": "0", "global_name": None, "avatar": None},
    "content": "hi", "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "tts": False,
    "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
    "pinned": False, "type": 0,
}
assert MessageGet.model_validate(data).content == "hi"
assert GuildMessageCreateEvent.model_validate(data).content == "hi"
"""


def test_nonebots_models_are_built_when_they_are_first_used():
    subprocess.run([sys.executable, "-c", CODE], check=True, timeout=120)


def test_other_models_are_not_affected():
    class Mine(BaseModel):
        x: int

    assert Mine.__pydantic_complete__
    assert Mine(x=1).model_rebuild() is None

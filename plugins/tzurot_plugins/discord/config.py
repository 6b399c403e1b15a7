"""The plugin's instance-wide settings: what the operator sets once, by environment or ``tzurot.yaml``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tzurot_plugins.discord.gateway.protocol import Timing
from tzurot_plugins.discord.rest.patience import Patience

API_BASE = "https://discord.com/api/v10"


class DiscordSettings(BaseModel):
    """How the bot connects to Discord, and whom it listens to."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True, frozen=True)

    token: SecretStr | None = Field(default=None, json_schema_extra={"env": "DISCORD_TOKEN"})
    """The bot's token, from Discord's developer portal. Without it the plugin stays silent."""
    api_base: str = Field(
        default=API_BASE, pattern=r"^https?://[^\s?#]+$", json_schema_extra={"env": "DISCORD_API_BASE"}
    )
    """The address of Discord's API, with its version; any Discord-speaking server will do."""
    message_content: bool = Field(default=True, json_schema_extra={"env": "DISCORD_MESSAGE_CONTENT"})
    """Ask for the Message Content intent. Without it characters hear direct messages, replies to the bot and
    its own mention, but no `@Name`."""
    webhook_name: str = Field(default="tzurot", min_length=1, max_length=80)
    """The name of the webhook that the bot makes in a channel, as the channel's settings list it."""
    answer_bots: bool = False
    """Listen to other bots, too. Two bots that answer one another never stop by themselves."""
    answer_webhooks: bool = False
    """Listen to webhooks that are not ours, such as proxied messages."""
    typing_after_seconds: float = Field(default=0.25, ge=0)
    """How long a reply must take before the typing indicator shows."""
    catch_up_minutes: float = Field(default=60.0, ge=0)
    """After a lost session, messages up to this old are still answered; 0 switches catching up off."""
    requests_per_second: int = Field(default=50, ge=1, le=10_000)
    """Discord's global limit for this bot; it raises it for very large bots only."""
    request_seconds: float = Field(default=30.0, gt=0)
    """How long one request to Discord may take."""
    pace: float = Field(default=1.0, ge=0.0, le=10.0)
    """Stretches or shrinks every wait between attempts; below 1 only for tests with a server of your own."""

    @property
    def timing(self) -> Timing:
        """The gateway's waits."""
        return Timing().paced(self.pace)

    @property
    def patience(self) -> Patience:
        """The waits between tries of a request."""
        plain = Patience()
        return Patience(
            first=plain.first * self.pace, most=plain.most * self.pace, timeout=self.request_seconds
        )

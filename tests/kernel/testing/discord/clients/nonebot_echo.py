"""A bot on nonebot's own Discord adapter that answers once directly and once through a webhook."""

import sys

import nonebot
from nonebot.adapters.discord import Adapter, Bot, MessageEvent
from nonebot.drivers import URL

api_base, token = sys.argv[1:]
nonebot.init(
    driver="~aiohttp",
    log_level="WARNING",
    discord_bots=[{"token": token, "intent": {"message_content": True, "guild_members": True}}],
)
driver = nonebot.get_driver()
driver.register_adapter(Adapter)
driver._adapters["Discord"].base_url = URL(api_base)  # type: ignore[attr-defined]  # it has no setting for this
matcher = nonebot.on_message()


@matcher.handle()
async def answer(bot: Bot, event: MessageEvent) -> None:
    if event.author.bot:
        return
    reply = {"parse": [], "roles": [], "users": [], "replied_user": False}
    await bot.create_message(
        channel_id=event.channel_id,
        content=f"heard {event.content}",
        allowed_mentions=reply,
        message_reference={"message_id": event.id},
    )
    hook = await bot.create_webhook(channel_id=event.channel_id, name="mask")
    await bot.execute_webhook(
        webhook_id=hook.id, token=hook.token, wait=True, content="and as Mara", username="Mara"
    )


nonebot.run()

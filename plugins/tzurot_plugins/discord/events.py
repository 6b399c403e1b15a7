"""A gateway event as nonebot sees it, and the one matcher through which all events enter our pipeline."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nonebot.adapters import Bot as BaseBot
from nonebot.adapters import Event as BaseEvent
from nonebot.adapters import Message as BaseMessage
from nonebot.exception import NoLogException
from nonebot.matcher import Matcher

from tzurot_plugins.discord.gateway.protocol import Dispatch

Sink = Callable[[Dispatch], Awaitable[None]]
TYPE = "gateway"


class GatewayEvent(BaseEvent):
    """Any dispatch of the gateway, known or not, unparsed: what is not understood is not lost."""

    dispatch: Any
    sink: Any

    @classmethod
    def of(cls, dispatch: Dispatch, sink: Sink) -> GatewayEvent:
        """Wrap a dispatch, without validation: there is nothing to validate."""
        return cls.model_construct(dispatch=dispatch, sink=sink)

    def __repr__(self) -> str:
        # nonebot formats every event for a trace that nobody reads; this keeps it cheap and discreet.
        return f"GatewayEvent({self.dispatch.type})"

    __str__ = __repr__

    def get_type(self) -> str:
        """No type of nonebot's own: its rules for messages would parse markup, which can raise."""
        return TYPE

    def get_event_name(self) -> str:
        """Discord's name of the event."""
        return f"{TYPE}.{self.dispatch.type}"

    def get_event_description(self) -> str:
        """Discord's name of the event: contents belong in no log."""
        return str(self.dispatch.type)

    def get_log_string(self) -> str:
        """Not logged by nonebot."""
        raise NoLogException("Discord")

    def get_user_id(self) -> str:
        """Not used: routing is ours."""
        raise ValueError("a gateway event has no user before it is converted")

    def get_session_id(self) -> str:
        """Not used: routing is ours."""
        raise ValueError("a gateway event has no session before it is converted")

    def get_message(self) -> BaseMessage[Any]:
        """Not used: conversion is ours."""
        raise ValueError("a gateway event has no message before it is converted")

    def is_tome(self) -> bool:
        """Not used: casting is ours."""
        return False


class Gate(Matcher):
    """Hands each event to the sink of the instance that it belongs to.

    nonebot would call handlers by solving their dependencies, in five tasks an event and 0.6 ms; there is
    nothing to solve here.
    """

    @classmethod
    async def check_perm(cls, bot: BaseBot, event: BaseEvent, *_: object, **__: object) -> bool:
        """Only our own events: other adapters of the process have theirs."""
        return isinstance(event, GatewayEvent)

    @classmethod
    async def check_rule(cls, bot: BaseBot, event: BaseEvent, *_: Any, **__: Any) -> bool:
        """No further rule."""
        return True

    async def run(self, bot: BaseBot, event: BaseEvent, *_: Any, **__: Any) -> None:
        """Hand the event over."""
        if isinstance(event, GatewayEvent):
            await event.sink(event.dispatch)


MATCHER: type[Matcher] = Gate.new(TYPE, priority=1, block=False)

"""Waiting for something to be true in the world instead of for time to pass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Waiting:
    """Looks at conditions again whenever something happened."""

    def __init__(self) -> None:
        self._looks: list[Callable[[], bool]] = []

    def notify(self) -> None:
        """Something happened: look again at what is being waited for."""
        if self._looks:
            self._looks = [look for look in self._looks if not look()]

    async def wait_for(
        self, condition: Callable[[], T | None], seconds: float, describe: Callable[[], str]
    ) -> T:
        """The first truthy result of ``condition``; TimeoutError with ``describe`` after ``seconds``."""
        result = condition()
        if result:
            return result
        arrived: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def look() -> bool:
            if arrived.done():
                return True
            try:
                found = condition()
            except Exception as error:  # noqa: BLE001  # a broken condition is the waiting test's failure
                arrived.set_exception(error)
                return True
            if found:
                arrived.set_result(found)
            return bool(found)

        self._looks.append(look)
        try:
            async with asyncio.timeout(seconds):
                return await arrived
        except TimeoutError:
            raise TimeoutError(describe()) from None

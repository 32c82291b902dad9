"""What is on its way to the coordinator, paced below the documented rate."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from .window import SlidingWindow

#: One in so many of a minute's messages is kept for the protocol's own, so that rooms never wait for the rest.
OWN_SHARE = 6


class Outbox:
    """Two lanes: the protocol's own messages go first and mean nothing to another connection; the application's wait
    for a connection that is ready for them, and outlive it."""

    def __init__(self, capacity: int, per_minute: int, on_overflow: Callable[[str], None]) -> None:
        """At most `capacity` application messages wait, and `per_minute` (0 for no limit) leave on one connection."""
        self.capacity = capacity
        self.per_minute = per_minute
        self._on_overflow = on_overflow
        self._own: deque[str] = deque()
        self._urgent: deque[str] = deque()
        self._application: deque[str] = deque()
        self._is_open = False
        self._is_ready = False
        self._paused_until = 0.0
        self._changed = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Application messages that wait."""
        return len(self._application)

    def open(self) -> None:
        """A fresh connection takes the protocol's own messages."""
        self._is_open = True
        self._paused_until = 0.0

    def ready(self) -> None:
        """The connection takes the application's messages, too."""
        self._is_ready = True
        self._changed.set()

    def close(self) -> None:
        """The connection is gone, and the protocol's own messages with it."""
        self._is_open = self._is_ready = False
        self._own.clear()
        self._urgent.clear()

    def send_own(self, message: dict[str, Any]) -> None:
        """One of the protocol's own messages, on this connection."""
        if self._is_open:
            self._own.append(json.dumps(message))
            self._changed.set()

    def send_now(self, message: dict[str, Any]) -> None:
        """A heartbeat: counted, but never held back, or a slow minute would look like a dead connection."""
        if self._is_open:
            self._urgent.append(json.dumps(message))
            self._changed.set()

    def send(self, message: dict[str, Any]) -> None:
        """One of the application's messages, now or on a later connection. The oldest gives way to the newest."""
        self._application.append(json.dumps(message))
        self._changed.set()
        if len(self._application) > self.capacity:
            self._on_overflow(self._application.popleft())

    def pause(self, seconds: float) -> None:
        """Sends nothing for a while: the coordinator has said so."""
        self._paused_until = max(self._paused_until, asyncio.get_running_loop().time() + seconds)

    async def write(self, deliver: Callable[[str], Awaitable[None]]) -> None:
        """Delivers on one connection until it is cancelled. Limits are a connection's: its minute begins here."""
        loop = asyncio.get_running_loop()
        window = SlidingWindow(self.per_minute, 60.0)
        while True:
            self._changed.clear()
            pause = self._pause(window, loop.time())
            if pause == 0.0:
                window.count(loop.time())
                lane = self._urgent or self._own or self._application
                # Taken before it is away: what breaks off with the connection may have arrived, and is not said twice.
                await deliver(lane.popleft())
                continue
            try:
                await asyncio.wait_for(self._changed.wait(), pause)
            except TimeoutError:
                pass

    def _pause(self, window: SlidingWindow, now: float) -> float | None:
        """How long until there is something that may be sent; `None` while there is nothing to say."""
        if self._urgent:
            return 0.0
        if self._own or (self._is_ready and self._application):
            reserve = 0 if self._own else self.per_minute // OWN_SHARE
            return max(self._paused_until - now, window.wait(now, reserve), 0.0)
        return None

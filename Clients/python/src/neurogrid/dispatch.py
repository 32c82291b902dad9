"""Who hears what: handlers, and iterators that hold the reading back while they are not read."""

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from .buffer import Buffer
from .messages import Event

logger = logging.getLogger("neurogrid")

#: Called with each event; what it returns is awaited where it can be.
Handler: TypeAlias = Callable[[Event], Awaitable[None] | None]

ALL = "*"


class Stream(Buffer[Event]):
    """Events of some types, in order, until the client is closed or `close` is called.

    Where nobody takes the events, no more are read from the network: the coordinator then treats the client as a slow
    reader, as it should. So close what is not read any more, or leave its `async with`.
    """

    def __init__(self, types: frozenset[str], room: str | None, capacity: int) -> None:
        super().__init__(capacity)
        self._types = types
        self._room = room

    def wants(self, event: Event) -> bool:
        """Whether it is for this stream."""
        if self._types and event.type not in self._types:
            return False
        return self._room is None or event.room == self._room

    async def __aenter__(self) -> "Stream":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


class Dispatch:
    """Handlers and streams by event type."""

    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler]] = {}
        self._streams: list[Stream] = []

    def on(self, type: str, handler: Handler) -> Callable[[], bool]:
        """Calls a handler for each event of a type, `*` for all. Returns what takes it away."""
        self._handlers.setdefault(type, []).append(handler)
        return lambda: self.off(type, handler)

    def off(self, type: str, handler: Handler) -> bool:
        """Takes a handler away. Returns whether it was there."""
        # Replaced, not changed: an emission that is going on keeps its own list.
        rest = list(self._handlers.get(type, []))
        if handler not in rest:
            return False
        rest.remove(handler)
        self._handlers[type] = rest
        return True

    def stream(self, types: frozenset[str], room: str | None, capacity: int) -> Stream:
        """A new stream, which hears everything from now on."""
        stream = Stream(types, room, capacity)
        self._streams.append(stream)
        return stream

    async def emit(self, event: Event) -> None:
        """Tells everybody, handlers first. One that raises keeps nobody else from hearing."""
        for handler in [*self._handlers.get(event.type, []), *self._handlers.get(ALL, [])]:
            try:
                outcome = handler(event)
                if inspect.isawaitable(outcome):
                    await outcome
            except Exception:
                logger.exception("a handler of %s raised", event.type)
        self._streams = [stream for stream in self._streams if stream.is_open]
        for stream in self._streams:
            if stream.wants(event):
                await stream.put(event)

    def end(self) -> None:
        """Ends all streams, behind what has come."""
        for stream in self._streams:
            stream.close()
        self._streams = []

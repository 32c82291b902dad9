"""A client's life: begun once however often it is asked for, awaited, and ended for good."""

import asyncio
from collections.abc import Callable, Coroutine

from .errors import ended
from .link import Ending, Link
from .messages import Data


class Life:
    """The task in which a client runs, and what its first `connected` says."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._running: asyncio.Task[None] | None = None
        # What `connect` waits for.
        self._connected: asyncio.Future[Data] | None = None

    async def begin(self, prepare: Callable[[], None], run: Callable[[], Coroutine[object, object, None]]) -> Data:
        """Prepares and runs, unless it runs; returns what `connected` said or will say, or raises why it never will."""
        if self._running is None or self._running.done():
            prepare()
            self._connected = asyncio.get_running_loop().create_future()
            self._running = asyncio.create_task(run())
            self._running.add_done_callback(ended)
        assert self._connected is not None
        return await asyncio.shield(self._connected)

    async def wait(self) -> None:
        """Stays until `end` is called; raises where it ended otherwise."""
        running = self._running
        if running is None:
            return
        await asyncio.wait([running])
        # Another end than by `end`.
        if self._running is running and not running.cancelled() and (error := running.exception()):
            raise error

    async def end(self) -> None:
        """Closes the link and what runs over it."""
        running, self._running = self._running, None
        if running is None:
            return
        await self._link.end(Ending(1000, "client disconnect"))
        running.cancel()
        self._link.state = "closed"
        await asyncio.wait([running])
        if not running.cancelled():
            # Known already, so nobody is to be warned of it.
            running.exception()

    def connected(self, said: Data) -> None:
        """The peer has let the client in; only the first time is waited for."""
        if self._connected and not self._connected.done():
            self._connected.set_result(said)

    def failed(self, error: BaseException) -> None:
        """The client will never be let in."""
        if self._connected and not self._connected.done():
            self._connected.set_exception(error)
            # It may be that nobody looks.
            self._connected.exception()

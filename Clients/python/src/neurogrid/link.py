"""A connection that comes back: makes one, and another when it ends, at the right moment and not too often."""

import asyncio
import contextlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from .backoff import Backoff
from .outbox import Outbox
from .window import SlidingWindow

#: The close code of a connection that could not be made, or broke.
ABNORMAL = 1006


@dataclass(slots=True)
class LinkSettings:
    """How a client connects. Times are in seconds."""

    #: The longest first wait before coming back; each further one doubles, and is shortened at random.
    reconnect_delay: float = 1.0
    #: The longest wait of all.
    max_reconnect_delay: float = 30.0
    #: Failed attempts in a row after which it gives up; `None` for never.
    max_attempts: int | None = None
    #: Attempts in any minute (the coordinator takes 10); 0 is no limit.
    connections_per_minute: int = 8
    #: Messages in any minute of a connection (the coordinator takes 100); 0 is no limit.
    messages_per_minute: int = 90
    #: Application messages that wait for a connection.
    queue_limit: int = 100
    #: Silence after which it asks for a sign of life.
    heartbeat_interval: float = 25.0
    #: How long the answer may take.
    heartbeat_timeout: float = 10.0
    #: How long a connection may take to open.
    open_timeout: float = 10.0
    #: Further arguments of `websockets.asyncio.client.connect`: `ssl`, `proxy`, …
    connect_options: dict[str, Any] = field(default_factory=dict)
    #: Uniform in [0, 1); tests pass another.
    uniform: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Ending:
    """How a connection ended."""

    code: int
    reason: str
    #: Seconds after which the peer wants to see the client again.
    retry_after: float | None = None
    #: The client itself wants another connection at once.
    is_renewal: bool = False


class Dialect(Protocol):
    """What a link asks of the client that it serves."""

    async def address(self) -> str:
        """The URL of the next attempt."""

    def opened(self) -> None:
        """A connection is open."""

    async def received(self, message: dict[str, Any]) -> None:
        """A message came."""

    def may_return(self, ending: Ending) -> bool:
        """Whether that end leaves anything to come back for."""

    def went_down(self, ending: Ending, will_return: bool) -> None:
        """The connection is gone."""

    def waits(self, attempt: int, delay: float) -> None:
        """The next attempt comes after so many seconds."""


class Link:
    """`idle` → `connecting` → `open` → (`waiting` → `connecting` →)* `closed`."""

    def __init__(self, dialect: Dialect, settings: LinkSettings, outbox: Outbox) -> None:
        self.state = "idle"
        self.outbox = outbox
        self.backoff = Backoff(settings.reconnect_delay, settings.max_reconnect_delay, settings.uniform)
        self._dialect = dialect
        self._settings = settings
        self._attempts = SlidingWindow(settings.connections_per_minute, 60.0)
        self._hint: float | None = None
        self._socket: ClientConnection | None = None
        self._wanted_end: Ending | None = None

    async def run(self) -> Ending:
        """Connects and comes back until there is nothing to come back for; returns how it ended."""
        delay = 0.0
        while True:
            now = asyncio.get_running_loop().time()
            delay = max(delay, self._attempts.wait(now))
            if self.backoff.attempts:
                self._dialect.waits(self.backoff.attempts, delay)
            self.state = "waiting"
            await asyncio.sleep(delay)
            ending = await self._attempt()
            if ending.retry_after is not None:
                self.hold_off(ending.retry_after)
            will_return = ending.is_renewal or (self._dialect.may_return(ending) and not self._is_exhausted)
            self.state = "waiting" if will_return else "closed"
            self._dialect.went_down(ending, will_return)
            if not will_return:
                return ending
            delay = self._delay()

    def confirm(self) -> None:
        """The connection does what it is for: the next failure is the first again."""
        self.backoff.reset()

    def hold_off(self, seconds: float) -> None:
        """The peer has said how long to stay away."""
        self._hint = max(self._hint or 0.0, seconds)

    async def end(self, ending: Ending) -> None:
        """Says goodbye; what `run` makes of it depends on the ending."""
        if self._socket:
            self._wanted_end = ending
            await self._socket.close(1000, ending.reason)

    def abandon(self, reason: str) -> None:
        """Gives a connection up without waiting for it."""
        if self._socket:
            self._wanted_end = Ending(ABNORMAL, reason)
            self._socket.transport.abort()

    @property
    def _is_exhausted(self) -> bool:
        return self._settings.max_attempts is not None and self.backoff.attempts >= self._settings.max_attempts

    def _delay(self) -> float:
        # The coordinator spreads its clients' return by itself: its word counts instead of our dice.
        hint, self._hint = self._hint, None
        if hint is None:
            return self.backoff.next()
        self.backoff.skip()
        return hint

    async def _attempt(self) -> Ending:
        self.state = "connecting"
        self._attempts.count(asyncio.get_running_loop().time())
        self._wanted_end = None
        try:
            url = await self._dialect.address()
            # Signs of life are the protocol's own messages: they show that the coordinator, not a proxy, is there.
            options = {"ping_interval": None, "close_timeout": 2, **self._settings.connect_options}
            async with connect(url, open_timeout=self._settings.open_timeout, **options) as socket:
                return await self._converse(socket)
        except ConnectionClosed as end:
            return self._wanted_end or _ending_of(end)
        except InvalidStatus as refusal:
            status, retry_after = refusal.response.status_code, refusal.response.headers.get("Retry-After", "")
            return Ending(ABNORMAL, f"HTTP {status}", float(retry_after) if retry_after.isdigit() else None)
        except (OSError, TimeoutError, WebSocketException) as error:
            return self._wanted_end or Ending(ABNORMAL, str(error) or type(error).__name__)
        finally:
            self._socket = None
            self.outbox.close()

    async def _converse(self, socket: ClientConnection) -> Ending:
        self._socket = socket
        self._hint = None
        self.state = "open"
        self.outbox.open()
        writer = asyncio.create_task(self.outbox.write(socket.send))
        try:
            self._dialect.opened()
            while True:
                text = await self._read(socket)
                if text is None:
                    self.abandon("no sign of life")
                    return Ending(ABNORMAL, "no sign of life")
                message = _parsed(text)
                if message is not None:
                    await self._dialect.received(message)
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                await writer

    async def _read(self, socket: ClientConnection) -> str | bytes | None:
        """The next message; `None` if none comes though it was asked for."""
        try:
            return await asyncio.wait_for(socket.recv(), self._settings.heartbeat_interval or None)
        except TimeoutError:
            self.outbox.send_now({"type": "ping"})
        try:
            return await asyncio.wait_for(socket.recv(), self._settings.heartbeat_timeout)
        except TimeoutError:
            return None


def _parsed(text: str | bytes) -> dict[str, Any] | None:
    """A JSON object; nothing else is a message of any dialect."""
    try:
        message = json.loads(text)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _ending_of(end: ConnectionClosed) -> Ending:
    return Ending(end.rcvd.code, end.rcvd.reason) if end.rcvd else Ending(ABNORMAL, str(end))

"""A client of the NeuroGraph dialect: channels of events."""

import asyncio
import enum
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from .buffer import Buffer
from .dispatch import Dispatch, Handler, Stream
from .errors import Disconnected
from .life import Life
from .link import Ending, Link, LinkSettings
from .messages import Data, Event, TokenSource
from .outbox import Outbox
from .token import current_token

logger = logging.getLogger("neurogrid.neurograph")

#: Called with each event of a channel, whole; what it returns is awaited where it can be.
ChannelHandler = Callable[[Data], Awaitable[None] | None]


class Channel(str, enum.Enum):
    """The channels of a NeuroGraph coordinator."""

    METRICS = "metrics"
    SIGNALS = "signals"
    ACTIONS = "actions"
    LOGS = "logs"
    STATUS = "status"
    CONNECTIONS = "connections"


class NeurographWSClient:
    """It comes back under the `client_id` that it was given, so the coordinator sends what it has kept meanwhile."""

    def __init__(
        self, url: str, token: TokenSource | None = None, auto_reconnect: bool = True, debug: bool = False,
        settings: LinkSettings | None = None,
    ) -> None:
        """`debug` logs what comes and goes to the logger `neurogrid.neurograph`."""
        self.url = url
        self.token = token
        self.auto_reconnect = auto_reconnect
        self.debug = debug
        self._settings = settings or LinkSettings(
            messages_per_minute=0, connections_per_minute=20, heartbeat_interval=30.0)
        self._dispatch = Dispatch()
        self._events: Buffer[Data] = Buffer(1000)
        self._channels: dict[str, list[ChannelHandler]] = {}
        self._outbox = Outbox(self._settings.queue_limit, self._settings.messages_per_minute, self._overflowed)
        self._link = Link(self, self._settings, self._outbox)
        self._info: Data | None = None
        self._life = Life(self._link)

    @property
    def state(self) -> str:
        """`idle`, `connecting`, `open`, `waiting` for the next attempt, or `closed`."""
        return self._link.state

    @property
    def client_id(self) -> str | None:
        """The client's id, which it keeps when it comes back; `None` before it was given one."""
        return self._info["client_id"] if self._info else None

    @property
    def channels(self) -> list[str]:
        """Names of the channels that are subscribed to, or will be."""
        return list(self._channels)

    async def connect(self) -> Data:
        """Connects, unless it has; returns what `connected` says. Raises `Disconnected` when there will be no further
        attempt."""
        return await self._life.begin(self._prepare, self._run)

    async def run_forever(self) -> None:
        """Connects and stays until `disconnect` is called; raises when there will be no further attempt."""
        await self.connect()
        await self._life.wait()

    async def disconnect(self) -> None:
        """Ends the connection for good; channels stay for the next `connect`."""
        await self._life.end()

    def subscribe(self, channels: str | Iterable[str], handler: ChannelHandler) -> None:
        """Calls `handler(event)` for each event of a channel, or of several. Subscribes now and after every return."""
        names = _names(channels)
        fresh = [name for name in names if name not in self._channels]
        for name in names:
            self._channels.setdefault(name, []).append(handler)
        if fresh:
            self._outbox.send_own({"type": "subscribe", "channels": fresh})

    def unsubscribe(self, channels: str | Iterable[str], handler: ChannelHandler | None = None) -> None:
        """Takes a handler of a channel, or of several, away; without one, all of them."""
        gone = []
        for name in _names(channels):
            handlers = self._channels.get(name)
            if handlers is None:
                continue
            rest = [other for other in handlers if other != handler] if handler else []
            if rest:
                self._channels[name] = rest
            else:
                del self._channels[name]
                gone.append(name)
        if gone:
            self._outbox.send_own({"type": "unsubscribe", "channels": gone})

    def get_subscriptions(self) -> None:
        """Asks which channels the coordinator has this client in: the event `subscriptions` answers."""
        self._outbox.send_own({"type": "get_subscriptions"})

    def ping(self) -> None:
        """Asks for a sign of life: the event `pong` answers."""
        self._outbox.send_own({"type": "ping"})

    def on(self, type: str, handler: Handler) -> Callable[[], bool]:
        """Calls `handler(event)` for `connected`, `disconnected`, `reconnecting`, `error`, `buffer_overflow` and
        whatever else is no channel's event. Returns what takes it away."""
        return self._dispatch.on(type, handler)

    def events(self, *types: str, capacity: int = 1000) -> Stream:
        """An asynchronous iterator over the channels' events of these `event_type`s, or over all; `room` of each is
        its channel."""
        return self._dispatch.stream(frozenset(types), None, capacity)

    async def __aenter__(self) -> "NeurographWSClient":
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.disconnect()

    # What the link asks

    async def address(self) -> str:
        parts = urlsplit(self.url)
        query = dict(parse_qsl(parts.query))
        if self.token:
            query["token"] = await current_token(self.token)
        if self.client_id:
            query["client_id"] = self.client_id
        return urlunsplit(parts._replace(query=urlencode(query)))

    def opened(self) -> None:
        if self._channels:
            self._outbox.send_own({"type": "subscribe", "channels": self.channels})
        self._outbox.ready()

    async def received(self, message: Data) -> None:
        self._log("received", message)
        if message.get("type") == "connected":
            self._info = message
            self._link.confirm()
            self._life.connected(message)
        await self._events.put(message)

    def may_return(self, ending: Ending) -> bool:
        return self.auto_reconnect and ending.code != 1000 and not 3500 <= ending.code <= 3999

    def went_down(self, ending: Ending, will_return: bool) -> None:
        reason = ending.reason or f"closed with {ending.code}"
        self._tell("disconnected", {"code": ending.code, "reason": reason, "will_return": will_return})

    def waits(self, attempt: int, delay: float) -> None:
        self._tell("reconnecting", {"attempt": attempt, "delay": delay})

    # Inside

    def _prepare(self) -> None:
        self._events = Buffer(1000)

    async def _run(self) -> None:
        telling = asyncio.create_task(self._tell_everybody())
        try:
            ending = await self._link.run()
            error = Disconnected(ending.code, ending.reason)
            self._life.failed(error)
            raise error
        finally:
            self._events.close()
            # What came is still told, unless nobody takes it.
            await asyncio.wait([telling], timeout=1)
            telling.cancel()

    async def _tell_everybody(self) -> None:
        try:
            async for message in self._events:
                await self._tell_of(message)
        finally:
            self._dispatch.end()

    async def _tell_of(self, message: Data) -> None:
        channel = message.get("channel")
        if channel is None:
            await self._dispatch.emit(Event(str(message.get("type")), message))
            return
        for handler in self._channels.get(channel, []):
            await self._call(handler, message)
        await self._dispatch.emit(Event(str(message.get("event_type")), message.get("data") or {}, channel))

    async def _call(self, handler: ChannelHandler, message: Data) -> None:
        try:
            outcome = handler(message)
            if outcome is not None:
                await outcome
        except Exception:
            logger.exception("a handler of %s raised", message.get("channel"))

    def _tell(self, type: str, data: Data) -> None:
        self._log(type, data)
        self._events.put_now({"type": type, **data})

    def _overflowed(self, dropped: str) -> None:
        self._tell("queue_overflow", {"dropped": dropped})

    def _log(self, what: str, data: Any) -> None:
        if self.debug:
            logger.debug("%s: %s", what, data)


def _names(channels: str | Iterable[str]) -> list[str]:
    found = [channels] if isinstance(channels, str) else list(channels)
    return [name.value if isinstance(name, Channel) else name for name in found]

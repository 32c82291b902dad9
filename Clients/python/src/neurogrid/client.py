"""A client of the coordinator's native protocol."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, overload

from .buffer import Buffer
from .desk import RoomDesk
from .dispatch import Dispatch, Handler, Stream
from .errors import Disconnected, NeuroGridError
from .life import Life
from .link import Ending, Link, LinkSettings
from .messages import Data, Event, Position, TokenSource
from .outbox import Outbox
from .rooms import Rooms
from .session import Session, seconds_of

#: Events that are read ahead of the handlers.
READ_AHEAD = 1000


@dataclass(slots=True)
class Settings(LinkSettings):
    """What a native client can be told. Times are in seconds."""

    #: Rooms at once, the coordinator's own limit.
    max_rooms: int = 10
    #: How long before its end a token is replaced, where a function gets tokens.
    refresh_before: float = 30.0


class NeuroGridWebSocket:
    """Authenticates, keeps the connection alive, comes back when it ends, and is then in the same rooms from where it
    was: without a loss, or with a `gap` event that says where one is.

    Handlers and streams hear the coordinator's messages by their `type`, and the client's own: `disconnected`,
    `reconnecting`, `resumed`, `gap`, `join_refused`, `queue_overflow`.
    """

    def __init__(self, url: str, token: TokenSource, settings: Settings | None = None) -> None:
        """`url` is the coordinator's `/ws`, as `ws://` or `wss://`."""
        self.url = url
        self._settings = settings or Settings()
        self._dispatch = Dispatch()
        self._events: Buffer[Event] = Buffer(READ_AHEAD)
        self._outbox = Outbox(self._settings.queue_limit, self._settings.messages_per_minute, self._overflowed)
        self._link = Link(self, self._settings, self._outbox)
        self._rooms = Rooms(self._settings.max_rooms)
        self._desk = RoomDesk(self._rooms, self._outbox.send_own, self._tell)
        self._session = Session(
            token, self._settings.refresh_before, self._outbox.send_own, self._renew, self._link.abandon)
        self._life = Life(self._link)
        self._telling: asyncio.Task[None] | None = None
        self._endings: set[asyncio.Task[None]] = set()

    # What it is

    @property
    def state(self) -> str:
        """`idle`, `connecting`, `open` (also before authentication), `waiting` for the next attempt, or `closed`."""
        return self._link.state

    @property
    def is_ready(self) -> bool:
        """Whether the connection is open and authenticated."""
        return self._session.is_ready

    @property
    def rooms(self) -> list[str]:
        """Names of the rooms that it is in, or will be."""
        return self._rooms.names

    @property
    def queued(self) -> int:
        """Application messages that wait for a connection."""
        return self._outbox.waiting

    def position(self, room: str) -> Position | None:
        """The place to come back to a room with in another life; `None` where nothing was heard of it yet.

        What was read but not yet taken by the application lies before it.
        """
        return self._rooms.position(room)

    # What it does

    async def connect(self) -> Data:
        """Connects, unless it has; returns what `connected` says once the coordinator has accepted the token.

        Raises `Refusal` or `Disconnected` when there will be no further attempt.
        """
        return await self._life.begin(self._prepare, self._run)

    async def run_forever(self) -> None:
        """Connects and stays until `close` is called; raises when there will be no further attempt."""
        await self.connect()
        await self._life.wait()

    async def close(self) -> None:
        """Ends the connection for good; `connect` begins anew, in the same rooms."""
        await self._life.end()

    async def authenticate(self, token: TokenSource) -> None:
        """Another token: on an open connection it is told in place, and where the coordinator does not take it there,
        the connection is made anew. A client whose token was refused comes back with it."""
        self._session.replace_token(token, is_open=self.state == "open")
        if self.state == "closed":
            await self.connect()

    async def join(self, room: str, since: Position | None = None, **filters: Any) -> Data:
        """Joins a room, now and after every return; returns what `room_joined` says.

        `since` is where an earlier life left the room; filters as in docs/protocol.md. Raises `Refusal`.
        """
        with self._events.hurrying():
            return await self._desk.join(room, filters, since)

    async def leave(self, room: str) -> None:
        """Leaves a room."""
        self._desk.leave(room)

    def send(self, type: str, **data: Any) -> None:
        """Sends a message, now or when there is a connection; the oldest of too many is told as `queue_overflow`."""
        self._outbox.send({"type": type, "data": data})

    @overload
    def on(self, type: str) -> Callable[[Handler], Handler]: ...
    @overload
    def on(self, type: str, handler: Handler) -> Callable[[], bool]: ...
    def on(self, type: str, handler: Handler | None = None) -> Any:
        """Calls a handler for each event of a type, `*` for all; also as a decorator.

        Handlers are called one after the other, in the order of the events; coroutines are awaited.
        """
        if handler is not None:
            return self._dispatch.on(type, handler)

        def register(handler: Handler) -> Handler:
            self._dispatch.on(type, handler)
            return handler

        return register

    def off(self, type: str, handler: Handler) -> bool:
        """Takes a handler away. Returns whether it was there."""
        return self._dispatch.off(type, handler)

    def events(self, *types: str, room: str | None = None, capacity: int = 1000) -> Stream:
        """An asynchronous iterator over events of these types (all, where none is named), of one room or of all.

        At most `capacity` wait in it; then reading waits. It ends when the client gives up or is closed.
        """
        return self._dispatch.stream(frozenset(types), room, capacity)

    async def __aenter__(self) -> "NeuroGridWebSocket":
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # What the link asks

    async def address(self) -> str:
        return self.url

    def opened(self) -> None:
        self._session.begin()

    async def received(self, message: Data) -> None:
        event = Event.of(message)
        if self._handle(event):
            await self._events.put(event)
        if event.type == "auth_error":
            await self._leave_if_refused()

    def may_return(self, ending: Ending) -> bool:
        # 3500 to 3999: the coordinator asks not to. 1000: nothing is left to say.
        return not self._session.refusal and ending.code != 1000 and not 3500 <= ending.code <= 3999

    def went_down(self, ending: Ending, will_return: bool) -> None:
        self._session.end()
        self._rooms.disconnected()
        self._tell("disconnected", {"code": ending.code, "reason": ending.reason, "will_return": will_return})

    def waits(self, attempt: int, delay: float) -> None:
        self._tell("reconnecting", {"attempt": attempt, "delay": delay})

    # Inside

    def _prepare(self) -> None:
        self._session.refusal = None
        self._events = Buffer(READ_AHEAD)

    async def _run(self) -> None:
        self._telling = asyncio.create_task(self._tell_everybody())
        error: NeuroGridError = Disconnected(1000, "client disconnect")
        is_final = False
        try:
            ending = await self._link.run()
            is_final = ending.code != 1000
            error = self._session.refusal or Disconnected(ending.code, ending.reason)
            raise error
        finally:
            self._session.end()
            self._rooms.disconnected()
            self._desk.closed(error)
            self._life.failed(error)
            self._events.close()
            if is_final:
                # What came is still told; whoever does not take it keeps the task, and nobody else, waiting.
                await asyncio.wait([self._telling], timeout=1)
            else:
                self._telling.cancel()

    async def _tell_everybody(self) -> None:
        try:
            async for event in self._events:
                await self._dispatch.emit(event)
                if event.type == "connected":
                    self._life.connected(event.data)
        finally:
            self._dispatch.end()

    def _tell(self, type: str, data: Data) -> None:
        self._events.put_now(Event(type, data))

    def _overflowed(self, dropped: str) -> None:
        self._tell("queue_overflow", {"dropped": dropped})

    def _handle(self, event: Event) -> bool:
        """Does what an event asks of the client. Returns whether it is the application's as well."""
        data = event.data
        match event.type:
            case "auth_response":
                if self._session.accepted():
                    self._link.confirm()
                    self._desk.connected()
                    self._outbox.ready()
            case "auth_error":
                self._session.refused(data)
            case "connected":
                self._session.connected(data)
            case "room_joined":
                return self._desk.joined(data)
            case "room_left":
                return self._desk.left(data)
            case "resume_ticket":
                self._rooms.ticket(data["rooms"])
                self._link.hold_off(data["retry_after_ms"] / 1000)
            case "rate_limit_exceeded":
                self._slow_down(data)
            case "error":
                if "retry_in" in data:
                    self._link.hold_off(data["retry_in"] / 1000)
                if not self._session.failed(data):
                    self._desk.refused(data)
            case _:
                if event.position and event.room:
                    return self._desk.take(event.room, event.position)
        return True

    def _slow_down(self, data: Data) -> None:
        if self._desk.is_room_limit(data):
            self._desk.refused(data)
            return
        self._outbox.pause(seconds_of(data["reset_time"]) - self._session.clock_skew - time.time())
        # Which message was dropped is not said: a question without an answer is asked again.
        self._desk.ask_again()
        if self._session.is_asking:
            self._session.ask()

    async def _leave_if_refused(self) -> None:
        if self._session.refusal:
            await self._link.end(Ending(1000, "token refused"))
        elif not self._session.is_asking:
            self._link.abandon("token refused")

    def _renew(self, reason: str) -> None:
        self._link.hold_off(0)
        task = asyncio.create_task(self._link.end(Ending(1000, reason, is_renewal=True)))
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

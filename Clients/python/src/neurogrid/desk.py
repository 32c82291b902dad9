"""Where the application's wishes about rooms meet the coordinator's answers."""

import asyncio
from collections.abc import Callable

from .errors import NeuroGridError, Refusal
from .messages import Data, Position
from .rooms import Kind, Rooms

#: Codes that answer a question about a room.
REFUSALS = frozenset({"UNKNOWN_ROOM", "INVALID_FILTER", "FORBIDDEN", "NOT_IN_ROOM", "INVALID_MESSAGE"})


class RoomDesk:
    """Asks what `Rooms` wants asked, and settles what was promised."""

    def __init__(self, rooms: Rooms, ask: Callable[[Data], None], tell: Callable[[str, Data], None]) -> None:
        """`ask` sends a message, `tell` is told of what concerns the application."""
        self._rooms = rooms
        self._ask = ask
        self._tell = tell
        self._promises: dict[str, asyncio.Future[Data]] = {}

    async def join(self, room: str, filters: Data, since: Position | None) -> Data:
        """See `NeuroGridWebSocket.join`."""
        # Applications join in their handler of `auth_response`, that is again on every return.
        if since or not self._rooms.is_wanted(room, filters):
            if not self._rooms.has_place_for(room):
                raise self._refusal(room, "TOO_MANY_REQUESTS", f"a connection may be in {self._rooms.limit} rooms")
            self._rooms.want(room, filters, since)
            self._reject(room, NeuroGridError(f"{room} was joined otherwise"))
        promise = self._promises.get(room)
        if promise is None:
            promise = self._promises[room] = asyncio.get_running_loop().create_future()
            # It may be that nobody looks: the wish outlives who wished it.
            promise.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._next()
        return await asyncio.shield(promise)

    def leave(self, room: str) -> None:
        """See `NeuroGridWebSocket.leave`."""
        self._rooms.unwant(room, self._now)
        self._reject(room, NeuroGridError(f"{room} was left"))
        self._next()

    def connected(self) -> None:
        """A connection is authenticated."""
        self._rooms.connected()
        self._next()

    def joined(self, data: Data) -> bool:
        """`room_joined` came. Returns whether it is the application's."""
        is_ours = self._rooms.joined(data, self._now)
        name = data["room"]
        if is_ours and name in self._rooms.names:
            promise = self._promises.get(name)
            if promise and not promise.done():
                promise.set_result(data)
            if data.get("recovered") is True:
                self._tell("resumed", {"room": name, "epoch": data["epoch"], "offset": data["offset"]})
            elif data.get("recovered") is False:
                self._tell("gap", {"room": name, "gap": data.get("gap")})
        self._next()
        return is_ours

    def left(self, data: Data) -> bool:
        """`room_left` came. Returns whether it is the application's."""
        is_ours = self._rooms.left(data["room"])
        self._next()
        return is_ours

    def take(self, room: str, position: Position) -> bool:
        """An event came. Returns whether it is a new one."""
        return self._rooms.take(room, position, self._now)

    def is_room_limit(self, data: Data) -> bool:
        """Whether `rate_limit_exceeded` is about the number of rooms, not of messages."""
        asked = self._rooms.asked
        if asked is None or asked.kind is Kind.LEAVE:
            return False
        return bool(self._rooms.joined_count >= data.get("limit", 0) > 0)

    def refused(self, data: Data) -> None:
        """Something was refused: the question that waits, unless the code is about something else."""
        if data["code"] not in REFUSALS and not self.is_room_limit(data):
            return
        question = self._rooms.refused(self._now)
        if question and question.kind is Kind.JOIN:
            self._reject(question.name, self._refusal(question.name, data["code"], data["message"]))
        self._next()

    def ask_again(self) -> None:
        """A limit has dropped a message."""
        self._rooms.ask_again()
        self._next()

    def closed(self, error: NeuroGridError) -> None:
        """There will be no further connection: nobody will be let in any more."""
        for room in list(self._promises):
            self._reject(room, error)

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _next(self) -> None:
        message = self._rooms.next_question()
        if message:
            self._ask(message)

    def _refusal(self, room: str, code: str, message: str) -> Refusal:
        self._tell("join_refused", {"room": room, "code": code, "message": message})
        return Refusal(code, message, room)

    def _reject(self, room: str, error: NeuroGridError) -> None:
        promise = self._promises.pop(room, None)
        if promise and not promise.done():
            promise.set_exception(error)

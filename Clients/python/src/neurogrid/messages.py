"""What goes over the wire, and where it stands."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

#: Any JSON object.
Data: TypeAlias = dict[str, Any]

#: A JSON Web Token, or something that gets one: asked again whenever one is refused or about to expire.
TokenSource: TypeAlias = str | Callable[[], str] | Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a room's log."""

    epoch: int
    offset: int

    @classmethod
    def of(cls, data: Data) -> "Position":
        """Of anything that says `epoch` and `offset`."""
        return cls(data["epoch"], data["offset"])

    @property
    def data(self) -> Data:
        """As a join says it."""
        return {"epoch": self.epoch, "offset": self.offset}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that came, or that the client itself tells (`disconnected`, `gap`, …)."""

    type: str
    data: Data
    #: The whole room that it came through; `None` for what is no room's.
    room: str | None = None
    #: Where it stands in the room's log.
    position: Position | None = None

    @classmethod
    def of(cls, message: Data) -> "Event":
        """A message of the native protocol."""
        is_placed = "room" in message and "offset" in message
        data = message.get("data")
        return cls(
            str(message.get("type")), data if isinstance(data, dict) else {}, message.get("room"),
            Position.of(message) if is_placed else None)

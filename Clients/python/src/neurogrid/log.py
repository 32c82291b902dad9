"""What a client has had of one log (`nodes` is the log of every `node:{id}`)."""

import math
from dataclasses import dataclass, field

from .messages import Position

#: The most offsets that are remembered while replays mix; more than that may come double, none gets lost.
REMEMBERED = 65_536


@dataclass(slots=True)
class _Settling:
    seen: set[int] = field(default_factory=set)
    is_replayed: bool = False
    highest: int = 0
    until: float = math.inf


class Log:
    """Everything up to `place` came.

    Where one room alone looks at a log, its events come in order, and the last one is the place. Several rooms that
    resume are replayed one after the other while the first are live already: then the highest offset says nothing of
    the others, the place stays where all of them began, and what came is remembered so that nothing is told twice
    should the connection break in the middle. That is *settling*; it is over with the first live event after all
    replays.
    """

    def __init__(self) -> None:
        self.place: Position | None = None
        self._settling: _Settling | None = None

    @property
    def is_settling(self) -> bool:
        return self._settling is not None

    def settle(self) -> None:
        """Several rooms are about to be replayed. What is remembered of an earlier settling stays."""
        self._settling = _Settling(self._settling.seen if self._settling else set())

    def replays_ended(self) -> None:
        """All replays have ended: the next event above all others is a live one."""
        if self._settling:
            self._settling.is_replayed = True

    def settle_by(self, moment: float) -> None:
        """Nobody will say when the replays end: they are taken for ended at a moment of the clock."""
        if self._settling:
            self._settling.until = moment

    def move_to(self, position: Position) -> None:
        """The coordinator says where the client is."""
        self.place = position
        self._settling = None

    def go_on_at(self, position: Position) -> None:
        """The log goes on under another epoch, with everything that the client still has to see."""
        is_settling = self.is_settling
        self.move_to(position)
        # What is remembered are offsets of the former epoch, which may be other events now.
        if is_settling:
            self.settle()

    def take(self, position: Position, now: float) -> bool:
        """An event came. Returns whether it is a new one."""
        settling = self._settling
        if settling is None or (self.place is not None and self.place.epoch != position.epoch):
            self.move_to(position)
            return True
        if position.offset in settling.seen:
            return False
        if position.offset > settling.highest if settling.is_replayed else now >= settling.until:
            self.move_to(position)
            return True
        settling.highest = max(settling.highest, position.offset)
        if len(settling.seen) < REMEMBERED:
            settling.seen.add(position.offset)
        return True

"""The rooms a client wants to be in, how far it has come in each, and what to ask next to be there."""

import enum
from dataclasses import dataclass

from .log import Log
from .messages import Data, Position

#: How long replays may take whose end nobody tells, in seconds.
LONGEST_REPLAY = 60.0


def log_of(room: str) -> str:
    """The log that a room is a view of."""
    if ":" not in room:
        return room
    return "nodes" if room.startswith("node:") else "tasks"


class Kind(enum.Enum):
    """What a question is for."""

    JOIN = "join"
    LEAVE = "leave"
    #: Of no interest but for the moment of its answer: all replays of the log have ended.
    END = "end"


@dataclass(slots=True)
class Question:
    """Something to ask the coordinator."""

    kind: Kind
    name: str
    since: Position | None = None
    #: Its answer says that all replays of the log have ended.
    is_last: bool = False
    #: Nobody will say when its replay ends.
    is_unbounded: bool = False
    #: The application knows nothing of it.
    is_own: bool = False


@dataclass(slots=True)
class Room:
    """A room that is wanted."""

    name: str
    filters: Data
    #: Where it begins, as long as the log's place says nothing better.
    start: Position | None
    is_joined: bool = False


class Rooms:
    """A pure machine: it neither sends nor waits. Questions are asked one at a time, so each answer is known to be its
    question's. Wishes outlive connections. Moments are in seconds of one clock."""

    def __init__(self, limit: int) -> None:
        """At most `limit` rooms at once; 0 is no limit."""
        self.limit = limit
        self.asked: Question | None = None
        self._rooms: dict[str, Room] = {}
        self._logs: dict[str, Log] = {}
        self._questions: list[Question] = []
        self._is_connected = False

    @property
    def names(self) -> list[str]:
        """All rooms wanted."""
        return list(self._rooms)

    @property
    def joined_count(self) -> int:
        """How many of them the coordinator has let the client into on this connection."""
        return sum(room.is_joined for room in self._rooms.values())

    def has_place_for(self, name: str) -> bool:
        """Whether the limit leaves a place for a room."""
        return name in self._rooms or self.limit == 0 or len(self._rooms) < self.limit

    def is_wanted(self, name: str, filters: Data) -> bool:
        """Whether the client is in the room, or will be, under just this filter."""
        room = self._rooms.get(name)
        return room is not None and room.filters == filters

    def position(self, name: str) -> Position | None:
        """The position to come back to a room with, where there is one."""
        room = self._rooms.get(name)
        if room and room.start:
            return room.start
        log = self._logs.get(log_of(name))
        return log.place if log else None

    def want(self, name: str, filters: Data, since: Position | None = None) -> None:
        """The client wants to be in a room; `since` is where it left it in an earlier life."""
        if not self.has_place_for(name):
            raise ValueError(f"{name} would be more than {self.limit} rooms")
        former = self._rooms.get(name)
        # Under another filter it still goes on from where it is.
        start = since or (self.position(name) if former else None)
        self._rooms[name] = Room(name, filters, start, former.is_joined if former else False)
        if not self._is_connected:
            return
        others = self._others(name)
        if since and others:
            self._log(name).settle()
        self._questions.append(Question(Kind.JOIN, name, since))
        if since and others:
            self._ask_for_the_end([name])

    def unwant(self, name: str, now: float) -> None:
        """The client has had enough of a room."""
        room = self._rooms.pop(name, None)
        if room is None:
            return
        self._questions = [question for question in self._questions if question.name != name]
        may_be_in = room.is_joined or (self.asked is not None and self.asked.name == name)
        if self._is_connected and may_be_in:
            self._questions.append(Question(Kind.LEAVE, name))
        if self._others(name):
            # Its answer might have been the one that was to tell the replays' end.
            self._log(name).settle_by(now + LONGEST_REPLAY)
        else:
            self._logs.pop(log_of(name), None)

    def connected(self) -> None:
        """A connection is authenticated: everything wanted is asked for, from where it was left."""
        self._is_connected = True
        self.asked = None
        self._questions = []
        by_log: dict[str, list[Room]] = {}
        for room in self._rooms.values():
            by_log.setdefault(log_of(room.name), []).append(room)
        for log, rooms in by_log.items():
            # The whole room first: what it shows, the others need not show again.
            rooms.sort(key=lambda room: room.name != log)
            self._questions += [Question(Kind.JOIN, room.name, room.start) for room in rooms]
            if len(rooms) > 1 and any(room.start for room in rooms):
                self._log(log).settle()
                self._ask_for_the_end([room.name for room in rooms])

    def disconnected(self) -> None:
        """The connection is gone."""
        self._is_connected = False
        self.asked = None
        self._questions = []
        for room in self._rooms.values():
            room.start = self.position(room.name)
            room.is_joined = False

    def next_question(self) -> Data | None:
        """The next message to send, once the former one is answered; `None` where there is nothing to ask."""
        if self.asked or not self._is_connected or not self._questions:
            return None
        self.asked = question = self._questions.pop(0)
        data: Data = {"room": question.name}
        if question.kind is Kind.LEAVE:
            return {"type": "leave_room", "data": data}
        if question.kind is Kind.END:
            data["filters"] = {"status": []}
        elif filters := self._rooms[question.name].filters:
            data["filters"] = filters
        if question.since:
            data["since"] = question.since.data
        return {"type": "join_room", "data": data}

    def ask_again(self) -> None:
        """The question was dropped on its way, and will be asked again."""
        if self.asked:
            self._questions.insert(0, self.asked)
        self.asked = None

    def joined(self, answer: Data, now: float) -> bool:
        """`room_joined` came. Returns whether it is an answer that the application has asked for."""
        name = answer["room"]
        question = self._answered(name)
        log = self._log(name)
        if question and question.kind is Kind.END:
            log.replays_ended()
            self._questions.insert(0, Question(Kind.LEAVE, name, is_own=True))
            return False
        room = self._rooms.get(name)
        if room is None:
            return True
        room.is_joined = True
        position = Position.of(answer)
        has_gap = answer.get("recovered") is False
        is_other_epoch = log.place is None or log.place.epoch != position.epoch
        if is_other_epoch and answer.get("recovered"):
            log.go_on_at(position)
        elif is_other_epoch or (has_gap and not log.is_settling):
            log.move_to(position)
        # A room joined for the first time, or behind a gap, begins where the coordinator says.
        if room.start is None or room.start.epoch != position.epoch or has_gap:
            room.start = position
        if question and question.is_last:
            log.replays_ended()
        if question and question.is_unbounded:
            log.settle_by(now + LONGEST_REPLAY)
        return True

    def left(self, name: str) -> bool:
        """`room_left` came. Returns whether the application has asked for it."""
        if self.asked and self.asked.kind is not Kind.LEAVE:
            return True
        question = self._answered(name)
        return question is None or not question.is_own

    def refused(self, now: float) -> Question | None:
        """The question was refused, and is returned. A room that is refused is not wanted any more."""
        question, self.asked = self.asked, None
        if question and question.kind is Kind.JOIN:
            self._rooms.pop(question.name, None)
        if question and question.kind is Kind.END:
            self._log(question.name).settle_by(now + LONGEST_REPLAY)
        return question

    def take(self, room: str, position: Position, now: float) -> bool:
        """An event came. Returns whether it is a new one."""
        log = self._log(room)
        is_new = log.take(position, now)
        if is_new and not log.is_settling:
            self._caught_up(room, position)
        return is_new

    def ticket(self, places: list[Data]) -> None:
        """The coordinator's ticket says where the client is, in all rooms that it is in."""
        for place in places:
            position = Position.of(place)
            self._log(place["room"]).move_to(position)
            self._caught_up(place["room"], position)

    def _answered(self, name: str) -> Question | None:
        if self.asked is None or self.asked.name != name:
            return None
        question, self.asked = self.asked, None
        return question

    def _caught_up(self, log: str, place: Position) -> None:
        for room in self._rooms.values():
            if not room.is_joined or room.start is None or log_of(room.name) != log:
                continue
            if room.start.epoch != place.epoch or room.start.offset <= place.offset:
                room.start = None

    def _log(self, room: str) -> Log:
        return self._logs.setdefault(log_of(room), Log())

    def _others(self, name: str) -> list[Room]:
        """Other rooms of the same log."""
        return [room for room in self._rooms.values() if room.name != name and log_of(room.name) == log_of(name)]

    def _ask_for_the_end(self, names: list[str]) -> None:
        """After several joins that resume, something has to tell when the last replay is over.

        The coordinator answers one resuming join of a log after the other, so the answer to a further one, that asks
        for no event, says it. Where the whole room is among them without a filter, the others replay nothing and the
        last answer will do.
        """
        log = log_of(names[0])
        whole = self._rooms.get(log)
        last = self._questions[-1]
        if whole and names[0] == log and len(names) > 1 and not whole.filters:
            last.is_last = True
        elif whole or (self.limit and len(self._rooms) >= self.limit):
            last.is_unbounded = True
        else:
            since = next(position for name in names if (position := self.position(name)))
            self._questions.append(Question(Kind.END, log, since))

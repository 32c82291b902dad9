"""The Python client's parts, and all of it against a scripted coordinator: what a real one does only now and then."""

import asyncio
import contextlib
import sys

from checks import Checks
from python_library import Diary, SOURCES, quick
from scripted_coordinator import ScriptedCoordinator

sys.path.insert(0, str(SOURCES))

from neurogrid import NeuroGridWebSocket, Position  # noqa: E402
from neurogrid.backoff import Backoff  # noqa: E402
from neurogrid.buffer import Buffer  # noqa: E402
from neurogrid.rooms import Rooms  # noqa: E402
from neurogrid.window import SlidingWindow  # noqa: E402

check = Checks("python peer", patience=150)


# MARK: parts


@check
def waits_double_and_are_shortened_at_random(_):
    backoff = Backoff(base=1, cap=5, uniform=lambda: 0.5)
    assert [backoff.next() for _ in range(5)] == [0.5, 1, 2, 2.5, 2.5]
    backoff.reset()
    assert backoff.next() == 0.5 and backoff.attempts == 1


@check
def no_more_in_a_minute_than_allowed(_):
    window = SlidingWindow(3, 60)
    for now in (0, 10, 20):
        assert window.wait(now) == 0
        window.count(now)
    assert window.wait(30) == 30 and window.wait(30, reserve=1) == 40 and window.wait(60) == 0
    assert SlidingWindow(0, 60).wait(0) == 0


@check
async def a_full_buffer_holds_back_unless_somebody_is_in_a_hurry(_):
    buffer = Buffer(2)
    for item in (1, 2):
        await buffer.put(item)
    third = asyncio.create_task(buffer.put(3))
    await asyncio.sleep(0)
    assert not third.done()
    with buffer.hurrying():
        await third
        await buffer.put(4)
    assert [await anext(buffer) for _ in range(4)] == [1, 2, 3, 4]
    buffer.close()
    assert [item async for item in buffer] == []


@check
def replays_that_break_off_lose_nothing_and_double_nothing(_):
    rooms = Rooms(10)

    def answer_all():
        asked = []
        while message := rooms.next_question():
            data = message["data"]
            asked.append((message["type"], data["room"], data.get("since", {}).get("offset")))
            if message["type"] == "leave_room":
                assert not rooms.left(data["room"])
            else:
                since = data.get("since")
                more = {"recovered": True} if since else {}
                offset = since["offset"] if since else 10
                rooms.joined({"room": data["room"], "epoch": 7, "offset": offset, **more}, 0)
        return asked

    def take(offset):
        return rooms.take("tasks", Position(7, offset), 0)

    rooms.want("task:a", {})
    rooms.want("task:b", {})
    rooms.connected()
    answer_all()
    rooms.disconnected()
    rooms.connected()
    for name in ("task:a", "task:b"):
        rooms.next_question()
        rooms.joined({"room": name, "epoch": 7, "offset": 10, "recovered": True}, 0)
        # a is replayed to 30, then live at 40 while b has come to 12.
        assert all(take(offset) for offset in ([30] if name == "task:a" else [40, 12]))
    rooms.disconnected()
    rooms.connected()
    assert answer_all() == [
        ("join_room", "task:a", 10), ("join_room", "task:b", 10), ("join_room", "tasks", 10),
        ("leave_room", "tasks", None),
    ]
    assert [take(offset) for offset in (30, 40, 12, 13, 41)] == [False, False, False, True, True]
    rooms.disconnected()
    rooms.connected()
    assert answer_all()[0] == ("join_room", "task:a", 41)


@check
def a_log_that_goes_on_under_another_epoch_loses_nothing_and_doubles_nothing(_):
    rooms = Rooms(10)

    def back(epoch, offset):
        """Both are asked for and answered; that the replays have ended is not said yet."""
        rooms.disconnected()
        rooms.connected()
        asked = []
        for name in ("task:a", "job:b"):
            asked.append(rooms.next_question()["data"]["since"]["offset"])
            rooms.joined({"room": name, "epoch": epoch, "offset": offset, "recovered": True}, 0)
        return asked

    def take(offset, epoch=8):
        return rooms.take("tasks", Position(epoch, offset), 0)

    rooms.want("task:a", {})
    rooms.want("job:b", {})
    rooms.connected()
    while message := rooms.next_question():
        rooms.joined({"room": message["data"]["room"], "epoch": 7, "offset": 10}, 0)
    assert take(17, epoch=7)
    # The coordinator has crashed; of what it told, the disk has the events up to 15.
    assert back(8, 15) == [17, 17]
    # One of the first room live, and one of the second one's replay, in which the connection breaks.
    assert take(900) and take(16)
    assert back(8, 15) == [15, 15]
    assert [take(offset) for offset in (16, 17, 900)] == [False, True, False]
    assert rooms.next_question()["data"]["room"] == "tasks"
    rooms.joined({"room": "tasks", "epoch": 8, "offset": 15, "recovered": True}, 0)
    assert take(901)
    assert back(8, 901) == [901, 901]


# MARK: against a scripted coordinator


def joins(heard):
    return [message["data"] for message in heard if message["type"] == "join_room"]


@contextlib.asynccontextmanager
async def meeting(token="token", settings=None, **more):
    async with ScriptedCoordinator(**more) as coordinator:
        client = NeuroGridWebSocket(coordinator.url, token, settings or quick())
        diary = Diary(client)
        await client.connect()
        try:
            yield coordinator, client, diary
        finally:
            await client.close()


@check
async def a_connection_that_breaks_is_taken_up(_):
    async with meeting() as (coordinator, client, diary):
        await client.join("general")
        await coordinator.tell("one")
        await diary.expect("system_notification")
        coordinator.cut()
        await coordinator.tell("two", is_heard=False)
        await diary.until(lambda: len(diary.of("system_notification")) == 2)
        heard = await coordinator.come(1)
        assert joins(heard) == [{"room": "general", "since": {"epoch": 7, "offset": 1}}], heard
        assert [event.data["title"] for event in diary.of("system_notification")] == ["one", "two"]
        down = await diary.expect("disconnected")
        assert down.data["code"] == 1006 and down.data["will_return"], down
        assert (await diary.expect("resumed")).data["room"] == "general"


@check
async def a_ticket_names_the_place_and_the_time(_):
    async with meeting() as (coordinator, client, diary):
        await client.join("general")
        for number in range(3):
            await coordinator.tell(str(number), is_heard=False)
        place = {"room": "general", "epoch": 7, "offset": 2}
        await coordinator.say("resume_ticket", reason="slow", retry_after_ms=120, rooms=[place])
        await coordinator.socket.close(3008)
        assert (await diary.expect("reconnecting")).data["delay"] == 0.12
        heard = await coordinator.come(1)
        assert joins(heard)[0]["since"] == {"epoch": 7, "offset": 2}, heard
        assert (await diary.expect("system_notification")).data["title"] == "2"


@check
async def a_gap_is_told_and_the_new_log_followed(_):
    async with meeting() as (coordinator, client, diary):
        await client.join("general")
        coordinator.epoch, coordinator.offset, coordinator.events = 8, 4, [""] * 4
        coordinator.cut()
        gap = await diary.expect("gap")
        assert gap.data["gap"]["cause"] == "epoch_changed", gap
        assert client.position("general").epoch == 8 and client.position("general").offset == 4
        await coordinator.tell("in the new one")
        assert (await diary.expect("system_notification")).position.offset == 5


@check
async def a_dropped_question_is_asked_again(_):
    async with meeting() as (coordinator, client, diary):
        coordinator.limited = 1
        assert (await client.join("general"))["room"] == "general"
        assert len(joins(coordinator.connections[0])) == 2
        assert len(diary.of("rate_limit_exceeded")) == 1 and not diary.of("join_refused")


@check
async def a_token_is_replaced_in_place_or_by_another_connection(_):
    for takes in (True, False):
        async with meeting(takes_tokens_in_place=takes) as (coordinator, client, diary):
            await client.join("general")
            await client.authenticate("another")
            await diary.expect("auth_response", lambda event: event.data["user_id"] == "another")
            assert len(coordinator.connections) == (1 if takes else 2)
            if not takes:
                heard = await coordinator.come(1)
                assert joins(heard)[0]["since"] == {"epoch": 7, "offset": 0}, heard


@check
async def several_rooms_of_one_log_ask_for_the_end(_):
    async with meeting() as (coordinator, client, diary):
        for room in ("task:a", "task:b"):
            await client.join(room)
        coordinator.cut()
        heard = await coordinator.come(1, lambda heard: heard[-1]["type"] == "leave_room" if heard else False)
        since = {"epoch": 7, "offset": 0}
        assert joins(heard) == [
            {"room": "task:a", "since": since}, {"room": "task:b", "since": since},
            {"room": "tasks", "filters": {"status": []}, "since": since},
        ], heard
        assert not [event for event in diary.of("room_joined", "room_left") if event.data["room"] == "tasks"]


@check
async def messages_wait_for_a_connection(_):
    async with ScriptedCoordinator() as coordinator:
        client = NeuroGridWebSocket(coordinator.url, "token", quick(queue_limit=2))
        for number in range(3):
            client.send("ping", number=number)
        assert client.queued == 2
        await client.connect()
        heard = await coordinator.come(0, lambda heard: len(heard) == 3)
        assert [message["data"].get("number") for message in heard] == [None, 1, 2], heard
        await client.close()


@check
async def silence_is_questioned_and_a_dead_connection_replaced(_):
    settings = quick(heartbeat_interval=0.05, heartbeat_timeout=0.2)
    async with meeting(settings=settings) as (coordinator, client, diary):
        await diary.expect("pong")
        coordinator._answer = silent
        down = await diary.expect("disconnected")
        assert down.data["reason"] == "no sign of life", down


async def silent(*_):
    """Hears, and says nothing."""


class NoGrid(contextlib.nullcontext):
    """In a grid's place: these checks need none."""

    def __enter__(self):
        return self

    def show_logs(self):
        """There are none."""


if __name__ == "__main__":
    check.run(NoGrid)

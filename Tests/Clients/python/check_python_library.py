"""The Python client library, installed as an application installs it, against the real coordinator and peers."""

import asyncio
import gc
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from checks import Checks
from check_authentication import no_limits
from grid import Grid, Program

ROOT = pathlib.Path(__file__).resolve().parents[3]
LIBRARY = ROOT / "Clients" / "python"
# A build writes into the sources it builds: so a copy is built.
INSTALLED = pathlib.Path(tempfile.mkdtemp(prefix="ng-py-"))
shutil.copytree(LIBRARY, INSTALLED / "source", ignore=shutil.ignore_patterns("*.egg-info", "build", "__pycache__"))
subprocess.run(
    [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
     "--disable-pip-version-check", "--target", str(INSTALLED / "site"), str(INSTALLED / "source")], check=True)
sys.path.insert(0, str(INSTALLED / "site"))

from websockets.asyncio.server import serve  # noqa: E402
from websockets.exceptions import ConnectionClosed  # noqa: E402

from neurogrid import (  # noqa: E402
    Channel, Disconnected, LinkSettings, NeuroGridWebSocket, NeurographWSClient, Position, Refusal, Settings,
)
from neurogrid.backoff import Backoff  # noqa: E402
from neurogrid.buffer import Buffer  # noqa: E402
from neurogrid.rooms import Rooms  # noqa: E402
from neurogrid.window import SlidingWindow  # noqa: E402

check = Checks("python library")
JSON = {"Content-Type": "application/json"}
# Impatient, and as often as it likes: a restarting coordinator refuses more attempts than eight in no time.
QUICK = {"reconnect_delay": 0.1, "connections_per_minute": 0, "connect_options": {"proxy": None}}


def quick(**more):
    return Settings(**{**QUICK, **more})


async def notify(grid, title):
    body = json.dumps({"title": title, "message": "to all"})
    status, _, answer = await asyncio.to_thread(
        grid.request, "/api/v1/notifications", grid.sign("root", ["admin"]), "POST", JSON, body)
    assert status == 201, (status, answer)
    return json.loads(answer)


def restart(grid):
    """As after a power cut. On this thread: the process would die with another one."""
    address = grid.address
    grid.coordinator.kill()
    grid.start_coordinator(address)


class Diary:
    """Everything a client tells."""

    def __init__(self, client):
        self.events = []
        self.changed = asyncio.Event()
        client.on("*", self.write)

    def write(self, event):
        self.events.append(event)
        self.changed.set()

    def of(self, *types):
        return [event for event in self.events if event.type in types]

    async def until(self, holds, patience=100):
        async def wait():
            while not (found := holds()):
                self.changed.clear()
                await self.changed.wait()
            return found

        try:
            return await asyncio.wait_for(wait(), patience)
        except TimeoutError:
            raise AssertionError([event.type for event in self.events]) from None

    async def expect(self, type, where=lambda event: True):
        return (await self.until(lambda: [event for event in self.of(type) if where(event)]))[0]


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


# MARK: the native client


@check
async def it_joins_with_a_filter_and_iterates(grid):
    grid.start_agent("node-1")
    async with NeuroGridWebSocket(grid.url, grid.sign(), quick()) as client:
        with_events = client.events("node_metrics", room="nodes")
        joined = await client.join("nodes", regions=["eu-west-1"])
        assert joined["room"] == "nodes" and client.rooms == ["nodes"], joined
        async with with_events as events:
            offsets = []
            async for event in events:
                assert event.type == "node_metrics" and event.data["metrics"]["ram_usage"] > 0, event
                offsets.append(event.position.offset)
                if len(offsets) == 3:
                    break
            assert offsets == sorted(set(offsets)), offsets
        nothing = client.events("node_metrics")
        await client.leave("nodes")
        await client.join("nodes", regions=["mars"])
        client.send("ping", n=1)
        diary = Diary(client)
        await diary.expect("pong", lambda event: event.data.get("echo") == {"n": 1})
        nothing.close()
        assert [event async for event in nothing if event.data["node_id"]] == []


@check
async def refusals_are_raised_and_rooms_are_limited(grid):
    async with NeuroGridWebSocket(grid.url, grid.sign(), quick(max_rooms=2)) as client:
        for room, filters, code in [
            ("nosuch", {}, "UNKNOWN_ROOM"), ("analytics", {}, "FORBIDDEN"),
            ("nodes", {"colour": "red"}, "INVALID_FILTER"),
        ]:
            try:
                await client.join(room, **filters)
                raise AssertionError(room)
            except Refusal as refusal:
                assert (refusal.code, refusal.subject) == (code, room), refusal
        await client.join("nodes")
        await client.join("general")
        try:
            await client.join("user_updates")
            raise AssertionError("a third room")
        except Refusal as refusal:
            assert refusal.code == "TOO_MANY_REQUESTS", refusal
        assert client.rooms == ["nodes", "general"]


@check
async def a_power_cut_costs_a_durable_room_nothing(grid):
    async with NeuroGridWebSocket(grid.url, grid.sign(), quick()) as client:
        diary = Diary(client)
        joined = await client.join("general")
        titles = [f"notice {number}" for number in range(40)]
        for number, title in enumerate(titles):
            if number % 10 == 5:
                # One that is not back from the last cut would not notice this one.
                await diary.until(lambda cuts=number // 10: len(diary.of("resumed")) == cuts)
                restart(grid)
            await notify(grid, title)
        await diary.until(lambda: len(diary.of("system_notification")) >= len(titles))
        events = diary.of("system_notification")
        assert [event.data["title"] for event in events] == titles
        first = joined["offset"] + 1
        assert [event.position.offset for event in events] == list(range(first, first + len(titles)))
        assert len(diary.of("resumed")) == 4 and not diary.of("gap"), [event.type for event in diary.events]
    assert client.state == "closed"


@check
async def what_is_missing_is_told(grid):
    async with NeuroGridWebSocket(grid.url, grid.sign(), quick()) as client:
        diary = Diary(client)
        await client.join("nodes")
        await diary.expect("node_metrics")
        restart(grid)
        gap = await diary.expect("gap")
        assert gap.data["room"] == "nodes" and gap.data["gap"]["cause"] == "epoch_changed", gap
        diary.events.clear()
        await diary.expect("node_metrics")


@check
async def another_life_goes_on_from_where_the_first_was(grid):
    async with NeuroGridWebSocket(grid.url, grid.sign(), quick()) as client:
        await client.join("general")
        events = client.events("system_notification")
        await notify(grid, "before")
        await anext(events)
        since = client.position("general")
    assert [event async for event in events] == []
    for title in ("one", "two"):
        await notify(grid, title)
    async with NeuroGridWebSocket(grid.url, grid.sign(), quick()) as client:
        events = client.events("system_notification")
        assert (await client.join("general", since=since))["recovered"] is True
        assert [(await anext(events)).data["title"] for _ in range(2)] == ["one", "two"]


@check
async def handlers_may_join_and_a_reader_that_stalls_holds_nobody_else_up(grid):
    client = NeuroGridWebSocket(grid.url, grid.sign(), quick())
    joined = asyncio.Event()

    @client.on("auth_response")
    async def join(event):
        assert event.data["success"] is True
        await client.join("nodes")
        joined.set()

    await client.connect()
    await asyncio.wait_for(joined.wait(), 100)
    # Nobody reads this one: what it cannot hold waits, and an answer comes nevertheless.
    stalled = client.events(capacity=1)
    async with asyncio.timeout(100):
        while stalled.waiting < 1:
            await asyncio.sleep(0.05)
        await client.join("general")
    await client.close()


@check
async def run_forever_ends_with_close_and_raises_what_is_final(grid):
    unseen = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    client = NeuroGridWebSocket(grid.url, "garbage", quick())
    try:
        await asyncio.wait_for(client.run_forever(), 100)
        raise AssertionError("garbage was taken")
    except Refusal as refusal:
        assert refusal.code == "INVALID_TOKEN", refusal
    gone = NeuroGridWebSocket("ws://127.0.0.1:9/ws", "token", Settings(reconnect_delay=0.01, max_attempts=3))
    diary = Diary(gone)
    try:
        await asyncio.wait_for(gone.run_forever(), 100)
        raise AssertionError("nobody is there")
    except Disconnected as ending:
        assert ending.code == 1006, ending
    assert [event.data["attempt"] for event in diary.of("reconnecting")] == [1, 2, 3], diary.events
    client = NeuroGridWebSocket(grid.url, grid.sign(), quick())
    running = asyncio.create_task(client.run_forever())
    await client.connect()
    await client.close()
    await asyncio.wait_for(running, 50)
    # What was raised is not complained of once more when the client goes.
    del client, gone, diary
    gc.collect()
    assert not unseen, unseen


@check
async def another_token_keeps_the_rooms_and_comes_in_time(grid):
    minted = []

    async def mint():
        minted.append(grid.sign(f"user-{len(minted)}", expires_in=12))
        return minted[-1]

    async with NeuroGridWebSocket(grid.url, mint, quick(refresh_before=10)) as client:
        diary = Diary(client)
        await client.join("general")
        await diary.until(lambda: len(minted) >= 4 and len(diary.of("auth_response")) >= 2)
        await notify(grid, "after the change")
        await diary.expect("system_notification", lambda event: event.data["title"] == "after the change")
        assert not diary.of("auth_error", "gap"), diary.events


@check
async def a_drain_names_the_time_of_return(grid):
    async with NeuroGridWebSocket(grid.url, grid.sign(), quick()) as client:
        diary = Diary(client)
        await client.join("general")
        address = grid.address
        grid.coordinator.process.terminate()
        down = await diary.expect("disconnected")
        assert down.data["code"] == 1001 and down.data["will_return"], down
        ticket = await diary.expect("resume_ticket")
        back = await diary.expect("reconnecting")
        assert back.data["delay"] == ticket.data["retry_after_ms"] / 1000, (back, ticket)
        grid.coordinator.process.wait(60)
        grid.start_coordinator(address)
        await diary.expect("resumed")


@check
async def documented_limits_are_kept(_):
    with Grid(limits={"connections_per_ip_per_minute": 0, "connections_per_ip": 0}) as grid:
        rooms = ["nodes", "tasks", "alerts", "topology", "predictions", "logs", "analytics", "general", "user_updates"]
        settings = quick(queue_limit=1000, connections_per_minute=8)
        client = NeuroGridWebSocket(grid.url, grid.sign("root", ["admin"]), settings)
        diary = Diary(client)
        await client.connect()
        for room in rooms:
            await client.join(room)
        for number in range(300):
            client.send("ping", number=number)
        for cut in range(3):
            await diary.until(lambda cut=cut: len(diary.of("room_joined")) == len(rooms) * (cut + 1))
            client._link.abandon("cut")
        await diary.until(lambda: len(diary.of("room_joined")) == len(rooms) * 4)
        assert not diary.of("rate_limit_exceeded"), diary.events
        await client.close()


# MARK: NeuroGraph, against a peer that plays its document


@check
async def the_neurograph_document_s_sample(_):
    from neurograph_ws_client import Channel as SameChannel

    assert SameChannel is Channel
    seen, queries = [], []
    time_of = "2024-12-29T12:00:00Z"

    async def play(socket):
        queries.append(socket.request.path)
        await socket.send(json.dumps({"type": "connected", "client_id": "c-1", "user_id": None, "timestamp": time_of}))
        while True:
            try:
                message = json.loads(await socket.recv())
            except ConnectionClosed:
                return
            seen.append(message)
            if message["type"] == "ping":
                await socket.send(json.dumps({"type": "pong", "timestamp": time_of}))
            if message["type"] == "subscribe" and "signals" in message["channels"]:
                for channel in ("metrics", "signals", "logs"):
                    await socket.send(json.dumps(
                        {"channel": channel, "timestamp": time_of, "event_type": "e", "data": {"of": channel}}))
                if len(queries) == 1:
                    socket.transport.abort()

    async with serve(play, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = LinkSettings(reconnect_delay=0.02, heartbeat_interval=0.05, messages_per_minute=0)
        client = NeurographWSClient(
            url=f"ws://127.0.0.1:{port}/ws", token="your-jwt-token", auto_reconnect=True, debug=True, settings=settings)
        diary = Diary(client)
        await client.connect()
        heard = []

        def on_metrics(data):
            heard.append(data["data"])

        client.subscribe(Channel.METRICS, on_metrics)
        client.subscribe(Channel.SIGNALS, lambda data: heard.append(data["data"]))
        running = asyncio.create_task(client.run_forever())
        await diary.until(lambda: len(diary.of("connected")) == 2 and diary.of("pong"))
        assert {"of": "metrics"} in heard and {"of": "signals"} in heard and {"of": "logs"} not in heard, heard
        assert queries == ["/ws?token=your-jwt-token", "/ws?token=your-jwt-token&client_id=c-1"], queries
        assert {"type": "subscribe", "channels": ["metrics", "signals"]} in seen, seen
        client.unsubscribe(Channel.METRICS)
        assert client.channels == ["signals"] and client.client_id == "c-1"
        await client.disconnect()
        await asyncio.wait_for(running, 50)


# MARK: inside a task


@check
def progress_is_told_from_within_a_task(grid):
    task = ROOT / "Tests" / "Clients" / "python" / "progress_task.py"
    grid.agents.pop("node-1").stop()
    configuration = grid.folder / "agent.json5"
    runner = {"argv": [sys.executable, str(task), str(INSTALLED / "site")],
              "environment": {"PYTHONDONTWRITEBYTECODE": "1"}}
    configuration.write_text(json.dumps({"runners": {"train": runner}}))
    grid.agents["worker"] = Program(
        "neurogrid-agent",
        ["run", "--config", str(configuration), "--coordinator", grid.agent_url, "--join-token", grid.enroll("worker"),
         "--state-dir", str(grid.folder / "agent-worker")],
        grid.folder / "agent-worker.log", {"NEUROGRID_METRICS_LISTEN": ""})
    grid.command(
        "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", "user-1", "--currency", "USD",
        "--amount", "100.00")
    token, deadline = grid.sign(), time.monotonic() + 100
    body = json.dumps({"runner": "train", "timeout_seconds": 60})
    while True:
        status, _, answer = grid.request("/api/v1/tasks", token, "POST", JSON, body)
        if status == 201:
            break
        assert time.monotonic() < deadline, (status, answer)
        time.sleep(0.1)
    identifier = json.loads(answer)["task_id"]

    async def watch():
        async with NeuroGridWebSocket(grid.url, token, quick()) as client:
            epoch = (await client.join("tasks"))["epoch"]
        # From the log's beginning, whatever the task has said until now.
        async with NeuroGridWebSocket(grid.url, token, quick()) as client:
            diary = Diary(client)
            await client.join(f"task:{identifier}", since=Position(epoch, 0))
            done = await diary.expect("task_update", lambda event: event.data["status"] in ("completed", "failed"))
            return done, diary.of("task_progress")

    done, progress = asyncio.run(watch())
    assert done.data["status"] == "completed", (done, grid.request(f"/api/v1/tasks/{identifier}/log", token))
    values = [event.data["progress"] for event in progress]
    assert values == sorted(values) and values[-1] == 100, values
    assert {event.data["stage"] for event in progress} >= {"train"}, progress


@check
def its_types_hold(_):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(INSTALLED / "mypy"), "src/neurogrid",
         "src/neurograph_ws_client.py"], cwd=LIBRARY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@check
def the_examples_of_its_readme_run(grid):
    text = (LIBRARY / "README.md").read_text()
    blocks = [part.split("```")[0] for part in text.split("```python\n")[1:]]
    assert len(blocks) >= 3, len(blocks)
    if not grid.agents:
        grid.start_agent("node-2")
    for number, block in enumerate(blocks):
        example = INSTALLED / f"example{number}.py"
        example.write_text(block)
        done = subprocess.run(
            [sys.executable, str(example)], capture_output=True, text=True, timeout=100, cwd=INSTALLED,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(INSTALLED / "site"), "NEUROGRID_URL": grid.url,
                 "NEUROGRID_TOKEN": grid.sign()})
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        assert done.stdout.strip(), f"it said nothing:\n{block}"


if __name__ == "__main__":
    try:
        check.run(lambda: Grid(limits=no_limits()))
    finally:
        shutil.rmtree(INSTALLED, ignore_errors=True)

"""The Python client library, installed as an application installs it, against the real coordinator."""

import asyncio
import gc
import json
import os
import subprocess
import sys
import time

from checks import Checks
from check_authentication import no_limits
from grid import Grid, Program
from neurograph_peer import NeurographPeer
from python_library import Diary, Installed, JSON, LIBRARY, ROOT, notify, quick, restart

INSTALLED = Installed()

from neurogrid import Disconnected, NeuroGridWebSocket, Position, Refusal, Settings  # noqa: E402

check = Checks("python library", patience=150)
# Typed as an application is, and what it must not be allowed to.
USAGE = ROOT / "Tests" / "Clients" / "python" / "library_usage.py"


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


# MARK: inside a task


@check
def progress_is_told_from_within_a_task(grid):
    task = ROOT / "Tests" / "Clients" / "python" / "progress_task.py"
    grid.agents.pop("node-1").stop()
    configuration = grid.folder / "agent.json5"
    runner = {"argv": [sys.executable, str(task), str(INSTALLED.site)],
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
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(INSTALLED.folder / "mypy"), "src/neurogrid",
         "src/neurograph_ws_client.py", str(USAGE)],
        cwd=LIBRARY, capture_output=True, text=True, env={**os.environ, "MYPYPATH": "src"})
    assert done.returncode == 0, done.stdout + done.stderr
    # What must not pass is marked so: a checker that sees nothing would fail on each mark.
    marks = USAGE.read_text().count("# type: ignore[")
    assert marks >= 5, marks


@check
async def the_examples_of_its_readme_run(grid):
    text = (LIBRARY / "README.md").read_text()
    blocks = [part.split("```")[0] for part in text.split("```python\n")[1:]]
    assert len(blocks) == 5, len(blocks)
    if "node-1" not in grid.agents:
        grid.start_agent("node-2")
    async with NeurographPeer() as peer:
        environment = {
            "PATH": "/usr/bin:/bin", "PYTHONPATH": str(INSTALLED.site), "NEUROGRID_URL": grid.url,
            "NEUROGRID_TOKEN": grid.sign(), "NEUROGRAPH_URL": peer.url,
        }
        for number, block in enumerate(blocks):
            example = INSTALLED.folder / f"example{number}.py"
            example.write_text(block)
            done = await asyncio.to_thread(
                subprocess.run, [sys.executable, str(example)], capture_output=True, text=True, timeout=100,
                cwd=INSTALLED.folder, env=environment)
            assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
            assert done.stdout.strip(), f"it said nothing:\n{block}"


if __name__ == "__main__":
    try:
        check.run(lambda: Grid(limits=no_limits()))
    finally:
        INSTALLED.remove()

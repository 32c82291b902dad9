"""Notifications and coming back: everything that was promised, in order, once, or a gap with a name."""

import asyncio
import http.client
import json
import socket
import time

from check_authentication import no_limits
from checks import Checks
from grid import Grid, Program
from native import Client, is_time, is_uuid
from resuming import Run
from triggerx import call, create_key

check = Checks("resume")
JSON = {"Content-Type": "application/json"}
BODY = {"title": "Scheduled Maintenance", "message": "at two"}


def send(grid, body, headers=JSON, token="admin", method="POST"):
    """Returns (status, the answer)."""
    if token == "admin":
        token = grid.sign("root", ["admin"])
    raw = body if isinstance(body, (str, bytes)) else json.dumps(body)
    status, _, answer = grid.request("/api/v1/notifications", token=token, method=method, body=raw, headers=headers)
    return status, json.loads(answer)


@check
async def broken_connections_and_power_cuts_lose_nothing(grid):
    async with Run(grid) as run:
        for _ in range(2):
            await run.disconnect(4)
            await run.kill()
            run.fail_early()
        await run.disconnect(4)
        await run.until_quiet()
        print(run.verdict())


@check
async def a_notification_reaches_everybody_as_documented(grid):
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign(permissions=[]))
        await client.join("general")
        full = {**BODY, "level": "warning", "scheduled_time": "2024-01-16T02:00:00.000Z", "estimated_duration": 3600,
                "affected_services": ["task_routing", "payment_processing"]}
        status, receipt = send(grid, full)
        assert status == 201 and receipt["room"] == "general" and is_uuid(receipt["notification_id"]), receipt
        event = await client.expect("system_notification")
        assert (event["room"], event["epoch"], event["offset"]) == (
            "general", receipt["epoch"], receipt["offset"]), (event, receipt)
        assert is_time(event["data"].pop("sent_at"))
        assert event["data"].pop("notification_id") == receipt["notification_id"]
        assert event["data"] == full, event


@check
def what_is_no_notification_is_refused(grid):
    code = lambda answer: answer["error"]["code"]
    for body, status, expected in [
        ("{", 400, "INVALID_MESSAGE"), ("[]", 400, "INVALID_MESSAGE"), ("", 400, "INVALID_MESSAGE"),
        ({"title": "t"}, 400, "INVALID_MESSAGE"), ({**BODY, "colour": "red"}, 400, "INVALID_MESSAGE"),
        ({**BODY, "title": 5}, 400, "INVALID_MESSAGE"), ({**BODY, "title": "x" * 257}, 400, "INVALID_MESSAGE"),
        ({**BODY, "message": "x" * 4097}, 400, "INVALID_MESSAGE"),
        ({**BODY, "level": "loud"}, 400, "INVALID_MESSAGE"),
        ({**BODY, "scheduled_time": "tomorrow"}, 400, "INVALID_MESSAGE"),
    ]:
        got, answer = send(grid, body)
        assert (got, code(answer)) == (status, expected), (body, got, answer)
    assert send(grid, BODY, headers={})[0] == 415
    assert send(grid, BODY, headers={"Content-Type": "text/plain"})[0] == 415
    assert send(grid, BODY, headers={"Content-Type": "Application/JSON; charset=utf-8"})[0] == 201
    assert send(grid, BODY, token=None)[0] == 401
    assert send(grid, BODY, token="not.a.token")[0] == 401
    assert send(grid, BODY, token=grid.sign(permissions=["broadcast"]))[0] == 403
    assert send(grid, "", method="GET")[0] == 405
    assert send(grid, {**BODY, "message": "x" * (2 << 20)})[0] == 413
    for key in ["", "a b", "x" * 129, "ü".encode("latin-1")]:
        assert send(grid, BODY, headers={**JSON, "Idempotency-Key": key})[0] == 400, key


@check
async def the_same_key_is_the_same_request_also_after_a_power_cut(grid):
    headers = {**JSON, "Idempotency-Key": "once"}
    status, first = send(grid, BODY, headers)
    assert status == 201
    assert send(grid, BODY, headers) == (201, first)
    address = grid.address
    grid.coordinator.kill()
    grid.start_coordinator(listen=address)
    assert send(grid, BODY, headers) == (201, first)
    status, answer = send(grid, {**BODY, "message": "at three"}, headers)
    assert (status, answer["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT"), answer
    other = grid.sign("another admin", ["admin"])
    status, theirs = send(grid, BODY, headers, token=other)
    assert status == 201 and theirs["offset"] == first["offset"] + 1, (first, theirs)


@check
async def a_volatile_log_says_that_it_began_anew(grid):
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign())
        before = (await client.join("nodes"))["data"]
    address = grid.address
    grid.coordinator.kill()
    grid.start_coordinator(listen=address)
    since = {"epoch": before["epoch"], "offset": before["offset"]}
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign())
        answer = (await client.join("nodes", since=since))["data"]
        assert answer["recovered"] is False and answer["epoch"] != since["epoch"], answer
        assert answer["gap"]["cause"] == "epoch_changed" and answer["gap"]["from"] == since, answer
        assert answer["gap"]["to"] == {"epoch": answer["epoch"], "offset": answer["offset"]}, answer


@check
async def a_position_that_the_log_never_gave_out_is_ahead(grid):
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign())
        end = (await client.join("general"))["data"]
        since = {"epoch": end["epoch"], "offset": end["offset"] + 1000}
        answer = (await client.join("general", since=since))["data"]
        assert answer["recovered"] is False and answer["gap"]["cause"] == "ahead", answer
        assert (answer["epoch"], answer["offset"]) == (end["epoch"], end["offset"]), answer


@check
async def positions_in_tasks_stay_good_over_restarts(grid):
    token = grid.sign("ana", ["task:submit"])

    async def joined(since=None):
        async with Client(grid.url) as client:
            await client.authenticate(token)
            answer = (await client.join("tasks", since=since))["data"]
            missed = answer.get("recovered") and since["offset"] < last
            return answer, await client.expect("task_update") if missed else None

    begin, _ = await joined()
    last = begin["offset"] + 1
    body = {"job_id": "j", "task_definition_id": 7, "is_imua": False}
    status, task = call(grid, "POST", "/api/tasks", create_key(grid, "ana"), body)
    assert status == 201, task
    epochs = [begin["epoch"]]
    address = grid.address
    for _ in range(3):
        grid.coordinator.kill()
        grid.start_coordinator(listen=address)
        for epoch in epochs:
            answer, event = await joined({"epoch": epoch, "offset": last - 1})
            assert answer["recovered"] is True and answer["offset"] == last - 1, answer
            assert event["offset"] == last and event["epoch"] == answer["epoch"], event
            # As if it had been told of more, early, than the disk was given.
            answer, _ = await joined({"epoch": epoch, "offset": last + 5})
            assert answer["recovered"] is True and answer["offset"] == last, answer
        assert answer["epoch"] not in epochs, (answer, epochs)
        epochs.append(answer["epoch"])
        answer, _ = await joined({"epoch": answer["epoch"], "offset": last + 5})
        assert answer["recovered"] is False and answer["gap"]["cause"] == "ahead", answer
    # Who stops in order has told nothing that is not stored.
    assert grid.coordinator.stop() == 0
    grid.start_coordinator(listen=address)
    answer, _ = await joined({"epoch": epochs[-1], "offset": last})
    assert answer["recovered"] is True and answer["epoch"] == epochs[-1] and answer["offset"] == last, answer


@check
async def the_command_says_it_too(grid):
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign(permissions=[]))
        await client.join("general")
        said = grid.command(
            "neurogridctl", "notify", "Hello", "--message", "everybody", "--level", "critical", "--duration", "10m",
            "--services", "a,b", "--url", f"http://{grid.address}", "--token", grid.sign("root", ["admin"]))[1]
        event = await client.expect("system_notification")
        assert event["data"]["notification_id"] in said, said
        assert event["data"]["estimated_duration"] == 600 and event["data"]["affected_services"] == ["a", "b"], event


@check
async def a_watching_terminal_comes_back_to_where_it_was(grid):
    log = grid.folder / "watch.log"
    watcher = Program("neurogridctl", ["watch", "general", "--url", f"http://{grid.address}", "--token", grid.sign()], log)
    titles = [f"watched {number}" for number in range(20)]
    try:
        # It has joined when it shows the first one.
        while titles[0] not in watcher.log_text():
            assert send(grid, {**BODY, "title": titles[0]})[0] == 201
            await asyncio.sleep(0.2)
        for title in titles[1:]:
            if title == titles[10]:
                address = grid.address
                grid.coordinator.kill()
                grid.start_coordinator(listen=address)
            assert send(grid, {**BODY, "title": title})[0] == 201
        deadline = time.monotonic() + 15
        while f"{titles[-1]}:" not in watcher.log_text():
            assert time.monotonic() < deadline, watcher.log_text()
            await asyncio.sleep(0.05)
        said = [line for line in watcher.log_text().splitlines() if "watched" in line]
        shown = [line.split("info", 1)[1].split(":")[0].strip() for line in said if f"{titles[0]}:" not in line]
        assert shown == titles[1:], watcher.log_text()
    finally:
        watcher.kill()


@check
async def a_long_replay_waits_for_a_slow_reader(grid):
    token = grid.sign("root", ["admin"])
    status, first = send(grid, BODY, token=token)
    assert status == 201
    connection = http.client.HTTPConnection(*grid.host_and_port, timeout=10)
    for number in range(900):
        connection.request(
            "POST", "/api/v1/notifications", body=json.dumps({"title": str(number), "message": "x" * 4000}),
            headers={**JSON, "Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        assert answer.status == 201, answer.read()
        last = json.loads(answer.read())
    connection.close()
    # A small window, and nobody who reads: the replay has to wait in the middle of a piece.
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect(grid.host_and_port)
    narrow.setblocking(False)
    async with Client(grid.url, sock=narrow, max_queue=1, compression=None) as client:
        await client.authenticate(grid.sign(permissions=[]))
        answer = await client.join("general", since={key: first[key] for key in ("epoch", "offset")})
        assert answer["data"]["recovered"] is True, answer
        await asyncio.sleep(1)
        live = send(grid, {**BODY, "title": "meanwhile"}, token=token)[1]
        assert live["offset"] == last["offset"] + 1
        for offset in range(first["offset"] + 1, live["offset"] + 1):
            event = await client.expect("system_notification")
            assert event["offset"] == offset, (event["offset"], offset)
        assert event["data"]["title"] == "meanwhile"
        assert await client.is_alive()
        assert not client.inbox, client.inbox


@check
async def a_log_kept_short_names_what_is_gone(grid):
    address = grid.address
    grid.coordinator.stop()
    grid.configuration["history"] = {"events": 5}
    grid.start_coordinator(listen=address)
    offsets = [send(grid, BODY)[1]["offset"] for _ in range(8)]
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign(permissions=[]))
        epoch = (await client.join("general"))["data"]["epoch"]
        since = {"epoch": epoch, "offset": offsets[0]}
        answer = (await client.join("general", since=since))["data"]
        assert answer["recovered"] is False and answer["gap"]["cause"] == "trimmed", answer
        assert answer["gap"]["from"] == since and answer["gap"]["to"]["offset"] == offsets[2], (answer, offsets)
        followed = [(await client.expect("system_notification"))["offset"] for _ in range(5)]
        assert followed == offsets[3:], (followed, offsets)


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits()))

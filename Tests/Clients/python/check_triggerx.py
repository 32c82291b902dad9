"""TriggerX' WebSocket document, sentence by sentence, with clients that know nothing but that document."""

import asyncio
import contextlib
import csv
import http.client
import io
import json
import time

import aiohttp

from checks import Checks
from check_authentication import no_limits
from check_metrics import scrape
from check_tls import SecureGrid
from eyenet import EyeNet
from grid import Grid
from native import Client
from neurograph import NeuroGraph
from qubix import Qubix
from triggerx import EVENTS, TriggerX, call, create_key, is_error, revoke_key
from websockets.exceptions import InvalidStatus

check = Checks("triggerx")
OWNER = "anna"
TASKS = "/api/tasks"


def deposit(grid, user=OWNER):
    grid.command(
        "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", user, "--currency", "USD",
        "--amount", "100.00")


def key_of(grid, user=OWNER):
    """A key without a limit of its own, the same for all checks."""
    keys = grid.__dict__.setdefault("keys", {})
    if user not in keys:
        keys[user] = create_key(grid, user, "--rate-per-minute", "0")
    return keys[user]


def create(grid, key=None, **body):
    status, task = call(grid, "POST", TASKS, key or key_of(grid), {"task_definition_id": 789, "is_imua": False, **body})
    assert status == 201, (status, task)
    return task


def submit(grid, user=OWNER, **body):
    """By the native interface."""
    wish = {"runner": "selftest", "arguments": {"seconds": 1, "steps": 2}, "timeout_seconds": 60, **body}
    status, _, answer = grid.request(
        "/api/v1/tasks", token=grid.sign(user, ["task:submit"]), method="POST",
        headers={"Content-Type": "application/json"}, body=json.dumps(wish))
    assert status == 201, (status, answer)
    return json.loads(answer)


def native_task(grid, task):
    status, _, body = grid.request(f"/api/v1/tasks/{task}", token=grid.sign(OWNER, ["task:submit"]))
    assert status == 200, (status, body)
    return json.loads(body)


def events(client):
    return [(m["type"], m["data"]["changes"].get("status")) for m in client.of_type(*EVENTS)]


# MARK: what is told


@check
async def a_task_of_the_native_interface_is_told_from_its_creation_to_its_end(grid):
    deposit(grid)
    grid.start_agent("node-1", owner="owner-1", price="0.40")
    await until_placed(grid)
    async with TriggerX(grid, key_of(grid)) as client:
        await client.subscribe(f"user:{OWNER}", user_id=OWNER)
        task = submit(grid, job_id="told", task_definition_id=5, is_imua=True)
        end = await client.expect(
            "TASK_STATUS_CHANGED", timeout=30, where=lambda m: m["data"]["changes"]["status"] == "completed")
        assert events(client) == [
            ("TASK_CREATED", None), ("TASK_STATUS_CHANGED", "assigned"), ("TASK_STATUS_CHANGED", "running"),
            ("TASK_UPDATED", None)], client.inbox
        for message in [*client.inbox, end]:
            data = message["data"]
            assert (data["task_id"], data["job_id"], data["user_id"]) == (task["task_number"], "told", OWNER), data
        created, assigned, _, updated = client.inbox
        changes = created["data"]["changes"]
        assert set(changes) == {"task_id", "job_id", "task_definition_id", "is_imua", "created_at"}, changes
        assert changes["task_id"] == task["task_number"] and changes["job_id"] == "told", changes
        assert changes["task_definition_id"] == 5 and changes["is_imua"] is True, changes
        assert changes["created_at"] == task["created_at"], (changes, task)
        assert set(assigned["data"]["changes"]) == {"status", "node_id"}, assigned
        assert set(updated["data"]["changes"]) == {"result", "cost"}, updated
        assert updated["data"]["changes"]["result"]["exit_status"] == 0, updated
        assert end["data"]["changes"] == {"status": "completed"}, end
        # What nobody said is null, and a lone task's job has its name.
        client.inbox.clear()
        alone = submit(grid)
        assert alone["job_id"] == alone["task_id"], alone
        created = await client.expect("TASK_CREATED")
        changes = created["data"]["changes"]
        assert created["data"]["job_id"] == changes["job_id"] == alone["task_id"], created
        assert changes["task_definition_id"] is None and changes["is_imua"] is None, created
        await client.subscribe(f"job:{alone['job_id']}")
        await client.expect(
            "TASK_STATUS_CHANGED", timeout=30, where=lambda m: m["data"]["changes"]["status"] == "completed")


@check
async def a_task_that_fails_is_told_with_its_fault(grid):
    user = "berta"
    deposit(grid, user)
    async with TriggerX(grid, key_of(grid, user)) as client:
        await client.subscribe(f"user:{user}")
        submit(grid, user, arguments={"seconds": 30}, timeout_seconds=1)
        end = await client.expect(
            "TASK_STATUS_CHANGED", timeout=30, where=lambda m: m["data"]["changes"]["status"] == "failed")
        assert set(end["data"]["changes"]) == {"status", "result"}, end
        assert end["data"]["changes"]["result"]["fault"] == "timeout", end
        task = create(grid, key_of(grid, user), job_id="fails")
        path = f"{TASKS}/execution/{task['task_id']}"
        assert call(grid, "PUT", path, key_of(grid, user), {"status": "failed"})[0] == 200
        end = await client.expect(
            "TASK_STATUS_CHANGED", where=lambda m: m["data"]["task_id"] == task["task_id"])
        assert end["data"]["changes"]["status"] == "failed", end


@check
async def what_the_coordinator_does_by_itself_is_told_too(_):
    """No request and no agent: a clock of the coordinator's own ends a lease."""
    with Grid(limits=no_limits(), health={"lease": "4s"}, tasks={"lease": "5s"}) as grid:
        deposit(grid)
        agent = grid.start_agent("node-1", price="0.40")
        await until_placed(grid)
        async with TriggerX(grid, key_of(grid)) as client:
            await client.subscribe(f"user:{OWNER}")
            submit(grid, arguments={"seconds": 3})
            await client.expect(
                "TASK_STATUS_CHANGED", timeout=30, where=lambda m: m["data"]["changes"]["status"] == "running")
            agent.kill()
            client.inbox.clear()
            for state in ("lost", "pending"):
                changed = await client.expect("TASK_STATUS_CHANGED", timeout=30)
                assert changed["data"]["changes"] == {"status": state}, changed


async def until_placed(grid):
    """The agent is in, and offers its runner."""
    deadline = time.monotonic() + 20
    while True:
        _, _, body = grid.request("/api/v1/nodes", token=grid.sign())
        if [node for node in json.loads(body)["nodes"] if node["status"] == "online"]:
            return
        assert time.monotonic() < deadline, body
        await asyncio.sleep(0.1)


@check
async def an_external_task_is_told_from_its_creation_to_its_end(grid):
    async with TriggerX(grid, key_of(grid)) as client:
        await client.subscribe("user:" + OWNER)
        task = create(grid, job_id="456")
        assert task["job_id"] == "456" and task["user_id"] == OWNER and task["status"] == "pending", task
        assert task["task_definition_id"] == 789 and task["is_imua"] is False and task["fee"] is None, task
        created = await client.expect("TASK_CREATED")
        assert created["data"]["task_id"] == task["task_id"] and created["data"]["job_id"] == "456", created
        assert created["data"]["changes"] == {
            "task_id": task["task_id"], "job_id": "456", "task_definition_id": 789, "is_imua": False,
            "created_at": task["created_at"]}, created

        status, answer = call(grid, "PUT", f"{TASKS}/{task['task_id']}/fee", key_of(grid), {"fee": 0.25})
        assert status == 200 and answer["fee"] == 0.25 and answer["task_id"] == task["task_id"], (status, answer)
        fee = await client.expect("TASK_FEE_UPDATED")
        assert fee["data"]["changes"] == {"fee": 0.25} and fee["data"]["task_id"] == task["task_id"], fee

        execution = {
            "task_performer_id": 3, "execution_timestamp": "2024-01-01T00:00:00Z", "execution_tx_hash": "0xabc",
            "task_opx_cost": 0.003, "proof_of_task": "proof"}
        path = f"{TASKS}/execution/{task['task_id']}"
        status, answer = call(grid, "PUT", path, key_of(grid), execution)
        told = {**execution, "execution_timestamp": "2024-01-01T00:00:00.000Z"}
        assert status == 200 and told.items() <= answer.items(), (status, answer)
        updated = await client.expect("TASK_UPDATED")
        assert updated["data"]["changes"] == told, updated

        attestation = {
            "task_attester_ids": [4, 5], "tp_signature": "0x01", "ta_signature": "0x02",
            "task_submission_tx_hash": "0xdef", "is_accepted": True, "is_successful": True}
        # What is told again has not changed, and is not told again.
        status, answer = call(
            grid, "PUT", path, key_of(grid), {**attestation, "execution_tx_hash": "0xabc", "status": "completed"})
        assert status == 200 and attestation.items() <= answer.items() and answer["status"] == "completed", answer
        updated = await client.expect("TASK_UPDATED")
        assert updated["data"]["changes"] == attestation, updated
        for state in ("running", "completed"):
            changed = await client.expect("TASK_STATUS_CHANGED")
            assert changed["data"]["changes"] == {"status": state}, changed
        assert call(grid, "PUT", path, key_of(grid), {"status": "completed"})[0] == 200
        await client.settle()
        assert not client.inbox, client.inbox


@check
async def an_external_task_is_never_routed_and_ends_when_it_is_cancelled(grid):
    async with TriggerX(grid, key_of(grid)) as client:
        await client.subscribe("user:" + OWNER)
        task = create(grid, job_id="never routed", task_definition_id=None)
        await client.expect("TASK_CREATED")
        # One that is routed comes later and is done before it.
        submit(grid)
        await client.expect(
            "TASK_STATUS_CHANGED", timeout=30, where=lambda m: m["data"]["changes"]["status"] == "completed")
        shown = native_task(grid, task["task_id"])
        assert shown["status"] == "pending" and shown["runner"] is None and shown["held"] == 0, shown
        assert shown["execution"]["execution_tx_hash"] is None and not shown["members"], shown
        assert shown["task_id"] == task["task_uuid"], shown
        client.inbox.clear()
        status, _, body = grid.request(
            f"/api/v1/tasks/{task['task_uuid']}", token=grid.sign(OWNER, ["task:submit"]), method="DELETE")
        assert status == 200, body
        changed = await client.expect("TASK_STATUS_CHANGED")
        assert changed["data"]["changes"]["status"] == "cancelled", changed
        status, answer = call(
            grid, "PUT", f"{TASKS}/execution/{task['task_id']}", key_of(grid), {"status": "running"})
        assert status == 400 and is_error(answer, "BAD_REQUEST"), (status, answer)
        # What is found out about it later is told all the same.
        assert call(
            grid, "PUT", f"{TASKS}/execution/{task['task_id']}", key_of(grid), {"is_accepted": False})[0] == 200
        assert (await client.expect("TASK_UPDATED"))["data"]["changes"] == {"is_accepted": False}


# MARK: rooms


@check
async def rooms_are_a_jobs_a_tasks_and_a_users(grid):
    key = key_of(grid)
    task, sibling = create(grid, job_id="rooms"), create(grid, job_id="rooms")
    other = create(grid, job_id="elsewhere")
    numbers = [each["task_id"] for each in (task, sibling, other)]
    async with contextlib.AsyncExitStack() as stack:
        rooms = ["job:rooms", f"task:{task['task_id']}", f"task:{task['task_uuid']}", f"user:{OWNER}"]
        clients = [await stack.enter_async_context(TriggerX(grid, key)) for _ in rooms]
        several = await stack.enter_async_context(TriggerX(grid, key))
        silent = await stack.enter_async_context(TriggerX(grid, key))
        for client, room in zip(clients, rooms):
            await client.subscribe(room)
            await several.subscribe(room)
        for number in numbers:
            assert call(grid, "PUT", f"{TASKS}/{number}/fee", key, {"fee": 1})[0] == 200
        # All tasks of the job, the one task by either name, all tasks of the user.
        told = [(clients[0], numbers[:2]), (clients[1], numbers[:1]), (clients[2], numbers[:1]),
                (clients[3], numbers), (several, numbers)]
        for client, expected in told:
            for number in expected:
                fee = await client.expect("TASK_FEE_UPDATED")
                assert fee["data"]["task_id"] == number, fee
        # Every kind of event, in every kind of room.
        body = {"execution_tx_hash": "0x1", "status": "running"}
        assert call(grid, "PUT", f"{TASKS}/execution/{task['task_id']}", key, body)[0] == 200
        for client, _ in told:
            for kind in ("TASK_UPDATED", "TASK_STATUS_CHANGED"):
                assert (await client.expect(kind))["data"]["task_id"] == task["task_id"]
        late = create(grid, job_id="rooms")
        for client in (clients[0], clients[3], several):
            assert (await client.expect("TASK_CREATED"))["data"]["task_id"] == late["task_id"]
        for client in [*clients, several, silent]:
            await client.settle()
            assert not client.inbox, "an event comes once, and to subscribers alone"


@check
async def a_room_that_was_left_is_silent(grid):
    key = key_of(grid)
    create(grid, job_id="left")
    async with TriggerX(grid, key) as client:
        for _ in range(2):
            await client.subscribe("job:left")
        await client.unsubscribe("job:left")
        # Leaving what one is not in changes nothing.
        await client.unsubscribe("job:left")
        create(grid, job_id="left")
        await client.settle()
        assert not client.inbox, client.inbox
        await client.subscribe("job:left")
        create(grid, job_id="left")
        await client.expect("TASK_CREATED")


@check
async def foreign_and_absent_rooms_look_the_same(grid):
    theirs = create(grid, job_id="annas")
    pairs = [
        ("job:annas", "job:none's"), (f"task:{theirs['task_id']}", "task:999999"),
        (f"task:{theirs['task_uuid']}", "task:00000000-0000-4000-8000-000000000000"), (f"user:{OWNER}", "user:nobody"),
    ]
    async with TriggerX(grid, key_of(grid, "mallory")) as client:
        for foreign, absent in pairs:
            told = [(await client.refused("ACCESS_DENIED", room))["data"]["message"] for room in (foreign, absent)]
            assert told[0].replace(foreign, "") == told[1].replace(absent, ""), told
        call(grid, "PUT", f"{TASKS}/{theirs['task_id']}/fee", key_of(grid), {"fee": 2})
        await client.settle()
        assert not client.inbox, client.inbox
        await client.subscribe("user:mallory")


@check
async def rooms_that_are_none_are_told_so(grid):
    async with TriggerX(grid, key_of(grid)) as client:
        for room in [
            "", "job", "job:", "task:", "task:abc", "task:-1", "task:007", "task:1.5", "user:", "nodes", "JOB:1",
            "room:1", "task:99999999999999999999", "job:" + "x" * 129, "job:a\nb", "x" * 5000,
        ]:
            await client.refused("INVALID_ROOM", room)
            await client.send("UNSUBSCRIBE", room=room)
            await client.error("INVALID_ROOM")
        await client.settle()


@check
async def a_hundred_rooms(_):
    # However many messages a minute: that limit is other dialects'.
    with fresh(messages_per_connection_per_minute=1) as grid:
        key = key_of(grid)
        for number in range(101):
            create(grid, job_id=f"j{number}")
        async with TriggerX(grid, key) as client:
            for number in range(100):
                await client.subscribe(f"job:j{number}")
            await client.refused("RATE_LIMIT_EXCEEDED", "job:j100")
            await client.subscribe("job:j7")
            await client.unsubscribe("job:j7")
            await client.subscribe("job:j100")


# MARK: messages


@check
async def malformed_and_foreign_messages_keep_the_connection(grid):
    async with TriggerX(grid, key_of(grid)) as client:
        for text in [
            "nonsense", "[]", "{}", "null", '{"type":5}', '{"type":"SUBSCRIBE"', '{"type":"SUBSCRIBE"}',
            '{"type":"SUBSCRIBE","data":null}', '{"type":"SUBSCRIBE","data":[]}', '{"type":"SUBSCRIBE","data":{}}',
            '{"type":"SUBSCRIBE","data":{"room":7}}', '{"type":"subscribe","data":{"room":"job:1"}}',
            '{"type":"UNSUBSCRIBE","data":{"job_id":"1"}}',
        ]:
            await client.socket.send(text)
            await client.error("INVALID_MESSAGE")
        await client.socket.send(b'{"type":"UNSUBSCRIBE","data":{"room":"job:1"}}')
        await client.error("INVALID_MESSAGE")
        for kind in ["TASK_CREATED", "TASK_UPDATED", "ERROR", "SUBSCRIBED", "ping", "authenticate", "'; DROP TABLE"]:
            await client.send(kind, room="job:1")
            await client.error("INVALID_MESSAGE")
            await client.settle()


# MARK: who is let in


async def turned_away(grid, status, code, key=None, by="query", **options):
    try:
        async with TriggerX(grid, key, by, **options):
            raise AssertionError("the connection was accepted")
    except InvalidStatus as refusal:
        response = refusal.response
        body = json.loads(response.body)
        assert response.status_code == status and set(body) == {"type", "data", "timestamp"}, (response, body)
        assert is_error(body, code), body
        return response, body


@check
async def a_key_is_shown_by_query_or_header(grid):
    for by in ("query", "header"):
        async with TriggerX(grid, key_of(grid), by) as client:
            await client.settle()
            assert not client.inbox, "there is no greeting"
    both = TriggerX(grid, "ngk_nonsense", additional_headers={"X-Api-Key": key_of(grid)})
    async with both as client:
        await client.settle()


@check
async def who_has_no_good_key_is_turned_away(grid):
    await turned_away(grid, 401, "MISSING_API_KEY")
    await turned_away(grid, 401, "MISSING_API_KEY", "")
    revoked = create_key(grid)
    revoke_key(grid, revoked)
    told = set()
    for key in ["nonsense", "ngk_" + "A" * 43, key_of(grid)[:-1], revoked, grid.sign()]:
        for by in ("query", "header"):
            _, body = await turned_away(grid, 401, "INVALID_API_KEY", key, by)
            told.add(body["data"]["message"])
    assert told == {"Invalid API key"}, told
    for origin in ("https://evil.example", "null"):
        await turned_away(grid, 403, "ACCESS_DENIED", key_of(grid), origin=origin)
    # A page of the coordinator's own host may.
    async with TriggerX(grid, key_of(grid), origin=f"http://{grid.address}") as client:
        await client.settle()
    status, _, body = grid.request(f"/api/ws/tasks?api_key={key_of(grid)}")
    assert status == 426, (status, body)
    assert key_of(grid) not in grid.coordinator.log_text(), "no log has a key"


@check
async def a_keys_use_is_noted(grid):
    key, other = (create_key(grid, OWNER, "--name", name) for name in ("connects", "asks"))

    def last_used(name):
        table = grid.command("neurogrid-coordinator", "api-key", "list", "--data-dir", str(grid.data))[1]
        return [row for row in csv.DictReader(io.StringIO(table)) if row["name"] == name][0]["last_used_at"]

    async def until_used(name):
        deadline = time.monotonic() + 5
        while not last_used(name):
            assert time.monotonic() < deadline, "its use is not noted"
            await asyncio.sleep(0.05)

    assert not last_used("connects") and not last_used("asks")
    async with TriggerX(grid, key) as client:
        await client.settle()
        await until_used("connects")
    assert not last_used("asks"), "another key was not used"
    create(grid, other, job_id="noted")
    await until_used("asks")


@check
async def a_key_that_is_taken_back_ends_its_sessions_and_no_others(grid):
    key = create_key(grid)
    async with TriggerX(grid, key) as first, TriggerX(grid, key, "header") as second, \
            TriggerX(grid, key_of(grid)) as other:
        await first.subscribe("user:" + OWNER)
        await other.subscribe("user:" + OWNER)
        revoke_key(grid, key)
        for client in (first, second):
            assert await client.closed() == 1008
            assert len(client.inbox) == 1 and is_error(client.inbox[0], "AUTHENTICATION_FAILED"), client.inbox
        create(grid, job_id="after")
        await other.expect("TASK_CREATED")
        assert call(grid, "POST", TASKS, key, {"job_id": "j"})[0] == 401


# MARK: limits


def fresh(**limits):
    return Grid(limits={**no_limits(), **limits})


@check
async def ten_connections_at_once_of_all_dialects(_):
    # However many a minute: that limit is the native clients' and QUBIX', of whom there are two.
    with fresh(connections_per_ip=10, connections_per_ip_per_minute=2) as grid:
        key, token = key_of(grid), grid.sign()
        async with contextlib.AsyncExitStack() as stack:
            # NeuroGraph alone has another limit.
            await stack.enter_async_context(NeuroGraph(grid, token, path="/neurograph/ws"))
            clients = [await stack.enter_async_context(TriggerX(grid, key)) for _ in range(7)]
            for other in (Client(grid.url), Qubix(grid, token=token), EyeNet(grid, token)):
                await stack.enter_async_context(other)
            response, _ = await turned_away(grid, 429, "RATE_LIMIT_EXCEEDED", key)
            assert 1 <= int(response.headers["Retry-After"]) <= 60, response.headers
            for client in clients:
                await client.settle()
            await clients[0].socket.close()
            deadline = time.monotonic() + 5
            while True:
                try:
                    async with TriggerX(grid, key) as late:
                        await late.settle()
                    break
                except InvalidStatus:
                    assert time.monotonic() < deadline, "a closed connection still counts"
                    await asyncio.sleep(0.05)


@check
async def ten_connections_of_one_address(_):
    with fresh(connections_per_ip=10) as grid:
        async with contextlib.AsyncExitStack() as stack:
            for user in range(10):
                await stack.enter_async_context(TriggerX(grid, key_of(grid, f"u{user}")))
            await turned_away(grid, 429, "RATE_LIMIT_EXCEEDED", key_of(grid))


@check
async def a_keys_rate_counts_requests_connections_and_messages(grid):
    key = create_key(grid, OWNER, "--rate-per-minute", "6")
    async with TriggerX(grid, key) as first, TriggerX(grid, key) as second:
        assert call(grid, "POST", TASKS, key, {"job_id": "rate"})[0] == 201
        await first.settle()
        await second.settle()
        await first.subscribe("job:rate")
        # Six it was; the seventh is refused, whatever it is.
        await second.refused("RATE_LIMIT_EXCEEDED", "job:rate")
        status, headers, body = grid.request(
            TASKS, method="POST", headers={"X-Api-Key": key, "Content-Type": "application/json"},
            body='{"job_id":"rate"}')
        assert status == 429 and 1 <= int(headers["retry-after"]) <= 61, (status, headers)
        assert is_error(json.loads(body), "RATE_LIMIT_EXCEEDED"), body
        response, _ = await turned_away(grid, 429, "RATE_LIMIT_EXCEEDED", key)
        assert 1 <= int(response.headers["Retry-After"]) <= 61, response.headers
        # Another key of the same user has its own.
        async with TriggerX(grid, create_key(grid, OWNER, "--rate-per-minute", "2")) as other:
            await other.settle()
        # Events do not count.
        create(grid, job_id="rate")
        await first.expect("TASK_CREATED")
        for _ in range(20):
            with contextlib.suppress(Exception):
                await second.send("UNSUBSCRIBE", room="job:rate")
        assert await second.closed() == 1008
        assert 8 <= len(second.of_type("ERROR")) <= 9, second.inbox


# MARK: requests


@check
def requests_need_a_key_and_are_the_owners(grid):
    task = create(grid, job_id="owned")
    paths = [
        ("POST", TASKS, {"job_id": "x"}), ("PUT", f"{TASKS}/execution/{task['task_id']}", {"is_successful": True}),
        ("PUT", f"{TASKS}/{task['task_id']}/fee", {"fee": 1})]
    for method, path, body in paths:
        for key, code in [(None, "MISSING_API_KEY"), ("ngk_" + "A" * 43, "INVALID_API_KEY")]:
            status, answer = call(grid, method, path, key, body)
            assert status == 401 and is_error(answer, code) and answer["error"]["code"] == code, (path, answer)
        # Not by the query, and not by a token.
        status, answer = call(grid, method, f"{path}?api_key={key_of(grid)}", None, body)
        assert status == 401 and is_error(answer, "MISSING_API_KEY"), (path, answer)
        assert call(grid, method, path, None, body, {"Authorization": f"Bearer {grid.sign(OWNER)}"})[0] == 401
    mallory = key_of(grid, "mallory")
    status, answer = call(grid, "POST", TASKS, mallory, {"job_id": "owned"})
    assert status == 403 and is_error(answer, "ACCESS_DENIED"), (status, answer)
    for number in (task["task_id"], task["task_uuid"], 999999, "nonsense"):
        for path, body in [(f"execution/{number}", {"is_successful": True}), (f"{number}/fee", {"fee": 1})]:
            status, answer = call(grid, "PUT", f"{TASKS}/{path}", mallory, body)
            assert status == 404 and is_error(answer, "NOT_FOUND"), (path, status, answer)
    for path, body in [("execution", {"is_successful": True}), ("fee", {"fee": 3})]:
        path = f"execution/{task['task_uuid']}" if path == "execution" else f"{task['task_uuid']}/fee"
        assert call(grid, "PUT", f"{TASKS}/{path}", key_of(grid), body)[0] == 200, path
    assert grid.request(TASKS)[0] == 405


@check
def bodies_that_say_nothing_of_use_are_refused(grid):
    number = create(grid, job_id="bodies")["task_id"]
    cases = [
        ("POST", "", ["", "nonsense", "[]", "{}", '{"job_id":""}', '{"job_id":true}', '{"job_id":null}',
                      '{"job_id":"j","task_definition_id":"789"}', '{"job_id":"j","is_imua":1}',
                      json.dumps({"job_id": "x" * 129})]),
        ("PUT", f"/{number}/fee", ["{}", '{"fee":null}', '{"fee":"1"}', '{"fee":-1}', '{"fee":1e30}', "7"]),
        ("PUT", f"/execution/{number}", [
            "{}", '{"unknown":1}', '{"execution_tx_hash":7}', '{"execution_tx_hash":""}', '{"task_performer_id":-1}',
            '{"task_performer_id":"3"}', '{"execution_timestamp":"yesterday"}', '{"task_attester_ids":[1,"2"]}',
            '{"is_successful":"yes"}', '{"status":"pending"}', '{"status":"cancelled"}', '{"task_opx_cost":-0.1}',
            json.dumps({"proof_of_task": "x" * 4097}), json.dumps({"task_attester_ids": [1] * 257})]),
    ]
    for method, path, bodies in cases:
        for body in bodies:
            status, answer = call(grid, method, TASKS + path, key_of(grid), body)
            assert status == 400 and is_error(answer, "BAD_REQUEST"), (path, body, status, answer)
        status, answer = call(grid, method, TASKS + path, key_of(grid), "{}", {"Content-Type": "text/plain"})
        assert status == 415 and is_error(answer, "UNSUPPORTED_MEDIA_TYPE"), (status, answer)
    assert create(grid, job_id=123, more="passed over")["job_id"] == "123"
    largest = {"proof_of_task": "x" * 4096, "task_attester_ids": list(range(256)), "execution_tx_hash": "h" * 256}
    status, answer = call(grid, "PUT", f"{TASKS}/execution/{number}", key_of(grid), largest)
    assert status == 200 and largest.items() <= answer.items(), (status, answer)


@check
def a_request_that_is_repeated_is_one(grid):
    again = {"Idempotency-Key": "once"}
    first = call(grid, "POST", TASKS, key_of(grid), {"job_id": "repeated"}, again)
    assert first[0] == 201 and call(grid, "POST", TASKS, key_of(grid), {"job_id": "repeated"}, again)[1] == first[1]
    status, answer = call(grid, "POST", TASKS, key_of(grid), {"job_id": "another"}, again)
    assert status == 409 and is_error(answer, "IDEMPOTENCY_CONFLICT"), (status, answer)


@check
def what_a_node_runs_nobody_else_tells_of(grid):
    task = submit(grid)
    for path, body, expected in [
        (f"execution/{task['task_number']}", {"is_successful": True}, 403), (f"{task['task_number']}/fee", {"fee": 2}, 200),
    ]:
        status, answer = call(grid, "PUT", f"{TASKS}/{path}", key_of(grid), body)
        assert status == expected, (path, status, answer)
        assert expected == 200 or is_error(answer, "ACCESS_DENIED"), answer


@check
async def what_was_acknowledged_survives_a_crash(_):
    with fresh() as grid:
        key = key_of(grid)
        task = create(grid, job_id="kept")
        path = f"{TASKS}/execution/{task['task_id']}"
        told = {"execution_tx_hash": "0xabc", "task_attester_ids": [1, 2], "is_accepted": True, "status": "running"}
        assert call(grid, "PUT", f"{TASKS}/{task['task_id']}/fee", key, {"fee": 0.5})[0] == 200
        status, before = call(grid, "PUT", path, key, told)
        assert status == 200 and before["status"] == "running", before
        grid.coordinator.kill()
        grid.start_coordinator()
        shown = native_task(grid, task["task_id"])
        assert shown["status"] == "running" and shown["fee"] == 0.5, shown
        assert shown["execution"]["execution_tx_hash"] == "0xabc", shown
        async with TriggerX(grid, key) as client:
            await client.subscribe(f"task:{task['task_id']}")
            status, after = call(grid, "PUT", path, key, {**told, "status": "completed"})
            assert status == 200 and after["status"] == "completed" and after["task_attester_ids"] == [1, 2], after
            changed = await client.expect("TASK_STATUS_CHANGED")
            assert changed["data"]["changes"] == {"status": "completed"}, changed
            await client.settle()
            assert not client.inbox, client.inbox


@check
async def a_task_whose_definition_has_a_runner_is_run(_):
    limits = no_limits()
    with Grid(limits=limits, tasks={"definitions": {"789": "selftest"}}) as grid:
        key = key_of(grid)
        status, answer = call(grid, "POST", TASKS, key, {"job_id": "j", "task_definition_id": 789})
        assert status in (402, 422), (status, answer)
        deposit(grid)
        grid.start_agent("node-1", price="0.40")
        await until_placed(grid)
        async with TriggerX(grid, key) as client:
            await client.subscribe(f"user:{OWNER}")
            task = create(grid, job_id="j")
            assert create(grid, job_id="j", task_definition_id=1)["status"] == "pending"
            end = await client.expect(
                "TASK_STATUS_CHANGED", timeout=30, where=lambda m: m["data"]["changes"]["status"] == "completed")
            assert end["data"]["task_id"] == task["task_id"], end


# MARK: statistics


def statistics(grid):
    status, _, body = grid.request("/api/ws/stats")
    assert status == 200, (status, body)
    answer = json.loads(body)
    assert set(answer) == {"status", "data"} and answer["status"] == "success", answer
    assert set(answer["data"]) == {"total_clients", "total_rooms", "rooms"}, answer
    return answer["data"]["total_clients"], answer["data"]["total_rooms"], answer["data"]["rooms"]


async def until_statistics(grid, expected):
    deadline = time.monotonic() + 10
    while (found := statistics(grid)) != expected:
        assert time.monotonic() < deadline, (found, expected)
        await asyncio.sleep(0.02)


@check
async def statistics_count_this_dialects_clients_and_rooms(grid):
    await until_statistics(grid, (0, 0, {}))
    key = key_of(grid)
    number = create(grid, job_id="counted")["task_id"]
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(TriggerX(grid, key)) for _ in range(3)]
        async with Client(grid.url) as native:
            await native.authenticate(grid.sign())
            await native.join("nodes")
            for client in clients[:2]:
                await client.subscribe("job:counted")
            await clients[0].subscribe("job:counted")
            await clients[0].subscribe(f"task:{number}")
            await clients[2].subscribe(f"user:{OWNER}")
            rooms = {"job:counted": 2, f"task:{number}": 1, f"user:{OWNER}": 1}
            assert statistics(grid) == (3, 3, rooms)
            health = json.loads(grid.request("/api/ws/health")[2])
            assert health["status"] == "healthy" and abs(health["timestamp"] - time.time()) < 5, health
            assert set(health) == {"status", "timestamp", "websocket"} and isinstance(health["timestamp"], int), health
            assert health["websocket"] == {"active_connections": 3, "active_rooms": 3}, health
        await clients[0].unsubscribe("job:counted")
        assert statistics(grid) == (3, 3, {**rooms, "job:counted": 1})
        await clients[1].socket.close()
        await until_statistics(grid, (2, 2, {f"task:{number}": 1, f"user:{OWNER}": 1}))
        # One that does not say goodbye is gone as well.
        clients[2].socket.transport.abort()
        await until_statistics(grid, (1, 1, {f"task:{number}": 1}))
    await until_statistics(grid, (0, 0, {}))


@check
def statistics_may_be_kept_for_administrators(grid):
    def are_kept(grid, headers):
        assert grid.request("/api/ws/stats", headers=headers)[0] == 401
        assert grid.request("/api/ws/stats", headers={"X-Api-Key": key_of(grid), **headers})[0] == 401
        assert grid.request("/api/ws/stats", token=grid.sign(), headers=headers)[0] == 403
        assert grid.request("/api/ws/stats", token=grid.sign("boss", ["admin"]), headers=headers)[0] == 200
        assert grid.request("/api/ws/health", headers=headers)[0] == 200

    for headers in ({"X-Forwarded-For": "192.0.2.7"}, {"Forwarded": "for=192.0.2.7"}):
        are_kept(grid, headers)
    closed = fresh()
    closed.configuration["auth"]["public_stats"] = False
    with closed:
        are_kept(closed, {})


@check
async def its_connections_and_messages_are_counted(_):
    with fresh() as grid:
        key, labels = key_of(grid), '{dialect="triggerx",role="subscriber"}'
        create(grid, job_id="metrics")
        async with TriggerX(grid, key) as client, TriggerX(grid, key) as other:
            await client.subscribe("user:" + OWNER)
            await client.subscribe("job:metrics")
            await other.subscribe("job:metrics")
            create(grid, job_id="metrics")
            for each in (client, other):
                await each.expect("TASK_CREATED")
            found = scrape(grid)[0]
            assert found["neurogrid_connections" + labels] == 2, found
            assert found["neurogrid_messages_received_total" + labels] == 3, found
            assert found["neurogrid_deliveries_total"] == 2, found
            # Two rooms of two clients, and one event in the dialect's words.
            assert found['neurogrid_encodes_total{dialect="triggerx"}'] == 1, found
            await client.settle()
            assert scrape(grid)[0]["neurogrid_messages_received_total" + labels] == 4
        await turned_away(grid, 401, "INVALID_API_KEY", "nonsense")
        assert scrape(grid)[0]['neurogrid_connections_refused_total{reason="api_key"}'] == 1


# MARK: other clients, and the end


@check
async def it_is_spoken_by_aiohttp_too(grid):
    url = f"http://{grid.address}"
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f"{url}/api/ws/tasks", headers={"X-Api-Key": key_of(grid)}) as socket:
            await socket.send_json({"type": "SUBSCRIBE", "data": {"room": f"user:{OWNER}", "user_id": OWNER}})
            answer = await socket.receive_json(timeout=10)
            assert answer["type"] == "SUBSCRIBED" and answer["data"] == {"room": f"user:{OWNER}"}, answer
            body = {"job_id": "aiohttp", "task_definition_id": 1, "is_imua": True}
            async with session.post(f"{url}{TASKS}", json=body, headers={"X-Api-Key": key_of(grid)}) as response:
                assert response.status == 201, await response.text()
                task = await response.json()
            created = await socket.receive_json(timeout=10)
            assert created["type"] == "TASK_CREATED" and created["data"]["task_id"] == task["task_id"], created
        try:
            await session.ws_connect(f"{url}/api/ws/tasks")
            raise AssertionError("let in without a key")
        except aiohttp.WSServerHandshakeError as refusal:
            assert refusal.status == 401, refusal


@check
async def it_is_spoken_over_tls_too(_):
    with SecureGrid() as grid:
        context = grid.authority.context()
        key = create_key(grid, OWNER)
        async with TriggerX(grid, key, ssl=context) as client:
            assert client.url.startswith("wss://"), client.url
            await client.subscribe(f"user:{OWNER}")
            connection = http.client.HTTPSConnection("localhost", grid.host_and_port[1], context=context, timeout=10)
            with contextlib.closing(connection):
                connection.request(
                    "POST", TASKS, '{"job_id":"secret"}', {"X-Api-Key": key, "Content-Type": "application/json"})
                assert connection.getresponse().status == 201
            assert (await client.expect("TASK_CREATED"))["data"]["job_id"] == "secret"


@check
async def a_stop_says_goodbye(_):
    with fresh() as grid:
        async with TriggerX(grid, key_of(grid)) as client:
            await client.subscribe(f"user:{OWNER}")
            create(grid, job_id="last")
            await client.expect("TASK_CREATED")
            grid.coordinator.process.terminate()
            assert await client.closed() == 1001
            assert not client.inbox, client.inbox
        assert grid.coordinator.process.wait(10) == 0


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits()))

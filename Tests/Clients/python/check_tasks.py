"""Tasks from submission to settled payment, as docs/rest.md and docs/protocol.md describe them."""

import asyncio
import contextlib
import csv
import decimal
import io
import json
import os
import pty
import subprocess
import time
import urllib.parse
import uuid

import triggerx
from check_authentication import no_limits
from checks import Checks
from grid import BINARIES, Grid
from native import Client, is_number, is_time, is_uuid

check = Checks("tasks")
JSON = {"Content-Type": "application/json"}
CUSTOMER, PROVIDER = "customer", "provider"
SHORT = {"runner": "selftest", "arguments": {"seconds": 2, "steps": 4}, "timeout_seconds": 60}
LONG = {"runner": "selftest", "arguments": {"seconds": 60}, "timeout_seconds": 120}
PRICE = decimal.Decimal("0.40")
ENDED = ("completed", "failed", "cancelled")


def call(grid, method, path, user=CUSTOMER, permissions=("task:submit", "node:read"), body=None, **headers):
    """Returns (status, header fields, the answer as JSON)."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        fields = {**JSON, **fields}
    raw = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
    token = grid.sign(user, permissions) if user else None
    status, answered, text = grid.request(path, token=token, method=method, headers=fields, body=raw)
    return status, answered, json.loads(text, parse_float=decimal.Decimal) if text else None


def submit(grid, body=SHORT, **more):
    status, fields, task = call(grid, "POST", "/api/v1/tasks", body=body, **more)
    assert status == 201, (status, task)
    assert fields["location"] == f"/api/v1/tasks/{task['task_id']}", fields
    return task


def refused(grid, method, path, status, code, **more):
    got, fields, answer = call(grid, method, path, **more)
    assert (got, answer["error"]["code"]) == (status, code), (method, path, got, answer)
    assert answer["error"]["message"], answer
    return fields, answer["error"]["message"]


def read(grid, task, tail="", **more):
    status, _, answer = call(grid, "GET", f"/api/v1/tasks/{task}{tail}", **more)
    assert status == 200, (status, answer)
    return answer


def await_status(grid, task, *wanted, seconds=30):
    deadline = time.monotonic() + seconds
    while (found := read(grid, task))["status"] not in wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def balances(grid, user=CUSTOMER, currency="USD"):
    status, _, answer = call(grid, "GET", f"/api/v1/users/{user}/balances", user=user, permissions=())
    assert status == 200 and answer["user_id"] == user, (status, answer)
    return answer["balances"].get(currency)


def deposit(grid, amount, *more, user=CUSTOMER, currency="USD", succeeds=True):
    return grid.command(
        "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", user, "--currency", currency,
        "--amount", amount, *more, check=succeeds)


def control(grid, *arguments, user=CUSTOMER, permissions=("task:submit", "node:read"), succeeds=True):
    return grid.command(
        "neurogridctl", "--url", f"http://{grid.address}", "--token", grid.sign(user, permissions), *arguments,
        check=succeeds)


@contextlib.asynccontextmanager
async def looking_at(grid, *rooms, user=CUSTOMER):
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign(user, ("task:submit",)))
        for room in rooms:
            await client.join(room)
        yield client


# MARK: money


@check
def the_grid_has_a_node_that_offers_the_runner(grid):
    grid.start_agent("node-1", owner=PROVIDER, price=str(PRICE))
    deadline = time.monotonic() + 20
    while True:
        _, _, page = call(grid, "GET", "/api/v1/nodes")
        if [node["status"] for node in page["nodes"]] == ["online"]:
            break
        assert time.monotonic() < deadline, page
        time.sleep(0.05)
    grid.node = page["nodes"][0]["node_id"]


@check
async def a_deposit_is_told_and_adds_up(grid):
    assert balances(grid) is None, "nobody has anything yet"
    async with looking_at(grid, "user_updates") as client:
        deposit(grid, "100.00")
        updated = await client.expect("balance_update")
        assert updated["room"] == "user_updates" and updated["data"]["user_id"] == CUSTOMER, updated
        assert updated["data"]["balances"]["USD"] == {"total": 100, "available": 100, "locked": 0}, updated
        assert is_time(updated["data"]["updated_at"]), updated
        payment = await client.expect("payment_confirmed")
        data = payment["data"]
        assert (data["user_id"], data["amount"], data["currency"]) == (CUSTOMER, 100, "USD"), data
        assert data["type"] == "deposit", data
        assert is_uuid(data["transaction_id"]) and is_time(data["confirmed_at"]), data
    assert balances(grid) == {"total": 100, "available": 100, "locked": 0}


@check
def a_deposit_by_the_same_key_is_the_same(grid):
    for _ in range(2):
        deposit(grid, "5.000001", "--key", "once", currency="NEURO")
    assert balances(grid, currency="NEURO")["total"] == decimal.Decimal("5.000001")
    status, _, error = deposit(grid, "6", "--key", "once", currency="NEURO", succeeds=False)
    assert status not in (0, 64) and error, (status, error)
    for amount in ["0", "-1", "1e3", "0.0000001", "much"]:
        status, _, error = deposit(grid, amount, succeeds=False)
        assert status == 64 and len(error.splitlines()) == 1, (amount, status, error)
    assert balances(grid, currency="NEURO")["total"] == decimal.Decimal("5.000001")


# MARK: one task's life


def amounts(data, currency):
    """A balance's total, available and locked."""
    found = data["balances"][currency]
    return tuple(decimal.Decimal(str(found[name])) for name in ("total", "available", "locked"))


def tells_what_the_document_names(grid, task, seen):
    """Field by field what is told of a task; what became of it is for the check to say."""
    identifier = task["task_id"]
    for event in seen:
        data = event["data"]
        if event["type"] == "task_update":
            assert list(data)[:7] == [
                "task_id", "status", "previous_status", "node_id", "updated_at", "result", "cost"], data
            assert data["node_id"] == (None if data["status"] == "pending" else grid.node), data
            assert is_time(data["updated_at"]), data
        elif event["type"] == "task_assigned":
            assert is_time(data["assigned_at"]), data
            assert list(data.items())[:6] == [
                ("task_id", identifier), ("node_id", grid.node), ("user_id", CUSTOMER), ("model", "gpt-4"),
                ("priority", 5), ("estimated_duration", 120)], data
        else:
            step = data["progress"] // 25
            assert list(data)[:5] == ["task_id", "progress", "stage", "eta_seconds", "message"], data
            assert (data["stage"], data["message"]) == ("burn", f"step {step} of 4"), data
            assert is_number(data["eta_seconds"]) and 0 <= data["eta_seconds"] <= 60, data


@check
async def a_task_goes_from_submission_to_settled_payment(grid):
    before = balances(grid)
    earned = balances(grid, PROVIDER) or {"total": 0}
    async with looking_at(grid, "tasks", "user_updates") as client, looking_at(
        grid, "user_updates", user=PROVIDER
    ) as provider:
        task = submit(grid, {**SHORT, "model": "gpt-4", "priority": 5, "estimated_duration": 120})
        held = task["held"]
        # Ten credits an hour for a minute, rounded up to millionths.
        assert held == decimal.Decimal("0.166667"), task
        hold = (await client.expect("balance_update"))["data"]
        assert amounts(hold, "USD") == (before["total"], before["available"] - held, held), (before, hold)
        seen = []
        while not seen or seen[-1]["type"] != "task_update" or seen[-1]["data"]["status"] not in ENDED:
            event = await client.expect("task_update", "task_assigned", "task_progress", timeout=30)
            assert event["room"] == "tasks" and event["data"]["task_id"] == task["task_id"], event
            seen.append(event)
        tells_what_the_document_names(grid, task, seen)
        updates = [event["data"] for event in seen if event["type"] == "task_update"]
        statuses = []
        for data in updates:
            if [data["status"]] != statuses[-1:]:
                assert data["previous_status"] == (statuses[-1] if statuses else None), updates
                statuses.append(data["status"])
        assert statuses == ["pending", "assigned", "running", "completed"], updates
        assigned = [event for event in seen if event["type"] == "task_assigned"]
        assert [event["data"]["node_id"] for event in assigned] == [grid.node], assigned
        percents = [event["data"]["progress"] for event in seen if event["type"] == "task_progress"]
        assert percents and percents == sorted(percents) and percents[-1] <= 100, percents
        # Its result comes while it runs, and again with its end, as the document has it in one message.
        result = updates[-1]
        assert [data["status"] for data in updates if data["result"]] == ["running", "completed"], updates
        assert updates[-2]["result"] == result["result"] and updates[-2]["cost"] == result["cost"], updates
        assert result["result"]["output"] == {"seconds": 2} and result["result"]["tokens_used"] is None, result
        assert 1.5 <= result["result"]["processing_time"] <= 60, result
        cost = decimal.Decimal(str(result["cost"]["amount"]))
        assert 0 < cost <= held and result["cost"]["currency"] == "USD", result
        paid = await client.expect("payment_confirmed")
        assert paid["room"] == "user_updates" and paid["data"]["user_id"] == CUSTOMER, paid
        assert (paid["data"]["type"], paid["data"]["related_task"]) == ("task_payment", task["task_id"]), paid
        assert decimal.Decimal(str(paid["data"]["amount"])) == cost and paid["data"]["currency"] == "USD", paid
        assert is_uuid(paid["data"]["transaction_id"]) and is_time(paid["data"]["confirmed_at"]), paid
        settled = (await client.expect("balance_update"))["data"]
        rest = before["total"] - cost
        assert amounts(settled, "USD") == (rest, rest, 0) and is_time(settled["updated_at"]), (before, settled)
        # What the check before deposited is told as well: every currency of the user's, in each message.
        assert amounts(settled, "NEURO") == (decimal.Decimal("5.000001"), decimal.Decimal("5.000001"), 0), settled
        earning = await provider.expect("payment_confirmed")
        assert (earning["data"]["type"], earning["data"]["user_id"]) == ("task_earning", PROVIDER), earning
    now = balances(grid)
    assert now == {"total": before["total"] - cost, "available": before["available"] - cost, "locked": 0}, (before, now)
    share = balances(grid, PROVIDER)["total"] - earned["total"]
    millionth = decimal.Decimal("0.000001")
    fee = (cost * decimal.Decimal("0.05")).quantize(millionth, decimal.ROUND_DOWN)
    assert share == cost - fee == decimal.Decimal(str(earning["data"]["amount"])), (cost, fee, share)


@check
def what_is_read_is_what_was_told(grid):
    task = await_status(grid, submit(grid, {**SHORT, "job_id": "a/b ü", "priority": 7})["task_id"], *ENDED)
    assert task["status"] == "completed" and task["progress"] == 100 and task["held"] == 0, task
    assert task["runner"] == "selftest" and task["arguments"] == SHORT["arguments"] and task["priority"] == 7, task
    assert task["user_id"] == CUSTOMER and task["job_id"] == "a/b ü" and task["node_id"] == grid.node, task
    assert read(grid, task["task_number"]) == task
    outcome = read(grid, task["task_id"], "/result")
    assert outcome["result"] == task["result"] and outcome["cost"] == task["cost"], outcome
    log = read(grid, task["task_id"], "/log?from=0")
    assert log["complete"] is True and log["missed"] == 0 and log["next"] >= len(log["chunks"]), log
    placement = task["members"][0]["placement"]
    assert placement["runner_up"] is None and placement["difference"] is None, placement
    winner = placement["winner"]
    assert winner["total"] == winner["price"] + winner["hazard"] + winner["fragmentation"], winner
    status, _, job = call(grid, "GET", "/api/v1/jobs/a%2Fb%20%C3%BC")
    assert status == 200 and job["tasks"] == [task["task_id"]], job
    assert (job["status"], job["progress"]) == ("completed", 100), job


@check
def tasks_are_listed_newest_first_in_pages(grid):
    job = f"pages-{uuid.uuid4()}"
    status, _, made = call(grid, "POST", "/api/v1/jobs", body={"job_id": job, "tasks": [SHORT] * 5})
    assert status == 201 and made["job_id"] == job and len(made["tasks"]) == 5, (status, made)
    numbers, cursor = [], ""
    while True:
        _, _, page = call(grid, "GET", f"/api/v1/tasks?job={job}&limit=2{cursor}")
        numbers += [task["task_number"] for task in page["tasks"]]
        if page["next_cursor"] is None:
            break
        assert len(page["tasks"]) == 2, page
        cursor = f"&cursor={page['next_cursor']}"
    assert numbers == sorted((task["task_number"] for task in made["tasks"]), reverse=True), numbers
    status, _, cancelled = call(grid, "POST", f"/api/v1/jobs/{job}/cancel")
    assert status == 200, cancelled
    for task in made["tasks"]:
        await_status(grid, task["task_id"], *ENDED)
    _, _, page = call(grid, "GET", f"/api/v1/tasks?job={job}&state=pending,assigned,running")
    assert page == {"tasks": [], "next_cursor": None}, page
    assert balances(grid)["locked"] == 0


@check
async def a_cancelled_task_ends_at_once_and_costs_nothing(grid):
    before = balances(grid)
    async with looking_at(grid, "tasks") as client:
        task = submit(grid, LONG)["task_id"]
        await_status(grid, task, "running")
        assert balances(grid)["locked"] > 0
        status, _, answer = call(grid, "DELETE", f"/api/v1/tasks/{task}")
        assert status == 200 and answer["status"] == "cancelled" and answer["held"] == 0, (status, answer)
        event = await client.expect("task_update", where=lambda event: event["data"]["status"] == "cancelled")
        assert event["data"]["previous_status"] == "running" and event["data"]["task_id"] == task, event
    assert balances(grid) == before
    # Cancelling twice is cancelling once; what ended otherwise cannot be cancelled.
    status, _, answer = call(grid, "POST", f"/api/v1/tasks/{task}/cancel")
    assert status == 200 and answer["status"] == "cancelled", (status, answer)
    _, _, page = call(grid, "GET", "/api/v1/tasks?state=completed&limit=1")
    ended = page["tasks"][0]["task_id"]
    refused(grid, "DELETE", f"/api/v1/tasks/{ended}", 409, "NOT_CANCELLABLE")
    refused(grid, "POST", f"/api/v1/tasks/{ended}/cancel", 409, "NOT_CANCELLABLE")


# MARK: who is told of what


@check
async def a_filter_lets_through_its_user_its_states_and_its_nodes(grid):
    deposit(grid, "10", user="alice")
    deposit(grid, "10", user="bob")
    async with contextlib.AsyncExitStack() as stack:
        async def admin(**filters):
            client = await stack.enter_async_context(Client(grid.url))
            await client.authenticate(grid.sign("root", ("admin",)))
            await client.join("tasks", filters)
            return client

        everything, of_alice, waiting_or_running = await admin(), await admin(user_id="alice"), await admin(
            status=["pending", "running"])
        here, elsewhere = await admin(node_ids=[grid.node]), await admin(node_ids=[str(uuid.uuid4())])
        region, no_region = await admin(regions=["eu-west-1", "us-east-1"]), await admin(regions=["us-east-1"])
        both = await admin(user_id="alice", status=["completed"])
        bob = await stack.enter_async_context(looking_at(grid, "tasks", "user_updates", user="bob"))
        quick = {**SHORT, "arguments": {"seconds": 0}}
        tasks = {user: submit(grid, quick, user=user)["task_id"] for user in ("bob", "alice")}
        for task in tasks.values():
            await everything.expect("task_update", where=is_of(task, "completed"), timeout=30)
        # Whatever could have been told of these stands before what is told of the next ones.
        marks = {user: submit(grid, LONG, user=user)["task_id"] for user in ("bob", "alice")}
        for task in marks.values():
            await everything.expect("task_update", where=is_of(task, "running"), timeout=30)

        def told(client):
            return {(m["data"]["task_id"], m["data"]["status"]) for m in client.inbox if m["type"] == "task_update"}

        for client in (of_alice, waiting_or_running, here, region):
            await client.expect("task_update", where=is_of(marks["alice"], "running"))
        await bob.expect("task_update", where=is_of(marks["bob"], "running"))
        alice = {(tasks["alice"], status) for status in ("pending", "assigned", "running", "completed")}
        assert alice <= told(of_alice) and {task for task, _ in told(of_alice)} == {
            tasks["alice"], marks["alice"]}, told(of_alice)
        # The state that it is in now: what was told of it before is no matter.
        assert told(waiting_or_running) >= {(task, "running") for task in tasks.values()}, told(waiting_or_running)
        assert {status for _, status in told(waiting_or_running)} == {"pending", "running"}, waiting_or_running.inbox
        for client in (here, region):
            assert told(client) >= {(task, "completed") for task in tasks.values()}, told(client)
        assert {task for task, _ in told(bob)} == {tasks["bob"], marks["bob"]}, told(bob)
        assert {m["data"]["user_id"] for m in bob.inbox if m.get("room") == "user_updates"} == {"bob"}, bob.inbox
        await both.expect("task_update", where=is_of(tasks["alice"], "completed"))
        for user, task in marks.items():
            assert call(grid, "DELETE", f"/api/v1/tasks/{task}", user=user)[0] == 200
            await everything.expect("task_update", where=is_of(task, "cancelled"))
        for client in (elsewhere, no_region, both):
            assert await client.is_alive()
            assert not told(client), client.inbox


def is_of(task, status):
    return lambda event: (event["data"]["task_id"], event["data"]["status"]) == (task, status)


@check
async def rooms_of_others_look_like_none(grid):
    job = f"room-{uuid.uuid4()}"
    task = submit(grid, {**SHORT, "job_id": job})["task_id"]
    async with Client(grid.url) as owner, Client(grid.url) as stranger:
        await owner.authenticate(grid.sign(CUSTOMER, ("task:submit",)))
        await stranger.authenticate(grid.sign("stranger", ("task:submit",)))
        for room in (f"task:{task}", f"job:{job}"):
            await owner.join(room)
        words = set()
        for room in (f"task:{task}", f"job:{job}", f"task:{uuid.uuid4()}", "job:nosuch"):
            await stranger.send("join_room", room=room)
            words.add((await stranger.refused("UNKNOWN_ROOM"))["data"]["message"].replace(room, "ROOM"))
        assert len(words) == 1, words
        end = await owner.expect("task_update", where=is_of(task, "completed"), timeout=30)
        assert end["room"] == "tasks", end
        assert await stranger.is_alive() and not stranger.inbox, stranger.inbox


@check
async def a_fee_is_told_as_what_the_task_costs(grid):
    key = triggerx.create_key(grid, CUSTOMER)
    async with looking_at(grid, "tasks") as client:
        status, task = triggerx.call(
            grid, "POST", "/api/tasks", key, {"job_id": "7", "task_definition_id": 4, "is_imua": True})
        assert status == 201, task
        created = (await client.expect("task_update"))["data"]
        assert (created["status"], created["previous_status"], created["cost"]) == ("pending", None, None), created
        status, answer = triggerx.call(grid, "PUT", f"/api/tasks/{task['task_id']}/fee", key, {"fee": 0.25})
        assert status == 200, answer
        priced = (await client.expect("task_update"))["data"]
        assert priced["task_id"] == created["task_id"] and priced["status"] == "pending", priced
        assert priced["cost"] == {"amount": 0.25, "currency": "USD"} and priced["result"] is None, priced
        assert call(grid, "DELETE", f"/api/v1/tasks/{created['task_id']}")[0] == 200


@check
async def the_platforms_figures_count_what_ran(grid):
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign("root", ("admin",)))
        await client.join("analytics")
        update = await client.expect("analytics_update", timeout=20)
        figures = update["data"]["metrics"]
        assert update["room"] == "analytics" and is_time(update["data"]["timestamp"]), update
        assert figures["active_users"] >= 2 and figures["active_nodes"] == 1, figures
        # Seconds from submission to end, of whatever has ended so far: none of it took a minute.
        assert 0 < figures["average_response_time"] < 60, figures
        assert isinstance(figures["tasks_per_minute"], int) and figures["tasks_per_minute"] >= 0, figures
        traffic = figures["network_utilization"]
        assert traffic is None or is_number(traffic) and 0 <= traffic <= 100, figures


# MARK: what is refused


@check
def the_same_key_is_the_same_request(grid):
    key = str(uuid.uuid4())
    first = submit(grid, Idempotency_Key=key)
    again = submit(grid, {**SHORT, "priority": 5, "region": None}, Idempotency_Key=key)
    assert again["task_id"] == first["task_id"] and again["task_number"] == first["task_number"], (first, again)
    changed = {**SHORT, "priority": 6}
    refused(grid, "POST", "/api/v1/tasks", 409, "IDEMPOTENCY_CONFLICT", body=changed, Idempotency_Key=key)
    deposit(grid, "1", user="another")
    other = submit(grid, user="another", Idempotency_Key=key)
    assert other["task_id"] != first["task_id"], "a key is its user's"
    job = {"tasks": [SHORT, {**SHORT, "priority": 1}]}
    made = [call(grid, "POST", "/api/v1/jobs", body=job, Idempotency_Key=key)[2] for _ in range(2)]
    assert made[0]["job_id"] == made[1]["job_id"], made
    assert [t["task_id"] for t in made[0]["tasks"]] == [t["task_id"] for t in made[1]["tasks"]], made
    changed = {"job_id": made[0]["job_id"], "tasks": [{**SHORT, "priority": 2}, SHORT]}
    refused(grid, "POST", "/api/v1/jobs", 409, "IDEMPOTENCY_CONFLICT", body=changed, Idempotency_Key=key)
    for task in [first, *made[0]["tasks"]]:
        await_status(grid, task["task_id"], *ENDED)


@check
def bad_input_is_refused_with_its_field_and_nothing_is_held(grid):
    before = balances(grid)
    for change, field in [
        ({"runner": 5}, "runner"), ({"runner": "../bin/sh"}, "runner"), ({"runner": ""}, "runner"),
        ({"gpus": 1}, "gpus"), ({"gpu_count": 65}, "gpu_count"), ({"gpu_count": "1"}, "gpu_count"),
        ({"gpu_count": 1, "gpu_milli": 5}, "gpu_milli"), ({"priority": 11}, "priority"),
        ({"price_cap": -1}, "price_cap"), ({"price_cap": "1"}, "price_cap"),
        ({"timeout_seconds": 0}, "timeout_seconds"), ({"timeout_seconds": 1 << 40}, "timeout_seconds"),
        ({"arguments": [1]}, "arguments"),
        ({"arguments": {"a": {}}}, "arguments.a"), ({"arguments": {"a": "\0"}}, "arguments.a"),
        ({"arguments": {"a": "x" * 4097}}, "arguments.a"), ({"arguments": {"A b": 1}}, "arguments."),
        ({"input": "x" * 65_536}, "input"), ({"currency": "usd"}, "currency"), ({"currency": "XYZ"}, "currency"),
        ({"job_id": ""}, "job_id"), ({"job_id": "x" * 129}, "job_id"), ({"region": "x" * 65}, "region"),
    ]:
        _, message = refused(grid, "POST", "/api/v1/tasks", 400, "BAD_REQUEST", body={**SHORT, **change})
        assert message.startswith((field, f'"{field}')), (change, message)
    _, message = refused(grid, "POST", "/api/v1/jobs", 400, "BAD_REQUEST", body={"tasks": [SHORT, {}]})
    assert message.startswith("tasks[1].runner"), message
    for body in ["", "{", "[]", "null", '{"runner":"a","runner":"b"}']:
        refused(grid, "POST", "/api/v1/tasks", 400, "BAD_REQUEST", body=body)
    for key in ["a b", "x" * 129]:
        refused(grid, "POST", "/api/v1/tasks", 400, "BAD_REQUEST", body=SHORT, Idempotency_Key=key)
    refused(grid, "POST", "/api/v1/tasks", 415, "UNSUPPORTED_MEDIA_TYPE", body=SHORT, Content_Type="text/plain")
    refused(grid, "POST", "/api/v1/tasks", 422, "UNKNOWN_RUNNER", body={**SHORT, "runner": "nosuch"})
    refused(grid, "POST", "/api/v1/tasks", 422, "IMPOSSIBLE_REQUEST", body={**SHORT, "gpu_count": 64})
    refused(grid, "POST", "/api/v1/tasks", 402, "INSUFFICIENT_BALANCE", body=SHORT, user="pauper")
    refused(grid, "POST", "/api/v1/tasks", 403, "FORBIDDEN", body=SHORT, permissions=("node:read",))
    refused(grid, "POST", "/api/v1/tasks", 401, "NOT_AUTHENTICATED", body=SHORT, user=None)
    fields, _ = refused(grid, "PUT", "/api/v1/tasks", 405, "METHOD_NOT_ALLOWED", body=SHORT)
    assert fields["allow"] == "GET, HEAD, POST", fields
    assert balances(grid) == before


@check
def what_is_not_ones_own_looks_like_nothing(grid):
    job = f"mine-{uuid.uuid4()}"
    task = submit(grid, {**SHORT, "job_id": job})
    for names in [(task["task_id"], job), (str(uuid.uuid4()), "nosuch")]:
        for method, path in [
            ("GET", f"/api/v1/tasks/{names[0]}"), ("GET", f"/api/v1/tasks/{names[0]}/result"),
            ("GET", f"/api/v1/tasks/{names[0]}/log"), ("DELETE", f"/api/v1/tasks/{names[0]}"),
            ("GET", f"/api/v1/jobs/{names[1]}"), ("POST", f"/api/v1/jobs/{names[1]}/cancel"),
        ]:
            refused(grid, method, path, 404, "NOT_FOUND", user="stranger")
    for user in [CUSTOMER, "nosuch"]:
        refused(grid, "GET", f"/api/v1/users/{user}/balances", 404, "NOT_FOUND", user="stranger")
        refused(grid, "GET", f"/api/v1/tasks?user_id={user}", 403, "FORBIDDEN", user="stranger")
    _, _, page = call(grid, "GET", "/api/v1/tasks", user="stranger")
    assert page["tasks"] == [], page
    assert read(grid, task["task_id"], user="root", permissions=("admin",))["user_id"] == CUSTOMER
    await_status(grid, task["task_id"], *ENDED)


# MARK: administrators and the terminal


@check
async def a_drained_node_gets_nothing_new(grid):
    refused(grid, "POST", f"/api/v1/nodes/{grid.node}/drain", 403, "FORBIDDEN")
    admin = {"user": "root", "permissions": ("admin",)}
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign(CUSTOMER, ("node:read",)))
        await client.join("nodes")
        status, _, node = call(grid, "POST", f"/api/v1/nodes/{grid.node}/drain", **admin)
        assert status == 200 and node["status"] == "draining", (status, node)
        told = (await client.expect("node_status"))["data"]
        assert (told["status"], told["previous_status"]) == ("draining", "online"), told
        task = submit(grid)["task_id"]
        time.sleep(1)
        assert read(grid, task)["status"] == "pending"
        status, _, node = call(grid, "POST", f"/api/v1/nodes/{grid.node}/undrain", **admin)
        assert status == 200 and node["status"] != "draining", (status, node)
        told = (await client.expect("node_status"))["data"]
        assert told["previous_status"] == "draining", told
    assert await_status(grid, task, *ENDED)["status"] == "completed"
    refused(grid, "POST", f"/api/v1/nodes/{uuid.uuid4()}/drain", 404, "NOT_FOUND", **admin)
    status, _, trust = call(grid, "GET", "/api/v1/trust", **admin)
    assert status == 200 and trust["next_cursor"] is None and isinstance(trust["trust"], list), trust


@check
def the_terminal_submits_follows_explains_and_pays(grid):
    status, output, error = control(
        grid, "submit", "--runner", "selftest", "--arg", "seconds=1", "--timeout", "1m", "--wait", "--json")
    task = json.loads(output.splitlines()[-1])
    assert status == 0 and task["status"] == "completed", (output, error)
    number = str(task["task_number"])
    assert task["task_id"] in control(grid, "tasks", "--state", "completed")[1]
    assert "completed" in control(grid, "task", number)[1]
    assert grid.node in control(grid, "why", number)[1]
    assert json.loads(control(grid, "logs", number, "--json")[1] or "{}") is not None
    assert "USD" in control(grid, "balances")[1]
    assert control(grid, "cancel", number, succeeds=False)[0] == 69
    status, _, error = control(grid, "submit", "--runner", "nosuch", succeeds=False)
    assert status == 69 and "UNKNOWN_RUNNER" in error, (status, error)
    status, _, error = control(
        grid, "submit", "--runner", "selftest", "--arg", "seconds=0", "--arg", "fail=3", "--wait", succeeds=False)
    assert status == 1 and "failed" in error, (status, error)


@check
def a_progress_bar_is_drawn_on_a_terminal(grid):
    task = submit(grid)
    terminal, far_end = pty.openpty()
    token = grid.sign(CUSTOMER, ("task:submit",))
    follower = subprocess.Popen(
        [str(BINARIES / "neurogridctl"), "--url", f"http://{grid.address}", "--token", token, "logs",
         str(task["task_number"]), "--follow"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=far_end)
    os.close(far_end)
    drawn = b""
    with contextlib.suppress(OSError):  # The far end's close reads as an error.
        while piece := os.read(terminal, 4096):
            drawn += piece
    os.close(terminal)
    follower.communicate(timeout=20)
    assert follower.returncode == 0 and "░".encode() in drawn and b"%" in drawn, drawn


@check
def a_statement_adds_up_to_the_balance(grid):
    for user, currency in [(CUSTOMER, "USD"), (CUSTOMER, "NEURO"), (PROVIDER, "USD")]:
        text = grid.command(
            "neurogrid-coordinator", "statement", "--data-dir", str(grid.data), "--user", user,
            "--currency", currency)[1]
        rows = list(csv.DictReader(io.StringIO(text)))
        assert rows, text
        last, now = rows[-1], balances(grid, user, currency)
        assert decimal.Decimal(last["available"]) == now["available"], (last, now)
        assert decimal.Decimal(last["locked"]) == now["locked"], (last, now)
        for column in ["available", "locked"]:
            assert sum(decimal.Decimal(row[f"{column}_change"]) for row in rows) == now[column], (column, now)
        assert [int(row["number"]) for row in rows] == sorted({int(row["number"]) for row in rows}), rows


@check
def every_documented_path_is_there(grid):
    status, _, document = call(grid, "GET", "/openapi.json", user=None)
    assert status == 200 and document["openapi"].startswith("3."), status
    for path, item in document["paths"].items():
        if path == "/events":
            continue
        real = path.replace("{node_id}", grid.node).replace("{task_id}", "1").replace("{job_id}", "j")
        real = real.replace("{user_id}", CUSTOMER)
        status, fields, _ = call(grid, "PATCH", real, user="root", permissions=("admin",))
        assert status == 405, (path, status)
        allowed = set(fields["allow"].split(", ")) - {"HEAD"}
        assert allowed == {method.upper() for method in item if method != "parameters"}, (path, allowed)


@check
def what_was_acknowledged_survives_a_power_cut(grid):
    task = submit(grid, {**SHORT, "job_id": "survivor"})
    before = balances(grid)["total"]
    listen = grid.address
    grid.coordinator.kill()
    # Also while nobody listens.
    deposit(grid, "7")
    grid.start_coordinator(listen=listen)
    ended = await_status(grid, task["task_id"], *ENDED, seconds=50)
    assert ended["status"] == "completed" and ended["task_number"] == task["task_number"], ended
    assert balances(grid)["total"] == before + 7 - ended["cost"]["amount"] and balances(grid)["locked"] == 0


@check
def names_that_look_alike_are_two_users_and_one_job(grid):
    """An accent as one character, and as a letter with a mark behind it."""
    names = ["caf\u00e9", "cafe\u0301"]
    for number, name in enumerate(names, 1):
        deposit(grid, str(number), user=name)
    tasks = [submit(grid, {**SHORT, "job_id": name}, user="another") for name in names]
    assert [task["job_id"] for task in tasks] == names[:1] * 2, tasks
    listen = grid.address
    grid.coordinator.kill()
    grid.start_coordinator(listen=listen)
    for number, name in enumerate(names, 1):
        path = f"/api/v1/users/{urllib.parse.quote(name)}/balances"
        status, _, answer = call(grid, "GET", path, user=name)
        assert status == 200 and answer["user_id"] == name, (status, answer)
        assert answer["balances"]["USD"]["total"] == number, answer
        refused(grid, "GET", path, 404, "NOT_FOUND", user=names[number - 2])
    for name in names:
        _, _, page = call(grid, "GET", f"/api/v1/tasks?job={urllib.parse.quote(name)}", user="another")
        assert [task["task_id"] for task in page["tasks"]] == [task["task_id"] for task in reversed(tasks)], page


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits()))

"""QUBIX' WebSocket guide, sentence by sentence, with a client that knows nothing but that document."""

import asyncio
import contextlib
import json
import os
import time

from checks import Checks
from check_authentication import no_limits
from grid import Grid
from native import Client, is_percent, is_uuid
from publisher import Publisher
from qubix import Qubix
from websockets.exceptions import InvalidStatus

check = Checks("qubix")
PRICE = 0.4
JSON = {"Content-Type": "application/json"}
OWNER = "anna"


def statistics(grid, **request):
    status, headers, body = grid.request("/api/websocket/stats", **request)
    assert status == 200 and headers["content-type"] == "application/json", (status, headers, body)
    answer = json.loads(body)
    assert set(answer) == {"success", "stats"} and answer["success"] is True, answer
    stats = answer["stats"]
    assert set(stats) == {"totalClients", "totalSubscriptions", "subscriptionDetails"}, stats
    for line in stats["subscriptionDetails"]:
        assert set(line) == {"subscriptionId", "subscriberCount"}, line
    return stats["totalClients"], stats["totalSubscriptions"], {
        line["subscriptionId"]: line["subscriberCount"] for line in stats["subscriptionDetails"]}


async def until_statistics(grid, expected):
    deadline = time.monotonic() + 10
    while (found := statistics(grid)) != expected:
        assert time.monotonic() < deadline, (found, expected)
        await asyncio.sleep(0.02)


def submit(grid, path="/api/v1/tasks", **body):
    token = grid.sign(OWNER, ["task:submit"])
    status, _, answer = grid.request(path, token=token, method="POST", headers=JSON, body=json.dumps(body))
    assert status == 201, (status, answer)
    return json.loads(answer)


def is_offline(message, provider):
    return message["data"]["providerId"] == provider and message["data"]["status"] == "offline"


def selftest(seconds=1, **more):
    return {"runner": "selftest", "arguments": {"seconds": seconds, "steps": 2}, "timeout_seconds": 60, **more}


# MARK: the market


@check
async def a_new_provider_is_told_to_every_client_subscribed_or_not(grid):
    async with Qubix(grid) as silent, Qubix(grid, "/qubix") as subscribed:
        assert await subscribed.subscribe("marketplace") == "marketplace"
        await silent.settle()
        grid.command(
            "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", OWNER, "--currency", "USD",
            "--amount", "100.00")
        grid.start_agent("node-1", owner="owner-1", price=str(PRICE))
        seen = []
        for client in (silent, subscribed):
            event = await client.expect("PROVIDER_REGISTERED")
            assert event["subscriptionId"] == "marketplace", event
            assert set(event["data"]) == {"id", "workerId", "gpuModel", "pricePerHour"}, event
            assert is_uuid(event["data"]["id"]) and event["data"]["pricePerHour"] == PRICE, event
            assert len(event["data"]["workerId"]) == 64, event
            seen.append(event)
        assert seen[0] == seen[1], seen
        grid.provider = seen[0]["data"]["id"]
        status = await subscribed.expect("PROVIDER_STATUS_CHANGED")
        assert status["subscriptionId"] == f"provider:{grid.provider}", status
        assert status["data"] == {
            "providerId": grid.provider, "isOnline": True, "isAvailable": True, "status": "online"}, status
        market = await subscribed.expect("MARKETPLACE_UPDATE")
        assert market["subscriptionId"] == "marketplace" and market["data"] == {
            "providerId": grid.provider, "isAvailable": True, "rental": "free", "pricePerHour": PRICE}, market
        await asyncio.sleep(2.5)
        for client in (silent, subscribed):
            await client.settle()
            assert not client.inbox, client.inbox


@check
async def metrics_go_to_the_providers_subscribers(grid):
    async with Qubix(grid) as client, Qubix(grid) as other:
        assert await client.subscribe("provider", grid.provider) == f"provider:{grid.provider}"
        assert await other.subscribe("marketplace") == "marketplace"
        for _ in range(2):
            event = await client.expect("GPU_METRICS_UPDATE")
            assert event["subscriptionId"] == f"provider:{grid.provider}", event
            assert set(event["data"]) == {"providerId", "metrics"} and event["data"]["providerId"] == grid.provider
            metrics = event["data"]["metrics"]
            assert set(metrics) == {"cpuPercent", "ramPercent", "gpuPercent", "gpuTemp"}, event
            assert is_percent(metrics["cpuPercent"]) and is_percent(metrics["ramPercent"]), event
            assert metrics["gpuPercent"] is None or is_percent(metrics["gpuPercent"]), event
        await other.settle()
        assert not other.inbox, other.inbox


@check
async def readings_of_cards_are_told_in_the_documents_shape(grid):
    async with Publisher(grid, "cards") as node, Qubix(grid) as client:
        await client.subscribe("provider", node.node)
        await node.sample()
        event = await client.expect("GPU_METRICS_UPDATE")
        metrics = event["data"]["metrics"]
        assert metrics == {"cpuPercent": 1.5, "ramPercent": None, "gpuPercent": 1, "gpuTemp": 60}, event
    async with Qubix(grid) as client:
        await client.subscribe("marketplace")
        async with Publisher(grid, "more cards"):
            registered = await client.expect("PROVIDER_REGISTERED")
            assert registered["data"]["gpuModel"] == "Checked GPU", registered
            assert registered["data"]["pricePerHour"] is None, registered
        # It said goodbye: no lease has to end first.
        ours = registered["data"]["id"]
        gone = await client.expect("PROVIDER_STATUS_CHANGED", where=lambda m: is_offline(m, ours))
        assert gone["data"]["isOnline"] is False and gone["data"]["isAvailable"] is False, gone


@check
async def an_event_comes_once_however_many_subscriptions_match(grid):
    async with Qubix(grid) as client:
        await client.subscribe("marketplace")
        async with Publisher(grid, "once") as node:
            for _ in range(2):
                await client.subscribe("provider", node.node)
            await client.subscribe("provider", f"provider:{node.node}")
            await node.sample()
            await client.expect("GPU_METRICS_UPDATE")
        await client.expect("PROVIDER_STATUS_CHANGED", where=lambda m: is_offline(m, node.node))
        await client.expect("MARKETPLACE_UPDATE", where=lambda m: not m["data"]["isAvailable"])
        await client.settle()
        assert not [m for m in client.of_type("PROVIDER_STATUS_CHANGED") if is_offline(m, node.node)], client.inbox
        assert not client.of_type("GPU_METRICS_UPDATE"), client.inbox


@check
async def a_provider_that_is_rented_as_a_whole_is_told_and_free_again(grid):
    async with Qubix(grid) as client:
        await client.subscribe("marketplace")
        cores = os.cpu_count()
        task = submit(grid, **selftest(seconds=2, cpu_milli=cores * 1000))
        busy = await client.expect("PROVIDER_STATUS_CHANGED", where=lambda m: m["data"]["status"] == "busy")
        assert busy["data"] == {
            "providerId": grid.provider, "isOnline": True, "isAvailable": False, "status": "busy"}, busy
        rented = await client.expect("MARKETPLACE_UPDATE")
        assert rented["data"] == {
            "providerId": grid.provider, "isAvailable": False, "rental": "rented", "pricePerHour": PRICE}, rented
        free = await client.expect("MARKETPLACE_UPDATE", timeout=30)
        assert free["data"]["rental"] == "free" and free["data"]["isAvailable"] is True, free
        online = await client.expect("PROVIDER_STATUS_CHANGED")
        assert online["data"]["status"] == "online", (online, task)


# MARK: jobs


@check
async def a_job_is_told_from_its_progress_to_its_end(grid):
    token = grid.sign(OWNER, ["task:submit"])
    task = submit(grid, **selftest(seconds=3))
    job = task["job_id"]
    async with Qubix(grid, token=token) as client, Qubix(grid, token=token) as other:
        assert await client.subscribe("job", job) == f"job:{job}"
        end = await client.expect("JOB_COMPLETED", timeout=30)
        assert end["subscriptionId"] == f"job:{job}", end
        assert set(end["data"]) == {"jobId", "status", "result"} and end["data"]["jobId"] == job, end
        assert end["data"]["status"] == "completed" and end["data"]["result"]["taskId"] == task["task_id"], end
        steps = client.of_type("JOB_PROGRESS")
        assert steps, client.inbox
        for step in steps:
            assert step["subscriptionId"] == f"job:{job}", step
            assert set(step["data"]) == {"jobId", "progress"} and step["data"]["jobId"] == job, step
            assert set(step["data"]["progress"]) == {"progress", "status"}, step
        values = [step["data"]["progress"]["progress"] for step in steps]
        assert values == sorted(values) and all(map(is_percent, values)), values
        assert "running" in {step["data"]["progress"]["status"] for step in steps}, steps
        await asyncio.sleep(0.3)
        await client.settle()
        assert not client.of_type("JOB_COMPLETED"), "its end is told once"
        await other.settle()
        assert not other.inbox, other.inbox


@check
async def a_job_of_several_tasks_ends_once_with_the_last_of_them(grid):
    answer = submit(grid, "/api/v1/jobs", job_id="several", tasks=[selftest(3), selftest(4), selftest(3)])
    assert answer["job_id"] == "several", answer
    async with Qubix(grid, token=grid.sign(OWNER, ["task:submit"])) as client:
        assert await client.subscribe("job", "several") == "job:several"
        end = await client.expect("JOB_COMPLETED", timeout=30)
        assert end["data"]["status"] == "completed", end
        values = [m["data"]["progress"]["progress"] for m in client.of_type("JOB_PROGRESS")]
        assert values == sorted(values) and all(map(is_percent, values)), values
        await client.settle()
        assert not client.of_type("JOB_COMPLETED"), client.inbox


@check
async def jobs_need_a_token_and_are_their_owners(grid):
    job = submit(grid, **selftest())["job_id"]
    async with Qubix(grid) as anonymous:
        await anonymous.refused("NOT_AUTHENTICATED", "subscribe:job", subscriptionId=job)
    async with Qubix(grid, token=grid.sign("mallory", ["task:submit"])) as foreign:
        theirs = await foreign.refused("UNKNOWN_ROOM", "subscribe:job", subscriptionId=job)
        none = await foreign.refused("UNKNOWN_ROOM", "subscribe:job", subscriptionId="0" * len(job))
        assert theirs["data"]["message"].replace(job, "") == none["data"]["message"].replace("0" * len(job), "")
    async with Qubix(grid, token=grid.sign(OWNER, ["node:read"])) as unpermitted:
        await unpermitted.refused("FORBIDDEN", "subscribe:job", subscriptionId=job)
    header = {"additional_headers": {"Authorization": "Bearer " + grid.sign("boss", ["admin"])}}
    async with Qubix(grid, **header) as administrator:
        await administrator.subscribe("job", job)


# MARK: messages


@check
async def subscriptions_end_when_asked(grid):
    async with Qubix(grid) as client:
        name = await client.subscribe("provider", grid.provider)
        await client.expect("GPU_METRICS_UPDATE")
        await client.send("unsubscribe", subscriptionId=name)
        answer = await client.expect("unsubscribed")
        assert set(answer) == {"type", "subscriptionId", "timestamp"} and answer["subscriptionId"] == name, answer
        client.inbox.clear()
        await asyncio.sleep(2.5)
        await client.settle()
        assert not client.inbox, client.inbox
        await client.refused("NOT_IN_ROOM", "unsubscribe", subscriptionId=name)
        await client.refused("NOT_IN_ROOM", "unsubscribe", subscriptionId="nonsense")


@check
async def a_provider_may_be_waited_for(grid):
    async with Qubix(grid) as client:
        # As the document's own example has it.
        assert await client.subscribe("provider", "provider-123") == "provider:provider-123"
        await client.send("unsubscribe", subscriptionId="provider:provider-123")
        assert (await client.expect("unsubscribed"))["subscriptionId"] == "provider:provider-123"


@check
async def malformed_and_foreign_messages_keep_the_connection(grid):
    async with Qubix(grid) as client:
        for text in ["nonsense", "[]", "{}", '{"type":5}', '{"type":"ping"', "null"]:
            await client.socket.send(text)
            await client.error("INVALID_MESSAGE")
        await client.socket.send(b'{"type":"ping"}')
        await client.error("INVALID_MESSAGE")
        for kind in ["subscribe:provider", "subscribe:job", "unsubscribe"]:
            await client.refused("INVALID_MESSAGE", kind)
            await client.refused("INVALID_MESSAGE", kind, subscriptionId=7)
        await client.refused("INVALID_MESSAGE", "subscribe:provider", subscriptionId="x" * 4096)
        for kind in ["pong", "subscribed", "PROVIDER_REGISTERED", "JOB_COMPLETED", "authenticate", "'; DROP TABLE"]:
            await client.refused("UNKNOWN_TYPE", kind)
        await client.settle()


@check
async def a_bad_token_counts_as_none(grid):
    for token, code in [("nonsense", "INVALID_TOKEN"), (grid.sign(expires_in=-60), "TOKEN_EXPIRED")]:
        async with Qubix(grid, token=token) as client:
            await client.error(code)
            await client.subscribe("marketplace")
            await client.refused("NOT_AUTHENTICATED", "subscribe:job", subscriptionId="j")


@check
async def a_session_ends_with_its_token(grid):
    async with Qubix(grid, token=grid.sign(OWNER, ["task:submit"], expires_in=2)) as client:
        await client.error("TOKEN_EXPIRED")
        assert await client.closed() == 1008


@check
async def behind_a_proxy_the_market_needs_a_token(grid):
    forwarded = {"additional_headers": {"X-Forwarded-For": "192.0.2.7"}}
    token = grid.sign("u", ["node:read"])
    async with Qubix(grid, **forwarded) as client, Qubix(grid, token=token, **forwarded) as named:
        await client.refused("NOT_AUTHENTICATED", "subscribe:marketplace")
        await client.refused("NOT_AUTHENTICATED", "subscribe:provider", subscriptionId=grid.provider)
        await named.subscribe("marketplace")
        async with Publisher(grid, "unseen"):
            await named.expect("PROVIDER_REGISTERED")
        await client.settle()
        assert not client.inbox, "arrivals are the market's"


# MARK: statistics


@check
async def statistics_count_clients_and_different_subscriptions(grid):
    await until_statistics(grid, (0, 0, {}))
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(Qubix(grid)) for _ in range(3)]
        async with Client(grid.url) as native:
            await native.authenticate(grid.sign())
            await native.join("nodes")
            for client in clients:
                await client.subscribe("marketplace")
            await clients[0].subscribe("marketplace")
            await clients[0].subscribe("provider", "abc123")
            assert statistics(grid) == (3, 2, {"marketplace": 3, "provider:abc123": 1})
            body = json.loads(grid.request("/api/websocket/stats")[2])
            assert [line["subscriberCount"] for line in body["stats"]["subscriptionDetails"]] == [3, 1], body
        await clients[0].send("unsubscribe", subscriptionId="provider:abc123")
        await clients[0].expect("unsubscribed")
        assert statistics(grid) == (3, 1, {"marketplace": 3})
        await clients[1].socket.close()
        await until_statistics(grid, (2, 1, {"marketplace": 2}))
    await until_statistics(grid, (0, 0, {}))
    assert grid.request("/api/websocket/stats", headers={"X-Forwarded-For": "192.0.2.7"})[0] == 401
    assert grid.request("/api/websocket/stats", method="POST")[0] == 405


# MARK: limits


def fresh(**limits):
    every = {**no_limits(), "rooms_per_connection": 0}
    return Grid(limits={**every, **limits})


async def refused_upgrade(grid):
    try:
        async with Qubix(grid):
            raise AssertionError("the connection was accepted")
    except InvalidStatus as refusal:
        response = refusal.response
        assert response.status_code == 429 and 1 <= int(response.headers["Retry-After"]) <= 60, response
        body = json.loads(response.body)
        assert set(body) == {"type", "data", "timestamp"} and body["type"] == "error", body
        assert body["data"]["code"] == "TOO_MANY_REQUESTS", body


@check
async def ten_connections_a_minute(_):
    with fresh(connections_per_ip_per_minute=10) as grid:
        for _ in range(10):
            async with Qubix(grid) as client:
                await client.settle()
        await refused_upgrade(grid)


@check
async def ten_connections_at_once_of_all_dialects(_):
    with fresh(connections_per_ip=10) as grid:
        async with contextlib.AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(Qubix(grid)) for _ in range(9)]
            await stack.enter_async_context(Client(grid.url))
            await refused_upgrade(grid)
            await clients[0].socket.close()
            deadline = time.monotonic() + 5
            while True:
                try:
                    async with Qubix(grid) as late:
                        await late.settle()
                    break
                except InvalidStatus:
                    assert time.monotonic() < deadline, "a closed connection still counts"
                    await asyncio.sleep(0.05)


@check
async def a_hundred_messages_a_minute(_):
    with fresh(messages_per_connection_per_minute=100) as grid:
        async with Qubix(grid) as client, Qubix(grid) as bystander:
            for _ in range(100):
                await client.send("ping")
            for _ in range(100):
                assert (await client.receive())["type"] == "pong"
            await client.refused("TOO_MANY_REQUESTS", "subscribe:marketplace")
            for _ in range(20):
                with contextlib.suppress(Exception):
                    await client.send("ping")
            assert await client.closed() == 1008
            assert not client.of_type("subscribed", "pong"), client.inbox
            assert 8 <= len(client.of_type("error")) <= 9, client.inbox
            await bystander.settle()


@check
async def a_hundred_subscriptions(_):
    with fresh() as grid:
        async with Qubix(grid) as client:
            await client.subscribe("marketplace")
            for number in range(99):
                await client.subscribe("provider", f"p{number}")
            await client.refused("TOO_MANY_REQUESTS", "subscribe:provider", subscriptionId="one-more")
            await client.subscribe("provider", "p7")
            assert statistics(grid)[1] == 100
            await client.send("unsubscribe", subscriptionId="provider:p7")
            await client.expect("unsubscribed")
            await client.subscribe("provider", "one-more")


# MARK: the connection's end


@check.within(150)
async def who_does_not_ping_is_closed(grid):
    """Server tracks the last ping, looks every 30 s, and closes who has not pinged in 60 s."""
    async with Qubix(grid, ping_interval=5) as silent, Qubix(grid) as busy, Qubix(grid) as pinging:
        began = time.monotonic()
        await asyncio.gather(silent.subscribe("marketplace"), busy.subscribe("marketplace"))

        async def chatter():
            # Only `ping` counts, not other messages nor the protocol's own pings.
            while True:
                await asyncio.sleep(10)
                await busy.send("subscribe:marketplace")

        async def ping():
            while True:
                await asyncio.sleep(20)
                await pinging.settle()

        talking = [asyncio.create_task(chatter()), asyncio.create_task(ping())]
        try:
            assert await silent.closed(timeout=100) == 3004
            elapsed = time.monotonic() - began
            assert 59 <= elapsed <= 95, elapsed
            assert await busy.closed(timeout=35) == 3004
        finally:
            for task in talking:
                task.cancel()
        await pinging.settle()


@check
async def a_stop_says_goodbye(_):
    with fresh() as grid:
        async with Qubix(grid) as client:
            await client.subscribe("marketplace")
            grid.start_agent("node-1", price=str(PRICE))
            await client.expect("MARKETPLACE_UPDATE")
            grid.coordinator.process.terminate()
            assert await client.closed() == 1001
            assert not client.of_type("error"), client.inbox
        assert grid.coordinator.process.wait(10) == 0


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits()))

"""What raises QUBIX' events and what does not, whom they reach, and the remarks at the end of QUBIX' document."""

import asyncio
import contextlib
import hashlib
import json
import pathlib

from checks import Checks
from check_authentication import no_limits
from check_qubix import JSON, OWNER, PRICE, selftest, statistics, submit
from check_tls import SecureGrid
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from grid import Grid
from native import Client
from publisher import Publisher
from qubix import Qubix
from triggerx import call, create_key
from websockets.exceptions import InvalidStatus

check = Checks("qubix, events")
OF_PROVIDERS = {"PROVIDER_REGISTERED", "PROVIDER_STATUS_CHANGED", "MARKETPLACE_UPDATE", "GPU_METRICS_UPDATE"}
BEHIND_A_PROXY = {"additional_headers": {"X-Forwarded-For": "192.0.2.7"}}


def post(grid, path, body=None):
    """What an administrator asks for is done."""
    status, _, answer = grid.request(
        path, token=grid.sign("root", ["admin"]), method="POST", headers=JSON,
        body="" if body is None else json.dumps(body))
    assert status in (200, 201), (path, status, answer)
    return json.loads(answer)


def read(grid, path):
    status, _, answer = grid.request(path, token=grid.sign(OWNER))
    assert status == 200, (path, status, answer)
    return json.loads(answer)


def about(grid):
    """Whether a message is about the agent's provider: others come and go meanwhile."""
    return lambda message: message["data"]["providerId"] == grid.provider


async def status_and_listing(client, grid, status, is_available):
    """The next change of the provider, told as its status and as the market's."""
    told = await client.expect("PROVIDER_STATUS_CHANGED", timeout=20, where=about(grid))
    assert told["subscriptionId"] == f"provider:{grid.provider}" and told["data"] == {
        "providerId": grid.provider, "isOnline": status != "offline", "isAvailable": is_available,
        "status": status}, told
    market = await client.expect("MARKETPLACE_UPDATE", where=about(grid))
    assert market["subscriptionId"] == "marketplace" and market["data"] == {
        "providerId": grid.provider, "isAvailable": is_available, "rental": "free", "pricePerHour": PRICE}, market


async def nothing_more(client, grid):
    await client.settle()
    assert not client.of_type("PROVIDER_REGISTERED"), client.inbox
    assert not [message for message in client.inbox if about(grid)(message)], client.inbox


# MARK: providers


@check
async def nobody_is_greeted(grid):
    for path in ("/", "/qubix", f"/?token={grid.sign()}"):
        async with Qubix(grid, path) as client:
            # A greeting would have come before the answer.
            await client.settle()
            assert not client.inbox, client.inbox


@check
async def a_provider_is_the_node_and_its_worker_the_agents_key(grid):
    async with Qubix(grid) as client, Publisher(grid, "named") as node:
        told = (await client.expect("PROVIDER_REGISTERED"))["data"]
        public = node.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        assert told["id"] == node.node and told["workerId"] == hashlib.sha256(public).hexdigest(), told
        assert read(grid, f"/api/v1/nodes/{told['id']}")["name"] == "named"


@check
async def an_operators_change_of_a_provider_is_told(grid):
    async with Qubix(grid) as client:
        await client.subscribe("marketplace")
        grid.start_agent("node-1", owner="owner-1", price=str(PRICE))
        grid.provider = (await client.expect("PROVIDER_REGISTERED", timeout=20))["data"]["id"]
        await status_and_listing(client, grid, "online", True)
        post(grid, f"/api/v1/nodes/{grid.provider}/drain")
        await status_and_listing(client, grid, "draining", False)
        post(grid, f"/api/v1/nodes/{grid.provider}/undrain")
        await status_and_listing(client, grid, "online", True)
        await nothing_more(client, grid)


@check
async def a_provider_that_goes_and_returns_is_told_and_is_not_new(grid):
    async with Qubix(grid) as client:
        await client.subscribe("marketplace")
        assert grid.agents["node-1"].stop() == 0
        await status_and_listing(client, grid, "offline", False)
        grid.start_agent("node-1")
        await status_and_listing(client, grid, "online", True)
        await nothing_more(client, grid)


@check
async def each_client_has_its_own_subscriptions(grid):
    async with Publisher(grid, "one") as one, Publisher(grid, "other") as other:
        async with Qubix(grid) as narrow, Qubix(grid) as wide:
            await narrow.subscribe("provider", one.node)
            for node in (one, other):
                await wide.subscribe("provider", node.node)

            async def reading(client, node):
                event = await client.expect("GPU_METRICS_UPDATE")
                assert event["data"]["providerId"] == node.node, (event, node.node)

            await one.sample()
            await reading(narrow, one)
            await reading(wide, one)
            await wide.send("unsubscribe", subscriptionId=f"provider:{one.node}")
            await wide.expect("unsubscribed")
            await one.sample()
            await reading(narrow, one)
            await other.sample()
            await reading(wide, other)
            for client in (narrow, wide):
                await client.settle()
                assert not client.of_type("GPU_METRICS_UPDATE"), client.inbox


@check
async def what_the_dialect_has_no_message_for_is_not_told(grid):
    async with Qubix(grid, token=grid.sign("root", ["admin"])) as client, Client(grid.url) as native:
        await client.subscribe("marketplace")
        await client.subscribe("provider", grid.provider)
        await native.authenticate(grid.sign("root", ["admin"]))
        for room in ("alerts", "predictions", "general"):
            await native.join(room)
        post(grid, "/api/v1/alerts", {"message": "hot", "node_id": grid.provider})
        post(grid, "/api/v1/predictions", {"status": "failed", "message": "no data"})
        post(grid, "/api/v1/notifications", {"title": "To all", "message": "whatever"})
        for kind in ("alert_new", "prediction", "system_notification"):
            await native.expect(kind)
        await client.expect("GPU_METRICS_UPDATE")
        await client.settle()
        assert {message["type"] for message in client.inbox} <= OF_PROVIDERS, client.inbox


# MARK: jobs


@check
async def each_step_of_a_job_is_told_once(grid):
    grid.command(
        "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", OWNER, "--currency", "USD",
        "--amount", "100.00")
    token = grid.sign(OWNER, ["task:submit"])
    submit(grid, job_id="steps", **selftest())
    while read(grid, "/api/v1/jobs/steps")["status"] != "completed":
        await asyncio.sleep(0.1)
    async with Qubix(grid, token=token) as client, Client(grid.url) as native:
        # `job:` before the name is what acknowledgements say.
        assert await client.subscribe("job", "job:steps") == "job:steps"
        await native.authenticate(token)
        await native.join("job:steps")
        submit(grid, job_id="steps", **selftest(seconds=2))
        end = await client.expect("JOB_COMPLETED", timeout=30)
        steps = client.of_type("JOB_PROGRESS")
        # The native dialect tells every step in words of its own.
        told = [await native.expect("task_update", "task_assigned", "task_progress") for _ in [*steps, end]]
        kinds = [(message["type"], message["data"].get("status")) for message in told]
        assert kinds[0] == ("task_update", "pending") and kinds[-1] == ("task_update", "completed"), kinds
        assert {kind for kind, _ in kinds} == {"task_update", "task_assigned", "task_progress"}, kinds
        assert ("task_update", "running") in kinds, kinds
        # One of its two tasks is done, the other has not begun.
        values = [step["data"]["progress"]["progress"] for step in steps]
        assert values[0] == 50 and values == sorted(values) and values[-1] <= 100, values
        await native.is_alive()
        await client.settle()
        assert not [m for m in native.inbox if m["type"].startswith("task_")], native.inbox
        assert client.of_type("JOB_COMPLETED") == [] and client.of_type("JOB_PROGRESS") == steps, client.inbox


@check
async def a_lone_tasks_job_has_its_name(grid):
    task = submit(grid, **selftest(seconds=0))
    assert task["job_id"] == task["task_id"], task
    async with Qubix(grid, token=grid.sign(OWNER, ["task:submit"])) as client:
        assert await client.subscribe("job", task["task_id"]) == f"job:{task['task_id']}"


@check
async def a_job_that_fails_says_so_at_its_end(grid):
    task = {**selftest(), "arguments": {"seconds": 2, "steps": 2, "fail": 3}, "attempts": 1}
    job = submit(grid, **task)["job_id"]
    async with Qubix(grid, token=grid.sign(OWNER, ["task:submit"])) as client:
        await client.subscribe("job", job)
        end = await client.expect("JOB_COMPLETED", timeout=30)
        assert end["data"]["status"] == "failed" and end["data"]["result"]["exitStatus"] == 3, end


@check
async def a_job_that_is_cancelled_ends_once_with_its_last_task(grid):
    submit(grid, "/api/v1/jobs", job_id="cancelled", tasks=[selftest(60), selftest(60)])
    async with Qubix(grid, token=grid.sign(OWNER, ["task:submit"])) as client:
        await client.subscribe("job", "cancelled")
        post(grid, "/api/v1/jobs/cancelled/cancel")
        end = await client.expect("JOB_COMPLETED", timeout=30)
        assert end["data"]["jobId"] == "cancelled" and end["data"]["status"] == "cancelled", end
        await client.settle()
        assert not client.of_type("JOB_COMPLETED"), client.inbox


@check
async def an_outsiders_task_is_told_but_neither_its_fee_nor_its_execution(grid):
    key = create_key(grid, OWNER)
    status, task = call(
        grid, "POST", "/api/tasks", key, {"job_id": "outside", "task_definition_id": 7, "is_imua": False})
    assert status == 201, (status, task)
    async with Qubix(grid, token=grid.sign(OWNER, ["task:submit"])) as client:
        await client.subscribe("job", "outside")
        number = task["task_id"]
        assert call(grid, "PUT", f"/api/tasks/{number}/fee", key, {"fee": 0.25})[0] == 200
        told = {"proof_of_task": "proof", "is_successful": True, "status": "completed"}
        assert call(grid, "PUT", f"/api/tasks/execution/{number}", key, told)[0] == 200
        end = await client.expect("JOB_COMPLETED")
        assert end["data"] == {"jobId": "outside", "status": "completed", "result": None}, end
        assert [m["type"] for m in client.inbox if m["type"] not in OF_PROVIDERS] == ["JOB_PROGRESS"], client.inbox


# MARK: who may, and what they may say


@check
async def a_token_without_the_permission_does_not_open_a_closed_market(grid):
    async with Qubix(grid, token=grid.sign("u", ["task:submit"]), **BEHIND_A_PROXY) as client:
        await client.refused("FORBIDDEN", "subscribe:marketplace")
        await client.refused("FORBIDDEN", "subscribe:provider", subscriptionId=grid.provider)
        async with Publisher(grid, "not for them"):
            await client.settle()
        assert not client.inbox, client.inbox


@check
async def what_a_client_says_comes_back_as_text_and_nothing_else(grid):
    names = [
        "<script>alert(1)</script>", "'; DROP TABLE providers; --", '"},"type":"JOB_COMPLETED","x":{"', "\\u0022\\",
        "a\nb\r\n\tc", "\u2028\u2029", "{{7*7}}${7*7}", "../../etc/passwd", "größe 😀",
        # An accent, which joins the colon that acknowledgements put before it.
        "\u0301x",
    ]
    async with Qubix(grid) as client:
        for name in names:
            # Every frame is one JSON object, and what was said is a text in it.
            assert await client.subscribe("provider", name) == f"provider:{name}"
            assert statistics(grid)[2][f"provider:{name}"] == 1
            await client.send("unsubscribe", subscriptionId=f"provider:{name}")
            assert (await client.expect("unsubscribed"))["subscriptionId"] == f"provider:{name}"
            answer = await client.refused("UNKNOWN_TYPE", name)
            assert set(answer["data"]) == {"code", "message"}, answer
        assert not client.inbox, client.inbox


@check
async def a_page_may_connect_that_is_the_coordinators_or_that_the_operator_named(_):
    grid = Grid(limits=no_limits())
    grid.configuration["auth"]["allowed_origins"] = ["http://localhost:5173"]
    with grid:
        for origin in (f"http://{grid.address}", "http://localhost:5173"):
            async with Qubix(grid, origin=origin) as client:
                await client.subscribe("marketplace")
        for origin in ("https://elsewhere.example", "null"):
            try:
                async with Qubix(grid, origin=origin):
                    raise AssertionError(f"{origin} was let in")
            except InvalidStatus as refusal:
                assert refusal.response.status_code == 403, (origin, refusal)


@check
async def it_speaks_tls_as_it_speaks_without(_):
    with SecureGrid() as grid:
        async with Qubix(grid, ssl=grid.authority.context()) as client:
            assert await client.subscribe("marketplace") == "marketplace"
            grid.start_agent("late", environment={"NEUROGRID_CA_FILE": str(grid.authority.file)})
            late = await client.expect("PROVIDER_STATUS_CHANGED", timeout=20)
            assert late["data"]["isOnline"] is True, late
            await client.subscribe("provider", late["data"]["providerId"])
            await client.expect("GPU_METRICS_UPDATE")
            await client.settle()


# MARK: what a connection costs


def resident_kib(grid):
    status = pathlib.Path(f"/proc/{grid.coordinator.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


@check
async def a_connection_takes_little_memory(_):
    """Far less than a read buffer each would be; what it is exactly: docs/benchmarks.md."""
    with Grid(limits=no_limits()) as grid:
        async with contextlib.AsyncExitStack() as stack:
            async def come(count):
                for _ in range(count):
                    client = await stack.enter_async_context(Qubix(grid, ping_interval=None))
                    await client.subscribe("marketplace")
                return resident_kib(grid)

            before, count = await come(100), 500
            each = (await come(count) - before) / count
            assert statistics(grid)[:2] == (600, 1)
        assert each < 16, f"{each} KiB a connection"


if __name__ == "__main__":
    # Every reading is told, however soon after another.
    check.run(lambda: Grid(limits={**no_limits(), "broadcast": {"nodes": "0s"}}))

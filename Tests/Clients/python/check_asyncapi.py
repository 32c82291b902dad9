"""The two API documents as the coordinator serves them, and what is really said, held to them."""

import json
import re

from checks import Checks
from check_authentication import no_limits
from grid import Grid
from native import Client
from publisher import Publisher
from qubix import Qubix
from schemas import faults, references, resolve

check = Checks("asyncapi")
JSON = {"Content-Type": "application/json"}
OWNER = "anna"


def fetch(grid, path):
    status, headers, body = grid.request(path)
    assert status == 200 and headers["content-type"] == "application/json", (status, headers)
    return json.loads(body)


def identify(document, channel, action, message):
    """The one message of a channel that this is; says why not where it is none."""
    named = message.get("type")
    found, wrong = [], []
    for operation in document["operations"].values():
        if operation["action"] != action or operation["channel"] != {"$ref": f"#/channels/{channel}"}:
            continue
        for reference in operation["messages"]:
            entry = resolve(document, resolve(document, reference["$ref"])["$ref"])
            if entry["name"] != named or entry in found:
                continue
            reasons = list(faults(document, entry["payload"], message))
            found.extend([] if reasons else [entry])
            wrong.extend(reasons)
    assert len(found) == 1, (message, wrong or "no such message")
    return found[0]["name"]


# MARK: the documents


@check
async def references_lead_somewhere(grid):
    for path in ("/openapi.json", "/asyncapi.json"):
        document = fetch(grid, path)
        every = set(references(document))
        assert len(every) > 20, every
        for reference in every:
            resolve(document, reference)


@check
async def every_example_is_what_its_schema_says(grid):
    document = fetch(grid, "/asyncapi.json")
    assert document["asyncapi"] == "3.0.0"
    messages = document["components"]["messages"]
    assert len(messages) > 60, len(messages)
    for key, message in messages.items():
        for example in message["examples"]:
            assert not list(faults(document, message["payload"], example["payload"])), key


@check
async def every_channel_is_a_path_that_is_served(grid):
    for channel in fetch(grid, "/asyncapi.json")["channels"].values():
        status, _, _ = grid.request(channel["address"])
        assert status != 404, channel["address"]


@check
async def pages_for_people_lead_on_and_need_no_script(grid):
    for path in ("/api-docs", "/docs/security"):
        status, headers, body = grid.request(path)
        text = body.decode()
        assert status == 200 and headers["content-type"] == "text/html; charset=utf-8", (status, headers)
        assert "default-src 'none'" in headers["content-security-policy"] and "<script" not in text
        for target in set(re.findall(r'href="([^"#]+)"', text)):
            assert target.startswith("/") and grid.request(target)[0] == 200, target
    status, _, body = grid.request("/api-docs", method="HEAD")
    assert status == 200 and not body, status


# MARK: what is said


@check
async def what_a_native_session_hears_is_in_the_document(grid):
    document = fetch(grid, "/asyncapi.json")
    grid.command(
        "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", OWNER, "--currency", "USD",
        "--amount", "100.00")
    token = grid.sign(OWNER, ["task:submit", "node:read"])
    async with Client(f"ws://{grid.address}/ws") as client:
        await client.send("join_room", room="nodes")
        await client.authenticate(token)
        for room in ("nodes", "tasks", "user_updates", "general", "nosuch"):
            await client.send("join_room", room=room)
        await client.send("leave_room", room="general")
        await client.send("ping", n=1)
        grid.start_agent("node-1", owner="owner-1", price="0.4")
        await client.expect("node_status", where=lambda message: message["data"]["status"] == "online", timeout=20)
        status, _, _ = grid.request(
            "/api/v1/tasks", token=token, method="POST", headers=JSON,
            body=json.dumps({"runner": "selftest", "arguments": {"seconds": 1, "steps": 2}, "timeout_seconds": 60}))
        assert status == 201, status
        final = await client.expect(
            "task_update", where=lambda message: message["data"]["status"] == "completed", timeout=30)
        seen = {identify(document, "native", "send", message) for message in [*client.inbox, final]}
    assert seen >= {
        "error", "room_joined", "room_left", "pong", "node_registered", "node_metrics", "task_assigned",
        "task_update", "balance_update",
    }, seen


@check
async def what_a_qubix_client_hears_is_in_the_document(grid):
    document = fetch(grid, "/asyncapi.json")
    async with Qubix(grid) as client:
        await client.send("subscribe:marketplace")
        await client.send("subscribe:job", subscriptionId="nosuch")
        await client.settle()
        async with Publisher(grid, "told") as node:
            await client.send("subscribe:provider", subscriptionId=node.node)
            await client.settle()
            await node.sample()
            metrics = await client.expect("GPU_METRICS_UPDATE")
        await client.send("unsubscribe", subscriptionId="marketplace")
        gone = await client.expect("unsubscribed")
        await client.send("ping")
        pong = await client.expect("pong")
        seen = {identify(document, "qubix", "send", message) for message in [*client.inbox, metrics, gone, pong]}
    assert seen >= {
        "subscribed", "unsubscribed", "error", "pong", "PROVIDER_REGISTERED", "PROVIDER_STATUS_CHANGED",
        "GPU_METRICS_UPDATE",
    }, seen


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits()))

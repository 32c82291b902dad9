"""The three events of a node, field by field, with their documented units; and the REST answers beside them."""

import contextlib
import http.client
import json
import os
import pathlib
import time
import uuid

import psutil
from checks import Checks
from check_authentication import no_limits
from grid import Grid
from native import Client, is_number, is_percent, is_time, is_uuid, seconds_of

check = Checks("events")
GIB = 2**30


def is_optional(predicate, value):
    return value is None or predicate(value)


def same_keys(value, *documented):
    """Every documented key is there; more may follow."""
    missing = [key for key in documented if key not in value]
    assert not missing, (missing, value)
    return value


@contextlib.asynccontextmanager
async def subscriber(grid, *permissions):
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign(permissions=permissions or ("node:read",)))
        await client.join("nodes")
        yield client


@check
async def a_node_registers(grid):
    async with subscriber(grid) as client:
        grid.start_agent("gpu-node-1", owner="owner-9", region="us-east-1", city="New York", country="USA")
        event = await client.expect("node_registered")
        assert event["room"] == "nodes", event
        data = same_keys(
            event["data"], "node_id", "name", "owner_id", "specifications", "location", "registered_at"
        )
        assert is_uuid(data["node_id"]), data
        assert data["name"] == "gpu-node-1" and data["owner_id"] == "owner-9", data
        assert data["location"] == {"region": "us-east-1", "city": "New York", "country": "USA"}, data
        assert is_time(data["registered_at"]) and abs(seconds_of(data["registered_at"]) - time.time()) < 10, data
        machine = same_keys(
            data["specifications"], "gpu", "gpu_memory", "cpu", "ram", "storage", "network_speed"
        )
        model = next(
            (line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), None
        )
        assert model is None or machine["cpu"] == model, (model, machine)
        assert abs(machine["ram"] - psutil.virtual_memory().total / GIB) <= 0.51, machine
        assert is_optional(lambda value: isinstance(value, str), machine["gpu"]), machine
        for key in ["gpu_memory", "storage", "network_speed"]:
            assert is_optional(lambda value: is_number(value) and value >= 0, machine[key]), (key, machine)


@check
async def its_status_follows(grid):
    # The agent of the check before is running; a second one comes online now.
    async with subscriber(grid) as client:
        grid.start_agent("gpu-node-2")
        registered = await client.expect("node_registered")
        event = await client.expect(
            "node_status", where=lambda m: m["data"]["node_id"] == registered["data"]["node_id"]
        )
        assert event["room"] == "nodes", event
        data = same_keys(
            event["data"], "node_id", "status", "previous_status", "current_task", "updated_at", "metrics"
        )
        assert data["status"] == "online" and data["previous_status"] in (None, "offline"), data
        assert data["current_task"] is None and is_time(data["updated_at"]), data
        metrics = same_keys(data["metrics"], "gpu_utilization", "memory_usage", "temperature", "power_draw")
        for key, value in metrics.items():
            assert is_optional(is_number, value), (key, metrics)


@check
async def its_metrics_have_every_documented_field(grid):
    async with subscriber(grid) as client:
        first = await client.expect("node_metrics")
        for _ in range(3):
            event = await client.expect(
                "node_metrics", where=lambda m: m["data"]["node_id"] == first["data"]["node_id"]
            )
            assert event["room"] == "nodes", event
            data = same_keys(event["data"], "node_id", "timestamp", "metrics", "health_score")
            assert is_uuid(data["node_id"]), data
            assert is_time(data["timestamp"]) and abs(seconds_of(data["timestamp"]) - time.time()) < 5, data
            assert is_optional(is_percent, data["health_score"]), data
            # What is ours stands behind what is documented.
            assert list(data)[:4] == ["node_id", "timestamp", "metrics", "health_score"], data
            same_keys(data, "health_coverage", "health_reasons", "interval_seconds", "gpus", "host", "hops")
            assert is_number(data["interval_seconds"]) and data["interval_seconds"] > 0, data
            metrics = same_keys(
                data["metrics"], "cpu_usage", "ram_usage", "gpu_usage", "gpu_memory", "network_io", "disk_io"
            )
            assert is_percent(metrics["cpu_usage"]), metrics
            assert 0 < metrics["ram_usage"] < psutil.virtual_memory().total / GIB, metrics
            assert is_optional(is_percent, metrics["gpu_usage"]), metrics
            assert is_optional(is_number, metrics["gpu_memory"]), metrics
            network = same_keys(metrics["network_io"], "bytes_in", "bytes_out")
            disk = same_keys(metrics["disk_io"], "read_mb", "write_mb")
            for value in [*network.values(), *disk.values()]:
                assert is_optional(lambda amount: is_number(amount) and amount >= 0, value), metrics


@check
async def a_sample_comes_every_second(grid):
    async with subscriber(grid) as client:
        node = (await client.expect("node_metrics"))["data"]["node_id"]
        times = []
        while len(times) < 6:
            event = await client.expect("node_metrics", where=lambda m: m["data"]["node_id"] == node)
            times.append(seconds_of(event["data"]["timestamp"]))
        assert 4 <= times[-1] - times[0] <= 7.5, times


@check
def an_unseen_gpu_is_null_and_not_zero(grid):
    if pathlib.Path("/proc/driver/nvidia").exists():
        return
    nodes = json.loads(grid.request("/api/v1/nodes", token=grid.sign())[2])["nodes"]
    assert nodes and all(node["specifications"]["gpu"] is None for node in nodes), nodes


@check
def the_list_of_nodes(grid):
    status, headers, body = grid.request("/api/v1/nodes", token=grid.sign())
    assert status == 200 and headers["content-type"].startswith("application/json"), (status, headers)
    answer = json.loads(body)
    assert answer["next_cursor"] is None, answer
    by_name = {node["name"]: node for node in answer["nodes"]}
    assert set(by_name) == {"gpu-node-1", "gpu-node-2"}, by_name
    for node in answer["nodes"]:
        assert node["status"] == "online", node
        assert is_uuid(node["node_id"]), node


@check
def one_node(grid):
    token = grid.sign()
    listed = json.loads(grid.request("/api/v1/nodes", token=token)[2])["nodes"][0]
    status, _, body = grid.request(f"/api/v1/nodes/{listed['node_id']}", token=token)
    assert status == 200, (status, body)
    node = json.loads(body)
    node = node.get("node", node)
    assert node["node_id"] == listed["node_id"] and node["name"] == listed["name"], node


@check
def what_rest_refuses(grid):
    token = grid.sign()
    cases = [
        ("GET", "/api/v1/nodes", None, 401),
        ("GET", "/api/v1/nodes", "garbage", 401),
        ("GET", "/api/v1/nodes", grid.sign(expires_in=-60), 401),
        ("GET", "/api/v1/nodes", grid.sign(permissions=["task:submit"]), 403),
        ("GET", f"/api/v1/nodes/{uuid.uuid4()}", token, 404),
        ("GET", "/api/v1/nothing", token, 404),
        ("DELETE", "/api/v1/nodes", token, 405),
    ]
    for method, path, bearer, expected in cases:
        status, _, body = grid.request(path, token=bearer, method=method)
        assert status == expected, (method, path, status, body)
        error = json.loads(body)["error"]
        assert error["code"] and error["message"], (method, path, body)
    status, _, body = grid.request("/api/v1/nodes/not-a-uuid", token=token)
    assert status in (400, 404) and json.loads(body)["error"]["code"], (status, body)


@check
def health_needs_no_token(grid):
    assert grid.request("/healthz")[0] == 200
    assert grid.request("/readyz")[0] == 200
    status, _, body = grid.request("/api/ws/health")
    assert status == 200, (status, body)
    assert json.loads(body)["status"] == "healthy", body


@check
def a_plain_request_to_the_websocket_is_told_to_upgrade(grid):
    status, _, _ = grid.request("/ws")
    assert status in (400, 426), status


@check
def the_operators_command_lists_the_nodes(grid):
    url = f"http://{grid.address}"
    status, table, error = grid.command("neurogridctl", "--url", url, "--token", grid.sign(), "nodes")
    assert status == 0 and "gpu-node-1" in table and "gpu-node-2" in table, (table, error)
    _, text, _ = grid.command("neurogridctl", "--url", url, "--token", grid.sign(), "nodes", "--json")
    assert "gpu-node-1" in text and text[0] in "[{", text
    status, _, error = grid.command("neurogridctl", "--url", url, "--token", "garbage", "nodes", check=False)
    assert status != 0 and error, error
    status, _, error = grid.command("neurogridctl", "--url", url, "--token", "garbage", "watch", "nodes", check=False)
    assert status == 69 and "INVALID_TOKEN" in error, error


@check
def nothing_says_a_token(grid):
    token = grid.mint()
    # The stream has no end: its head is enough.
    stream = http.client.HTTPConnection(*grid.host_and_port, timeout=10)
    stream.request("GET", f"/events?rooms=nodes&token={token}")
    assert stream.getresponse().status == 200
    stream.close()
    grid.request(f"/ws?token={token}")
    time.sleep(0.3)
    logs = "".join(path.read_text(errors="replace") for path in grid.folder.glob("*.log"))
    assert token not in logs
    assert os.path.exists(grid.data)


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits()))

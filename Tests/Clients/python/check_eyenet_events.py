"""EyeNet's events with every member of the document's samples in its place, as they come about in a live grid."""

import asyncio
import contextlib
import json

from check_eyenet import UNLIMITED, client_of, is_status, rest
from checks import Checks
from eyenet import every_transport
from grid import Grid
from native import seconds_of
from publisher import GPUS, Publisher
from triggerx import call, create_key

check = Checks("eyenet, events")
over_every_transport = every_transport(check, client_of)
GIB = 2**30
# As in the document's samples: 78.5 of 100 are used.
MEMORY = {"memory_total_bytes": 200 * GIB, "memory_available_bytes": 43 * GIB}
SPARE = {"memory_total_bytes": 200 * GIB, "memory_available_bytes": 180 * GIB}
# With these five of the six sensors are known, and two without.
HEALTHY = {
    "filesystem_used_percent": 10, "gpus": {"throttle_reasons": [0] * GPUS, "uncorrected_errors": [0] * GPUS}}


def make_grid():
    # Memory alone raises alerts, soon; who falls silent is noticed soon.
    alerts = {
        "memory": 50, "disk": 0, "health": 0, "gpu_temperature": 0, "gpu_memory": 0, "gpu_errors": 0,
        "raise_after": "1s", "resolve_after": "1s",
    }
    return Grid(limits=UNLIMITED, alerts=alerts, health={"lease": "4s"})


def of(node):
    return lambda event: event["data"]["deviceId"] == node.node


@contextlib.asynccontextmanager
async def sampling(node, **readings):
    task = asyncio.create_task(node.keep_sampling(0.2, **readings))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@over_every_transport
async def a_devices_status_has_every_member_and_comes_only_when_it_changes(grid, client):
    async with client() as watcher:
        await watcher.subscribe("topic", "devices")
        async with Publisher(grid, "members") as node:
            first = await watcher.expect("device:status", where=of(node))
            assert first["data"]["status"] == "up" and first["data"]["metrics"] == {"uptime": None, "lastSeen": None}
            await node.sample(uptime_seconds=1234567)
            degraded = await watcher.expect("device:status", where=is_status("degraded", node.node))
            assert degraded["data"]["metrics"]["uptime"] == 1234567, degraded
            seen = seconds_of(degraded["data"]["metrics"]["lastSeen"])
            assert seconds_of(first["data"]["timestamp"]) <= seen <= seconds_of(degraded["data"]["timestamp"])
            # A sample that leaves it as it is tells nothing, one that crosses the line does.
            watcher.inbox.clear()
            await node.sample(uptime_seconds=1234568)
            await node.sample(uptime_seconds=1234569, **HEALTHY)
            up = await watcher.expect("device:status", where=of(node))
            assert up["data"]["status"] == "up" and up["data"]["metrics"]["uptime"] == 1234569, up
            last = seconds_of(up["data"]["metrics"]["lastSeen"])
            assert last >= seen, (up, degraded)
        down = await watcher.expect("device:status", where=of(node))
        assert down["data"]["status"] == "down" and down["data"]["metrics"]["uptime"] is None, down
        # To the millisecond, to which it is rounded.
        assert abs(seconds_of(down["data"]["metrics"]["lastSeen"]) - last) < 0.01, (down, up)
        await watcher.settle()
        assert not [event for event in watcher.of("device:status") if of(node)(event)], watcher.inbox


@over_every_transport
async def a_devices_metrics_are_the_documents_figures(grid, client):
    async with Publisher(grid, "figures") as node, client() as watcher:
        await watcher.subscribe("device", node.node)
        for number in range(3):
            await node.sample(
                interval_ms=2000, cpu_percent=45.2, network_received_bytes=2048 + number, network_sent_bytes=4096,
                **MEMORY)
        for number in range(3):
            data = (await watcher.expect("device:metrics"))["data"]
            assert data["deviceId"] == node.node, data
            # What came in two seconds, a second.
            assert data["metrics"] == {
                "cpu": 45.2, "memory": 78.5, "bandwidth": {"in": (2048 + number) // 2, "out": 2048}}, data
        # What a machine does not tell is not invented.
        await node.sample()
        data = (await watcher.expect("device:metrics"))["data"]
        assert data["metrics"] == {"cpu": 1.5, "memory": None, "bandwidth": {"in": None, "out": None}}, data


@over_every_transport
async def alerts_are_of_the_three_severities_and_perhaps_of_no_device(grid, client):
    async with Publisher(grid, "severities") as node, client() as watcher:
        await watcher.subscribe("topic", "alerts")
        for severity in ("critical", "warning", "info"):
            for about in ({}, {"node_id": node.node}):
                raised = await rest(grid, "/api/v1/alerts", severity=severity, message=severity, **about)
                ours = lambda event: event["data"]["alertId"] == raised["alert_id"]
                data = (await watcher.expect("alert:new", where=ours))["data"]
                assert data.pop("timestamp") == raised["raised_at"], (data, raised)
                assert data == {
                    "alertId": raised["alert_id"], "severity": severity, "deviceId": about.get("node_id"),
                    "message": severity, "metrics": {"value": None, "threshold": None}}, data


@over_every_transport
async def a_threshold_that_is_exceeded_raises_an_alert_and_its_end_resolves_it(grid, client):
    async with Publisher(grid, "threshold") as node, client() as topic, client() as device:
        await topic.subscribe("topic", "alerts")
        await device.subscribe("device", node.node)
        async with sampling(node, **MEMORY):
            raised = [await each.expect("alert:new", where=of(node), timeout=20) for each in (topic, device)]
        assert raised[0] == raised[1] and raised[0]["data"]["severity"] == "warning", raised
        assert raised[0]["data"]["metrics"] == {"value": 78.5, "threshold": 50}, raised
        alert = raised[0]["data"]["alertId"]
        ours = lambda event: event["data"]["alertId"] == alert
        async with sampling(node, **SPARE):
            resolved = [await each.expect("alert:update", where=ours, timeout=20) for each in (topic, device)]
        assert resolved[0] == resolved[1] and resolved[0]["data"]["status"] == "resolved", resolved
        # Nobody did it.
        assert resolved[0]["data"]["updatedBy"] is None, resolved


@over_every_transport
async def who_did_it_and_when_is_told_of_an_alerts_changes(grid, client):
    async with client() as watcher:
        await watcher.subscribe("topic", "alerts")
        raised = await rest(grid, "/api/v1/alerts", severity="info", message="to be looked after")
        await watcher.expect("alert:new")
        for verb, status in (("acknowledge", "acknowledged"), ("resolve", "resolved")):
            changed = await rest(grid, f"/api/v1/alerts/{raised['alert_id']}/{verb}")
            assert (await watcher.expect("alert:update"))["data"] == {
                "alertId": raised["alert_id"], "status": status, "updatedBy": "boss",
                "timestamp": changed["updated_at"]}, changed
            # Once more is no change.
            await rest(grid, f"/api/v1/alerts/{raised['alert_id']}/{verb}")
        await watcher.settle()
        assert not watcher.inbox, watcher.inbox


@over_every_transport
async def the_topology_changes_in_the_documents_three_ways(grid, client):
    async with client() as watcher:
        await watcher.subscribe("topic", "topology")
        router = json.loads(grid.request("/api/v1/topology", token=grid.sign())[2])["devices"][0]
        assert router["type"] == "router", router
        node = Publisher(grid, "links")

        async def change(kind, *connections):
            def is_it(event):
                return event["data"]["changeType"] == kind and event["data"]["devices"] == [
                    {"id": node.node, "type": "endpoint", "connections": list(connections)}]
            await watcher.expect("topology:update", where=is_it, timeout=20)

        await node.__aenter__()
        await change("device_added", router["id"])
        node.vanish()
        await change("link_change")
        async with node:
            await change("link_change", router["id"])
        await change("device_removed")


@over_every_transport
async def predictions_are_completed_or_failed(grid, client):
    async with client() as watcher:
        await watcher.subscribe("topic", "ml")
        several = [{"label": "anomaly_type", "confidence": 0.95}, {"label": "drift", "confidence": 0.05}]
        for status, results in (("completed", several), ("failed", [])):
            made = await rest(grid, "/api/v1/predictions", status=status, results=results)
            data = (await watcher.expect("ml:prediction"))["data"]
            assert data.pop("timestamp"), data
            assert data == {"jobId": made["prediction_id"], "status": status, "results": results}, data


@over_every_transport
async def each_topic_is_told_its_own_events_alone(grid, client):
    async with client() as devices, client() as alerts, client() as topology, client() as ml, client() as none:
        topics = {"devices": devices, "alerts": alerts, "topology": topology, "ml": ml}
        for topic, watcher in topics.items():
            await watcher.subscribe("topic", topic)
        async with Publisher(grid, "topics") as node:
            await devices.expect("device:status", where=is_status("up", node.node))
            await node.sample()
            await rest(grid, "/api/v1/alerts", severity="info", message="topics", node_id=node.node)
            await rest(grid, "/api/v1/predictions", status="failed", node_id=node.node)
            told = {
                "devices": ("device:metrics", "device:status"), "alerts": ("alert:new",),
                "topology": ("topology:update",), "ml": ("ml:prediction",)}
            for topic, watcher in topics.items():
                await watcher.expect(told[topic][0])
            for topic, watcher in topics.items():
                await watcher.settle()
                assert {name for name, _ in watcher.inbox} <= {*told[topic], "alert:update"}, (topic, watcher.inbox)
            await none.settle()
            assert not none.inbox, none.inbox


@over_every_transport
async def a_device_may_be_subscribed_to_while_it_is_not_there(grid, client):
    async with client() as watcher:
        await watcher.subscribe("device", "0f8fad5b-d9cb-469f-a165-70867728950e")
        # It has its name from its first word to the coordinator; it leaves, and is waited for.
        node = Publisher(grid, "late")
        async with node:
            pass
        await watcher.subscribe("device", node.node)
        async with node:
            await watcher.expect("device:status", where=is_status("up", node.node))


@check
async def what_eyenet_has_no_word_for_it_is_not_told(grid):
    # Whole topics and the device itself, while money, a task and a notification come to who is told of them.
    async with Publisher(grid, "wordless") as node, client_of(grid, token=grid.sign("boss", ["admin"])) as watcher:
        for topic in ("devices", "alerts", "topology", "ml"):
            await watcher.subscribe("topic", topic)
        await watcher.subscribe("device", node.node)
        await rest(grid, "/api/v1/notifications", title="to all", message="not to EyeNet")
        grid.command(
            "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", "boss", "--currency", "USD",
            "--amount", "100.00")
        status, task = call(
            grid, "POST", "/api/tasks", create_key(grid, "boss"), {"job_id": "wordless", "task_definition_id": 1})
        assert status == 201, task
        await node.sample()
        await watcher.expect("device:metrics")
        await watcher.settle()
        # Alerts of devices that were there before may still be resolved.
        assert {name for name, _ in watcher.inbox} <= {"device:status", "alert:update"}, watcher.inbox


if __name__ == "__main__":
    check.run(make_grid)

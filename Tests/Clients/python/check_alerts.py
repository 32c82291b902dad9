"""Alerts, predictions, topology, analytics and the log's room, against the real programs."""

import json

from checks import Checks
from check_authentication import no_limits
from grid import Grid
from native import Client, is_number, is_time, is_uuid

check = Checks("alerts")


def make_grid():
    configuration = {"limits": {**no_limits(), "broadcast": {"analytics": "1s"}}}
    # Whatever the machine that runs this is like: its memory is used to one percent, and nothing else is to be raised.
    configuration["alerts"] = {
        "memory": 1, "disk": 0, "health": 0, "gpu_temperature": 0, "gpu_memory": 0, "gpu_errors": 0,
        "raise_after": "1s", "resolve_after": "1s",
    }
    configuration["health"] = {"lease": "4s"}
    return Grid(**configuration)


def admin(grid):
    return grid.sign("root", ("admin",))


def post(grid, path, body=None, token=None, key=None):
    headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
    status, headers, answer = grid.request(
        path, token or admin(grid), "POST", headers, "" if body is None else json.dumps(body))
    return status, json.loads(answer), headers


def get(grid, path, token=None):
    status, _, answer = grid.request(path, token or admin(grid))
    return status, json.loads(answer)


@check
async def an_alert_is_raised_acknowledged_and_resolved(grid):
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign("ana", ("node:read",)))
        await client.join("alerts")
        status, alert, headers = post(
            grid, "/api/v1/alerts",
            {"severity": "critical", "kind": "room", "message": "hot", "value": 34.5, "threshold": 30, "unit": "°C"})
        assert status == 201 and headers["location"] == f"/api/v1/alerts/{alert['alert_id']}", (status, headers)
        told = await client.expect("alert_new")
        assert told["room"] == "alerts" and told["data"] == alert, told
        assert alert["status"] == "new" and alert["raised_by"] == "root" and is_uuid(alert["alert_id"]), alert
        assert alert["value"] == 34.5 and alert["threshold"] == 30 and is_time(alert["raised_at"]), alert
        status, again, _ = post(grid, "/api/v1/alerts", {"kind": "room", "message": "hotter"})
        assert (status, again) == (200, alert), again
        path = f"/api/v1/alerts/{alert['alert_id']}"
        for step, wanted in (("acknowledge", "acknowledged"), ("resolve", "resolved")):
            status, changed, _ = post(grid, f"{path}/{step}")
            assert status == 200 and changed["status"] == wanted and changed["updated_by"] == "root", changed
            told = await client.expect("alert_update")
            assert told["data"] == changed, told
            assert post(grid, f"{path}/{step}")[:2] == (200, changed)
        status, refused, _ = post(grid, f"{path}/acknowledge")
        assert status == 409 and refused["error"]["code"] == "ALERT_RESOLVED", refused
        assert get(grid, path) == (200, changed)
        assert get(grid, "/api/v1/alerts?status=resolved&kind=room")[1]["alerts"] == [changed]
        assert get(grid, "/api/v1/alerts?status=new,acknowledged&kind=room")[1]["alerts"] == []


@check
async def who_may_do_what(grid):
    reader, sender = grid.sign("ana", ("node:read",)), grid.sign("ml", ("broadcast",))
    body = {"message": "m"}
    assert post(grid, "/api/v1/alerts", body, reader)[0] == 403
    status, alert, _ = post(grid, "/api/v1/alerts", body, sender)
    assert status == 201 and alert["raised_by"] == "ml" and alert["kind"] is None, alert
    path = f"/api/v1/alerts/{alert['alert_id']}"
    assert get(grid, path, reader) == (200, alert)
    assert get(grid, path, sender)[0] == 403
    assert post(grid, f"{path}/resolve", None, sender)[0] == 403
    assert post(grid, "/api/v1/predictions", {"status": "failed"}, reader)[0] == 403
    assert get(grid, "/api/v1/topology", sender)[0] == 403
    assert get(grid, "/api/v1/analytics", reader)[0] == 403
    assert get(grid, "/api/v1/analytics", grid.sign("b", ("analytics:read",)))[0] == 200
    assert post(grid, f"{path}/resolve")[0] == 200
    for wrong in ({}, {"message": "m", "kind": "disk"}, {"message": "m", "node_id": alert["alert_id"]},
                  {"message": "m", "levl": 1}):
        status, refused, _ = post(grid, "/api/v1/alerts", wrong)
        assert status == 400 and refused["error"]["code"] == "BAD_REQUEST", (wrong, refused)
    assert get(grid, "/api/v1/alerts/none")[0] == 404
    assert get(grid, "/api/v1/alerts?status=old")[0] == 400


@check
async def alerts_are_listed_page_by_page(grid):
    ids = [post(grid, "/api/v1/alerts", {"message": str(n), "severity": "info"})[1]["alert_id"] for n in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = get(grid, f"/api/v1/alerts?severity=info&limit=2{cursor and '&cursor=' + cursor}")[1]
        assert len(page["alerts"]) <= 2, page
        seen += [alert["alert_id"] for alert in page["alerts"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(ids) and seen[0] in ids[-2:], seen
    assert get(grid, "/api/v1/alerts?cursor=x")[0] == 400


@check
async def a_prediction_is_kept_and_told_once(grid):
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign("ana", ("node:read",)))
        joined = await client.join("predictions")
        body = {"status": "completed", "results": [{"label": "drift", "confidence": 0.95}], "model": "m"}
        status, receipt, _ = post(grid, "/api/v1/predictions", body, key="p-1")
        assert status == 201 and receipt["room"] == "predictions", receipt
        told = await client.expect("prediction")
        assert told["data"]["prediction_id"] == receipt["prediction_id"], told
        assert told["data"]["results"] == body["results"] and told["data"]["status"] == "completed", told
        assert told["offset"] == receipt["offset"] == joined["data"]["offset"] + 1, told
        assert post(grid, "/api/v1/predictions", body, key="p-1")[:2] == (201, receipt)
        assert post(grid, "/api/v1/predictions", {"status": "failed"}, key="p-1")[0] == 409
        post(grid, "/api/v1/predictions", {"status": "failed", "message": "no data"})
        assert (await client.expect("prediction"))["data"]["status"] == "failed"


@check
async def a_node_is_a_device_and_raises_alerts(grid):
    async with Client(grid.url) as client:
        await client.authenticate(admin(grid))
        await client.join("topology")
        await client.join("alerts")
        await client.join("nodes")
        agent = grid.start_agent("node-1")
        node = (await client.expect("node_registered"))["data"]["node_id"]
        added = (await client.expect("topology_update"))["data"]
        assert added["change_type"] == "device_added" and is_time(added["timestamp"]), added
        (device,) = added["devices"]
        assert device["id"] == node and device["type"] == "endpoint" and device["name"] == "node-1", device
        (router,) = device["connections"]
        page = get(grid, "/api/v1/topology")[1]
        assert [d["type"] for d in page["devices"]] == ["router", "endpoint"] and page["next_cursor"] is None, page
        assert page["devices"][0]["id"] == router and page["devices"][0]["connections"] == [node], page

        memory = (await client.expect("alert_new", timeout=20))["data"]
        assert memory["kind"] == "memory" and memory["node_id"] == node and memory["raised_by"] is None, memory
        assert memory["value"] >= memory["threshold"] == 1 and memory["unit"] == "%", memory
        (filtered,) = get(grid, f"/api/v1/alerts?node_id={node}&status=new")[1]["alerts"]
        assert filtered == memory, filtered

        agent.kill()
        offline = (await client.expect("alert_new", timeout=20))["data"]
        assert offline["kind"] == "node_offline" and offline["severity"] == "critical", offline
        lost = (await client.expect("topology_update"))["data"]
        assert lost["change_type"] == "link_change" and lost["devices"][0]["connections"] == [], lost
        agent = grid.start_agent("node-1")
        resolved = (await client.expect("alert_update", timeout=20))["data"]
        assert resolved["alert_id"] == offline["alert_id"] and resolved["status"] == "resolved", resolved
        assert resolved["updated_by"] is None, resolved
        assert (await client.expect("topology_update"))["data"]["change_type"] == "link_change"
        agent.stop()
        gone = (await client.expect("topology_update", timeout=20))["data"]
        assert gone["change_type"] == "device_removed", gone
        assert [d["type"] for d in get(grid, "/api/v1/topology")[1]["devices"]] == ["router"]


@check
async def analytics_come_with_the_alerts_of_the_time(grid):
    async with Client(grid.url) as client:
        await client.authenticate(admin(grid))
        await client.join("analytics")
        alert = post(grid, "/api/v1/alerts", {"message": "for analytics", "threshold": 70})[1]
        first = await client.expect(
            "analytics_update", where=lambda m: any(a["alert_id"] == alert["alert_id"] for a in m["data"]["alerts"]))
        data = first["data"]
        assert list(data) == ["timestamp", "metrics", "alerts"] and is_time(data["timestamp"]), data
        assert list(data["metrics"]) == [
            "active_users", "active_nodes", "tasks_per_minute", "average_response_time", "network_utilization"], data
        assert data["metrics"]["active_users"] >= 1 and data["metrics"]["active_nodes"] >= 1, data
        mine = next(a for a in data["alerts"] if a["alert_id"] == alert["alert_id"])
        assert list(mine)[:3] == ["level", "message", "threshold"], mine
        assert (mine["level"], mine["message"], mine["threshold"]) == ("warning", "for analytics", 70), mine
        post(grid, f"/api/v1/alerts/{alert['alert_id']}/resolve")
        ours = lambda m: [a["status"] for a in m["data"]["alerts"] if a["alert_id"] == alert["alert_id"]]
        await client.expect("analytics_update", where=lambda m: ours(m) == ["resolved"])
        assert ours(await client.expect("analytics_update")) == []
        assert is_number(get(grid, "/api/v1/analytics")[1]["metrics"]["active_users"])


@check
async def the_log_tells_of_lines_actions_and_connections(grid):
    async with Client(grid.url) as client:
        await client.authenticate(admin(grid))
        await client.join("logs")
        async with Client(grid.url) as other:
            await other.authenticate(grid.sign("ana", ("node:read",)))
        source = lambda name, message: lambda m: (m["data"]["source"], m["data"]["message"]) == (name, message)
        opened = await client.expect("log", where=source("connection", "client_connected"))
        assert opened["data"]["fields"]["user_id"] == "ana" and opened["data"]["fields"]["dialect"] == "native", opened
        assert opened["data"]["fields"]["address"] == "127.0.0.1", opened
        closed = await client.expect("log", where=source("connection", "client_disconnected"))
        name = "connection_id"
        assert closed["data"]["fields"][name] == opened["data"]["fields"][name], closed
        assert closed["data"]["fields"]["reason"] == "peer", closed
        line = await client.expect("log", where=source("log", "connection closed"))
        assert line["data"]["level"] == "info" and line["data"]["fields"]["user"] == "ana", line
        post(grid, "/api/v1/notifications", {"title": "t", "message": "m"})
        action = await client.expect("log", where=source("action", "notification_sent"))
        assert action["data"]["fields"]["user_id"] == "root", action
        # What is told of a line is no line: it comes to rest.
        await client.collect(1)
        settled = await client.collect(1)
        assert len([m for m in settled if m["type"] == "log"]) <= 4, settled
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign("ana", ("node:read",)))
        for room in ("logs", "analytics"):
            await client.send("join_room", room=room)
            await client.refused("FORBIDDEN")


@check
async def everything_acknowledged_survives_a_crash(grid):
    kept = post(grid, "/api/v1/alerts", {"kind": "kept", "message": "m"}, key="crash")[1]
    acknowledged = post(grid, f"/api/v1/alerts/{kept['alert_id']}/acknowledge")[1]
    receipt = post(grid, "/api/v1/predictions", {"status": "failed"}, key="crash")[1]
    grid.coordinator.kill()
    grid.start_coordinator(grid.address)
    assert get(grid, f"/api/v1/alerts/{kept['alert_id']}") == (200, acknowledged)
    body = {"kind": "kept", "message": "m"}
    assert post(grid, "/api/v1/alerts", body, key="crash")[:2] == (201, acknowledged)
    assert post(grid, "/api/v1/alerts", body)[:2] == (200, acknowledged)
    assert post(grid, "/api/v1/predictions", {"status": "failed"}, key="crash")[:2] == (201, receipt)


@check
async def a_terminal_shows_and_ends_them(grid):
    alert = post(grid, "/api/v1/alerts", {"message": "for the terminal"})[1]

    def control(*arguments):
        return grid.command(
            "neurogridctl", *arguments, "--url", f"http://{grid.address}", "--token", admin(grid))[1]

    assert "for the terminal" in control("alerts") and alert["alert_id"] in control("alerts")
    assert "acknowledged" in control("ack", alert["alert_id"])
    assert "resolved" in control("resolve", alert["alert_id"])
    assert alert["alert_id"] not in control("alerts") and alert["alert_id"] in control("alerts", "--all")


if __name__ == "__main__":
    check.run(make_grid)

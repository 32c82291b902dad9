"""EyeNet's WebSocket events, sentence by sentence, with python-socketio and nothing but that document.

Most checks run three times: over WebSocket alone, over long-polling alone, and from the latter to the former.
"""

import asyncio
import contextlib
import json
import os
import pathlib
import sys
import time

import aiohttp
import socketio
from check_authentication import no_limits
from checks import Checks
from cryptography.hazmat.primitives.asymmetric import ec
from eyenet import PATIENCE, TRANSPORTS, EyeNet, every_transport
from grid import Grid
from jwcrypto import jwk
from native import Client as Native
from native import is_percent, is_time, is_uuid
from publisher import Publisher

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "docs" / "examples"))
import decrypt  # noqa: E402  (the document's own example)

check = Checks("eyenet")
# Every reading is told, so that what EyeNet itself makes of them shows.
UNLIMITED = {**no_limits(), "broadcast": {"nodes": "0s"}}
JSON = {"Content-Type": "application/json"}


def token(grid, permissions=("node:read",), user="anna", **claims):
    return grid.sign(user, list(permissions), **claims)


def client_of(grid, **options):
    return EyeNet(grid, **{"token": token(grid), **options})


over_every_transport = every_transport(check, client_of)


async def rest(grid, path, permissions=("admin",), **body):
    """POSTs JSON without standing still: polls have to go on meanwhile."""
    status, _, answer = await asyncio.to_thread(
        grid.request, path, token=token(grid, permissions, "boss"), method="POST", headers=JSON,
        body=json.dumps(body))
    assert status < 300, (path, status, answer)
    return json.loads(answer)


def is_status(condition, device):
    return lambda event: event["data"]["status"] == condition and event["data"]["deviceId"] == device


@contextlib.contextmanager
def fresh(**limits):
    with Grid(limits={**UNLIMITED, **limits}) as grid:
        yield grid


async def raises_connection_error(client):
    """A namespace that one is not let into. Returns what the connect error said."""
    said = []
    client.client.on("connect_error", said.append, namespace=client.namespace)
    try:
        # The library waits for as long as it may, even if it was refused at once.
        await client.connect(patience=1)
    except socketio.exceptions.ConnectionError:
        await client.client.disconnect()
        return said[0]
    raise AssertionError("it was let in")


# MARK: connecting


@over_every_transport
async def a_token_is_needed_and_a_bad_one_is_told_of(grid, client):
    for auth, code in [
        ({"token": None}, "NOT_AUTHENTICATED"), ({"token": "nonsense"}, "INVALID_TOKEN"),
        ({"token": token(grid, expires_in=-60)}, "TOKEN_EXPIRED"),
        ({"token": token(grid, key="another key that is long enough to be one")}, "INVALID_TOKEN"),
    ]:
        for where in ({}, {"namespace": "/"}, {"path": "ws"}):
            said = await raises_connection_error(client(**auth, **where))
            assert set(said) == {"message", "data"} and said["message"], said
            assert said["data"] == {"code": code}, said


@over_every_transport
async def the_url_may_end_with_the_namespace_or_name_none(grid, client):
    for options in ({"namespace": "/ws"}, {"namespace": "/"}, {"path": "ws"}, {"path": "ws", "namespace": "/"}):
        async with client(**options) as one:
            await one.settle()
    said = await raises_connection_error(client(namespace="/nosuch"))
    assert said == {"message": "Invalid namespace"}, said


@check
async def the_transport_is_really_the_one_that_was_asked_for(grid):
    for way, transports in TRANSPORTS.items():
        async with EyeNet(grid, token(grid), transports) as client:
            expected = "polling" if way == "polling" else "websocket"
            assert client.client.transport() == expected, (way, client.client.transport())
            await client.settle()


@over_every_transport
async def both_namespaces_are_sessions_of_their_own(grid, client):
    async with client() as one:
        async with Publisher(grid, "both") as node:
            await one.subscribe("device", node.node)
            other = socketio.AsyncClient(reconnection=False)
            heard = asyncio.Queue()
            other.on("device:metrics", heard.put, namespace="/")
            other.on("device:metrics", heard.put, namespace="/ws")
            await other.connect(
                one.url, transports=one.transports, namespaces=["/", "/ws"], auth={"token": token(grid)})
            answer = await other.call("subscribe", {"type": "device", "id": node.node}, namespace="/")
            assert answer["status"] == "subscribed", answer
            await node.sample()
            await one.expect("device:metrics")
            await asyncio.wait_for(heard.get(), 10)
            await one.settle()
            assert heard.empty(), "only the namespace that subscribed is told"
            await other.disconnect()


# MARK: events


@over_every_transport
async def a_devices_metrics_come_to_who_subscribed(grid, client):
    async with Publisher(grid, "metrics") as node, client() as watcher, client() as other:
        await watcher.subscribe("device", node.node)
        await node.sample()
        data = (await watcher.expect("device:metrics"))["data"]
        assert data["deviceId"] == node.node, data
        assert set(data["metrics"]) == {"cpu", "memory", "bandwidth"}, data
        assert is_percent(data["metrics"]["cpu"]) and set(data["metrics"]["bandwidth"]) == {"in", "out"}, data
        await other.settle()
        assert not other.inbox, other.inbox


@over_every_transport
async def a_devices_status_comes_when_it_changes(grid, client):
    async with client() as watcher, client() as all_of_them:
        await all_of_them.subscribe("topic", "devices")
        async with Publisher(grid, "status") as node:
            up = await all_of_them.expect("device:status", where=is_status("up", node.node))
            assert set(up["data"]["metrics"]) == {"uptime", "lastSeen"}, up
            await watcher.subscribe("device", node.node)
            await node.sample()
            # It does not tell all its sensors, and nobody is healthier than what is known of it.
            degraded = await watcher.expect("device:status", where=is_status("degraded", node.node))
            assert is_time(degraded["data"]["metrics"]["lastSeen"]), degraded
        for client in (watcher, all_of_them):
            down = await client.expect("device:status", where=is_status("down", node.node))
            assert down["data"]["metrics"]["uptime"] is None and is_time(down["data"]["metrics"]["lastSeen"]), down


@over_every_transport
async def an_event_comes_once_however_many_subscriptions_match(grid, client):
    async with Publisher(grid, "once") as node, client() as watcher:
        await watcher.subscribe("topic", "devices")
        for _ in range(2):
            await watcher.subscribe("device", node.node)
        await node.sample()
        await watcher.expect("device:metrics")
        await watcher.settle()
        assert not watcher.of("device:metrics"), watcher.inbox


@over_every_transport
async def acknowledgements_come_by_callback_or_as_events(grid, client):
    async with client() as one:
        await one.emit("subscribe", {"type": "device", "id": "device_id"})
        assert await one.expect("subscribed") == {"status": "subscribed", "channel": "device:device_id"}
        await one.emit("unsubscribe", {"type": "device", "id": "device_id"})
        assert await one.expect("unsubscribed") == {"status": "unsubscribed", "channel": "device:device_id"}
        for topic in ("devices", "alerts", "topology", "ml"):
            await one.subscribe("topic", topic)
            await one.unsubscribe("topic", topic)
        await one.refused("NOT_IN_ROOM", "unsubscribe", {"type": "topic", "id": "ml"})


@over_every_transport
async def what_was_unsubscribed_is_silent(grid, client):
    async with Publisher(grid, "silent") as node, client() as one, client() as other:
        for watcher in (one, other):
            await watcher.subscribe("device", node.node)
        await one.unsubscribe("device", node.node)
        await node.sample()
        await other.expect("device:metrics")
        await one.settle()
        assert not one.inbox, one.inbox


@over_every_transport
async def malformed_and_foreign_events_keep_the_connection(grid, client):
    async with client() as one:
        for name, argument, code in [
            ("subscribe", {}, "INVALID_MESSAGE"), ("subscribe", "device", "INVALID_MESSAGE"),
            ("subscribe", {"type": "node", "id": "x"}, "INVALID_MESSAGE"),
            ("subscribe", {"type": "device", "id": b"bytes"}, "INVALID_MESSAGE"),
            ("subscribe", {"type": "topic", "id": "weather"}, "UNKNOWN_ROOM"),
            ("device:status", {"type": "device:status"}, "UNKNOWN_TYPE"), ("hello", 1, "UNKNOWN_TYPE"),
        ]:
            await one.refused(code, name, argument)
        await one.emit("hello", None)
        await one.error("UNKNOWN_TYPE")
        await one.settle()


@over_every_transport
async def who_may_not_look_at_devices_is_told_so_and_nothing_else(grid, client):
    async with Publisher(grid, "not for all") as node, client(token=token(grid, ["admin"])) as boss:
        wishes = [{"type": "device", "id": node.node}]
        wishes += [{"type": "topic", "id": topic} for topic in ("devices", "alerts", "topology", "ml")]
        for permissions in (["task:submit"], ["broadcast", "analytics:read"], []):
            async with client(token=token(grid, permissions)) as one:
                for wish in wishes:
                    await one.refused("FORBIDDEN", "subscribe", wish)
                    await boss.subscribe(wish["type"], wish["id"])
                await node.sample()
                await rest(grid, "/api/v1/alerts", severity="info", node_id=node.node, message="not for all")
                await rest(grid, "/api/v1/predictions", status="failed", node_id=node.node)
                for name in ("device:metrics", "alert:new", "ml:prediction"):
                    await boss.expect(name)
                # What was on its way to it is here before this.
                await one.refused("FORBIDDEN", "subscribe", wishes[0])
                assert not one.inbox, one.inbox


@over_every_transport
async def an_alert_is_told_from_new_to_resolved(grid, client):
    async with Publisher(grid, "alert") as node, client() as topic, client() as device, client() as other:
        await topic.subscribe("topic", "alerts")
        await device.subscribe("device", node.node)
        await other.subscribe("device", "another")
        raised = await rest(
            grid, "/api/v1/alerts", severity="critical", node_id=node.node, message="CPU usage exceeded threshold",
            value=95.5, threshold=90)
        alert = raised["alert_id"]
        ours = lambda event: event["data"]["alertId"] == alert
        for watcher in (topic, device):
            data = (await watcher.expect("alert:new", where=ours))["data"]
            assert is_uuid(alert) and data["severity"] == "critical" and data["deviceId"] == node.node, data
            assert data["message"] == "CPU usage exceeded threshold", data
            assert data["metrics"] == {"value": 95.5, "threshold": 90}, data
        for verb, status in (("acknowledge", "acknowledged"), ("resolve", "resolved")):
            await rest(grid, f"/api/v1/alerts/{alert}/{verb}")
            for watcher in (topic, device):
                data = (await watcher.expect("alert:update", where=ours))["data"]
                assert data["status"] == status and data["updatedBy"] == "boss", data
        await other.settle()
        assert not other.inbox, other.inbox


@over_every_transport
async def a_prediction_is_told(grid, client):
    async with Publisher(grid, "prediction") as node, client() as topic, client() as device:
        await topic.subscribe("topic", "ml")
        await device.subscribe("device", node.node)
        made = await rest(
            grid, "/api/v1/predictions", status="completed", node_id=node.node,
            results=[{"label": "anomaly_type", "confidence": 0.95}])
        for watcher in (topic, device):
            data = (await watcher.expect("ml:prediction"))["data"]
            assert data["jobId"] == made["prediction_id"] and data["status"] == "completed", (data, made)
            assert data["results"] == [{"label": "anomaly_type", "confidence": 0.95}], data


@over_every_transport
async def a_device_that_appears_changes_the_topology(grid, client):
    async with client() as watcher:
        await watcher.subscribe("topic", "topology")
        async with Publisher(grid, "topology") as node:
            def ours(event):
                return any(device["id"] == node.node for device in event["data"]["devices"])
            data = (await watcher.expect("topology:update", where=ours))["data"]
            assert data["changeType"] == "device_added", data
            for device in data["devices"]:
                assert set(device) == {"id", "type", "connections"}, data
                assert device["type"] in ("router", "switch", "endpoint"), data
            kinds = {device["id"]: device["type"] for device in data["devices"]}
            assert kinds[node.node] == "endpoint", data


# MARK: encryption


@over_every_transport
async def sensitive_fields_are_encrypted_for_who_brings_a_key(grid, client):
    key = jwk.JWK.generate(kty="EC", crv="P-256", kid="mine")
    private = json.loads(key.export_private())
    public = json.loads(key.export_public())
    async with client(publicKey=public) as sealed, client() as plain:
        for watcher in (sealed, plain):
            for topic in ("alerts", "ml"):
                await watcher.subscribe("topic", topic)
        raised = await rest(grid, "/api/v1/alerts", severity="info", message="between us")
        ours = lambda event: event["data"]["alertId"] == raised["alert_id"]
        await rest(grid, f"/api/v1/alerts/{raised['alert_id']}/acknowledge")
        await rest(
            grid, "/api/v1/predictions", status="completed", results=[{"label": "secret", "confidence": 0.5}])
        for name, field, expected, where in [
            ("alert:new", "message", "between us", ours), ("alert:update", "updatedBy", "boss", ours),
            ("ml:prediction", "results", [{"label": "secret", "confidence": 0.5}], lambda event: True),
        ]:
            hidden = (await sealed.expect(name, where=where))["data"]
            shown = (await plain.expect(name, where=where))["data"]
            assert shown[field] == expected, shown
            assert hidden[field].count(".") == 4 and decrypt.decrypt(hidden[field], private) == expected, hidden
            assert {**hidden, field: None} == {**shown, field: None}, (hidden, shown)


@check
async def a_key_that_is_none_is_refused(grid):
    for key in ({"kty": "EC"}, {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, "text", 7):
        said = await raises_connection_error(EyeNet(grid, token(grid), publicKey=key))
        assert said["data"] == {"code": "INVALID_MESSAGE"} and "publicKey" in said["message"], said


# MARK: the end


@over_every_transport
async def a_session_ends_with_its_token_and_may_come_back(grid, client):
    async with client(token=token(grid, expires_in=2)) as one:
        await one.settle()
        await one.put_out("TOKEN_EXPIRED")
        await one.return_with(token(grid))
        await one.settle()


@over_every_transport
async def a_session_ends_when_its_token_is_taken_back(grid, client):
    user = f"user-{time.monotonic_ns()}"
    async with client(token=token(grid, user=user)) as one, client() as other:
        await one.settle()
        grid.command(
            "neurogrid-coordinator", "token", "revoke", "--data-dir", str(grid.data), "--user", user)
        await one.put_out("INVALID_TOKEN")
        await other.settle()


@over_every_transport
async def the_hundred_and_first_subscription_is_the_end(grid, client):
    async with client() as one:
        for number in range(100):
            await one.subscribe("device", f"device-{number}")
        # Those that are there already are none more.
        await one.subscribe("device", "device-7")
        assert not one.disconnected.is_set()
        await one.emit("subscribe", {"type": "device", "id": "one-more"})
        await one.put_out("TOO_MANY_REQUESTS")


@over_every_transport
async def the_thousand_and_first_event_in_a_minute_is_the_end(grid, client):
    async with client() as one:
        for _ in range(999):
            await one.emit("subscribe", {"type": "device", "id": "d"})
        await one.subscribe("device", "d")
        assert not one.of("error") and not one.disconnected.is_set(), one.inbox[-1]
        await one.emit("subscribe", {"type": "device", "id": "d"})
        await one.put_out("TOO_MANY_REQUESTS")


@check
async def the_limits_are_a_clients_whatever_namespaces_it_is_in(_):
    with fresh(subscriptions_per_client=3, events_per_client_per_minute=20) as grid:
        heard = {"/": asyncio.Queue(), "/ws": asyncio.Queue()}
        errors = asyncio.Queue()
        client = socketio.AsyncClient(reconnection=False)
        for namespace, queue in heard.items():
            client.on("device:metrics", queue.put, namespace=namespace)
            client.on("error", errors.put, namespace=namespace)
        await client.connect(
            f"http://{grid.address}", transports=["websocket"], namespaces=list(heard), auth={"token": token(grid)})

        async def subscribe(namespace, device):
            answer = await client.call("subscribe", {"type": "device", "id": device}, namespace=namespace)
            assert answer == {"status": "subscribed", "channel": f"device:{device}"}, answer

        async with Publisher(grid, "shared") as node, EyeNet(grid, token(grid)) as other:
            await other.subscribe("device", node.node)
            for namespace in heard:
                await subscribe(namespace, node.node)
            for _ in range(10):
                await node.sample()
            for queue in heard.values():
                for _ in range(10):
                    await asyncio.wait_for(queue.get(), PATIENCE)
            await node.sample()
            for _ in range(11):
                await other.expect("device:metrics")
            for namespace, queue in heard.items():
                await subscribe(namespace, node.node)
                assert queue.empty(), "ten and ten are all that one client is told in a minute"
            await subscribe("/ws", "third")
            await client.emit("subscribe", {"type": "device", "id": "fourth"}, namespace="/")
            error = await asyncio.wait_for(errors.get(), PATIENCE)
            assert error["data"]["code"] == "TOO_MANY_REQUESTS", error
        await client.disconnect()


@check.within(120)
async def metrics_are_conflated_to_a_thousand_a_minute_and_status_is_not(_):
    with fresh() as grid:
        async with EyeNet(grid, token(grid)) as watcher:
            async with Publisher(grid, "busy") as node:
                await watcher.subscribe("device", node.node)
                for _ in range(100):
                    for _ in range(10):
                        await node.sample()
                    for _ in range(10):
                        await watcher.expect("device:metrics")
                async with EyeNet(grid, token(grid)) as other:
                    await other.subscribe("device", node.node)
                    for _ in range(50):
                        await node.sample()
                    for _ in range(50):
                        await other.expect("device:metrics")
                await watcher.settle()
                assert not watcher.of("device:metrics"), len(watcher.of("device:metrics"))
                # Nothing else waits for the minute to pass.
                raised = await rest(grid, "/api/v1/alerts", node_id=node.node, severity="info", message="meanwhile")
                ours = lambda event: event["data"]["alertId"] == raised["alert_id"]
                await watcher.expect("alert:new", where=ours)
                await rest(grid, f"/api/v1/alerts/{raised['alert_id']}/resolve")
                await watcher.expect("alert:update", where=ours)
                await rest(grid, "/api/v1/predictions", node_id=node.node, status="failed")
                await watcher.expect("ml:prediction")
            await watcher.expect("device:status", where=is_status("down", node.node))
            assert not watcher.of("error"), watcher.of("error")


@over_every_transport
async def a_stop_says_goodbye(_, client):
    with fresh() as grid:
        way = client().transports
        async with EyeNet(grid, token(grid), way) as one:
            await one.settle()
            grid.coordinator.process.terminate()
            await one.error("CONNECTION_FAILED")
            await asyncio.wait_for(one.disconnected.wait(), 10)
        assert await asyncio.to_thread(grid.coordinator.process.wait, 20) == 0


@over_every_transport
async def the_library_comes_back_by_itself_when_the_coordinator_was_gone(_, client):
    with fresh() as grid:
        entered = asyncio.Queue()
        one = socketio.AsyncClient(reconnection_delay=0.1, randomization_factor=0)
        one.on("connect", lambda: entered.put_nowait(True), namespace="/ws")
        await one.connect(
            f"http://{grid.address}", transports=client().transports, namespaces=["/ws"], auth={"token": token(grid)})
        await asyncio.wait_for(entered.get(), PATIENCE)
        grid.coordinator.kill()
        grid.start_coordinator(grid.address)
        await asyncio.wait_for(entered.get(), 3 * PATIENCE)
        answer = await one.call("subscribe", {"type": "topic", "id": "ml"}, namespace="/ws")
        assert answer == {"status": "subscribed", "channel": "topic:ml"}, answer
        await one.disconnect()


# MARK: limits of the transport


@check
async def sessions_of_an_address_count_with_other_dialects_and_come_as_often_as_they_like(_):
    with Grid(limits={"connections_per_ip": 2}) as grid:
        for _ in range(15):
            async with EyeNet(grid, token(grid)):
                pass
        async with Native(grid.url), EyeNet(grid, token(grid), ["polling"]):
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://{grid.address}/socket.io/?EIO=4&transport=polling") as answer:
                    body = await answer.json()
                    assert answer.status == 429 and answer.headers["Retry-After"], answer
                    assert body["type"] == "error" and body["data"]["code"] == "TOO_MANY_REQUESTS", body


@check
async def requests_that_are_none_get_the_protocols_answers(grid):
    async with aiohttp.ClientSession() as session:
        for query, code in [
            ("transport=polling", 5), ("EIO=3&transport=polling", 5), ("EIO=4&transport=smoke", 0), ("EIO=4", 0),
            ("EIO=4&transport=polling&sid=00nosuch", 1), ("EIO=4&transport=polling&sid=01nosuch", 1),
            ("EIO=4&transport=polling&sid=ffnosuch", 1), ("EIO=4&transport=polling&sid=zz", 1),
            ("EIO=4&transport=websocket", 3),
        ]:
            async with session.get(f"http://{grid.address}/socket.io/?{query}") as answer:
                body = await answer.json()
                assert answer.status == 400 and body["code"] == code and body["message"], (query, body)
        async with session.post(f"http://{grid.address}/socket.io/?EIO=4&transport=polling") as answer:
            assert answer.status == 400 and (await answer.json())["code"] == 2
        foreign = {"Origin": "https://elsewhere.example"}
        async with session.get(
                f"http://{grid.address}/socket.io/?EIO=4&transport=polling", headers=foreign) as answer:
            assert answer.status == 403 and (await answer.json())["code"] == 4


@check
async def a_body_beyond_the_payload_is_refused_and_the_session_goes_on(grid):
    async with EyeNet(grid, token(grid), ["polling"]) as one:
        url = f"http://{grid.address}/socket.io/?EIO=4&transport=polling&sid={one.client.eio.sid}"
        async with aiohttp.ClientSession() as session:
            async with session.post(url, data="4" + "x" * 1_000_000) as answer:
                assert answer.status == 413, answer.status
        await one.settle()


if __name__ == "__main__":
    check.run(lambda: Grid(limits=UNLIMITED))

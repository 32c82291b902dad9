"""NeuroGraph's WebSocket guide, sentence by sentence, with a client that knows nothing but that document."""

import asyncio
import contextlib
import json
import time

from checks import Checks
from check_authentication import no_limits
from grid import Grid
from native import TIME, Client
from neurograph import NeuroGraph, kind
from publisher import Publisher
from websockets.exceptions import InvalidStatus

check = Checks("neurograph")
ALL = ["metrics", "signals", "actions", "logs", "status", "connections"]
JSON = {"Content-Type": "application/json"}
OWNER = "anna"
API = "/api/v1/websocket"


def fresh(limits=None, **configuration):
    return Grid(limits={**no_limits(), **(limits or {})}, **configuration)


def ask(grid, path, user="reader", permissions=("node:read",), **request):
    status, _, body = grid.request(API + path, token=grid.sign(user, permissions), **request)
    return status, json.loads(body)


def broadcast(grid, permissions=("broadcast",), **body):
    return ask(
        grid, "/broadcast", "speaker", permissions, method="POST", headers=JSON, body=json.dumps(body))


def say(grid, channel, number, **more):
    status, answer = broadcast(grid, channel=channel, event_type="custom", data={"number": number}, **more)
    assert status == 200 and answer["status"] == "success", answer
    return answer["delivered"]


def numbers(messages):
    return [message["data"]["number"] for message in messages if message.get("event_type") == "custom"]


async def until(holds, seconds=10):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came so far"
        await asyncio.sleep(0.02)


def submit(grid, **body):
    token = grid.sign(OWNER, ["task:submit"])
    status, _, answer = grid.request("/api/v1/tasks", token=token, method="POST", headers=JSON, body=json.dumps(body))
    assert status == 201, (status, answer)
    return json.loads(answer)


# MARK: connecting


@check
async def a_client_with_a_token_is_greeted_by_its_name(grid):
    seen = set()
    for path in ("/ws", "/neurograph/ws"):
        async with NeuroGraph(grid, token=grid.sign("anna"), path=path) as client:
            assert client.info["user_id"] == "anna", client.info
            seen.add(client.client_id)
            await client.settle()
            assert not client.inbox, client.inbox
    assert len(seen) == 2, "names are unlike each other"
    header = {"additional_headers": {"Authorization": "Bearer " + grid.sign("bert")}}
    async with NeuroGraph(grid, path="/neurograph/ws", **header) as client:
        assert client.info["user_id"] == "bert", client.info


@check
async def a_bad_token_is_refused(grid):
    for token, code in [("nonsense", "INVALID_TOKEN"), (grid.sign(expires_in=-60), "TOKEN_EXPIRED")]:
        async with NeuroGraph(grid, token=token, greeted=False) as client:
            await client.error(code)
            assert await client.closed() == 1008
    async with NeuroGraph(grid, path="/neurograph/ws", greeted=False) as client:
        await client.error("NOT_AUTHENTICATED")
        assert await client.closed() == 1008


@check
async def without_development_mode_there_are_no_anonymous_clients(grid):
    async with NeuroGraph(grid, greeted=False) as client:
        await client.refused("NOT_AUTHENTICATED", "subscribe", channels=["metrics"])
        await client.refused("NOT_AUTHENTICATED", "get_subscriptions")
    # Whoever asked so may still turn out to be a client of the native dialect.
    async with Client(grid.url) as client:
        await client.send_raw('{"type":"subscribe","channels":["metrics"]}')
        assert (await client.receive())["type"] == "error"
        await client.authenticate(grid.sign())
        await client.join("nodes")


@check
async def a_session_ends_with_its_token(grid):
    async with NeuroGraph(grid, token=grid.sign(OWNER, expires_in=2)) as client:
        await client.error("TOKEN_EXPIRED")
        assert await client.closed() == 1008


# MARK: channels


@check
async def subscriptions_are_confirmed_and_told(grid):
    async with NeuroGraph(grid, token=grid.sign("boss", ["admin"])) as client:
        assert await client.subscriptions() == []
        await client.subscribe("metrics", "signals")
        await client.subscribe("signals", "logs")
        assert await client.subscriptions() == ["metrics", "signals", "logs"]
        await client.unsubscribe("signals")
        await client.unsubscribe("signals")
        assert await client.subscriptions() == ["metrics", "logs"]
        await client.subscribe(*ALL)
        assert sorted(await client.subscriptions()) == sorted(ALL)
        await client.send("ping")
        assert set(await client.expect("pong")) == {"type", "timestamp"}


@check
async def a_nodes_arrival_and_status_come_in_status(grid):
    async with NeuroGraph(grid, token=grid.sign()) as client, NeuroGraph(grid, token=grid.sign()) as other:
        await client.subscribe("status")
        await other.subscribe("signals")
        async with Publisher(grid, "node-a") as node:
            registered = await client.expect("node_registered")
            assert registered["channel"] == "status" and registered["data"]["node_id"] == node.node, registered
            assert registered["data"]["name"] == "node-a" and registered["data"]["owner_id"] == "owner-1", registered
            assert registered["data"]["location"]["region"] == "eu-west-1", registered
            assert registered["data"]["specifications"]["gpu"] == "Checked GPU", registered
            status = await client.expect("node_status")
            assert status["channel"] == "status" and status["data"]["node_id"] == node.node, status
            assert status["data"]["status"] == "online", status
            await node.sample()
        offline = await client.expect("node_status", where=lambda m: m["data"]["status"] == "offline")
        assert offline["data"]["node_id"] == node.node and offline["data"]["previous_status"] == "online", offline
        await other.settle()
        assert not other.events("node_registered", "node_status"), other.inbox
        assert not client.events("node_metrics"), "readings are no status"


@check
async def an_administrators_notice_comes_in_status(grid):
    async with NeuroGraph(grid, token=grid.sign()) as client:
        await client.subscribe("status")
        body = {"level": "warning", "title": "Maintenance", "message": "At two", "affected_services": ["routing"]}
        status, _, _ = grid.request(
            "/api/v1/notifications", token=grid.sign("boss", ["admin"]), method="POST", headers=JSON,
            body=json.dumps(body))
        assert status == 201, status
        told = await client.expect("system_notification")
        assert told["channel"] == "status" and told["data"].items() >= body.items(), told


@check
async def system_metrics_come_by_themselves(_):
    with fresh(neurograph={"metrics_interval": "200ms"}) as grid:
        async with NeuroGraph(grid, token=grid.sign()) as client:
            await client.subscribe("metrics")
            for _ in range(3):
                event = await client.expect("system_metrics")
                assert event["channel"] == "metrics", event
                data = event["data"]
                assert set(data) == {"cpu_percent", "memory_mb", "events_per_sec", "total_tokens"}, event
                assert data["cpu_percent"] >= 0 and 1 <= data["memory_mb"] < 4096, event
                assert data["events_per_sec"] >= 0 and data["total_tokens"] == 0, event


@check
async def system_metrics_come_every_five_seconds(grid):
    async with NeuroGraph(grid, token=grid.sign()) as client:
        await client.subscribe("metrics")
        times = []
        for _ in range(3):
            await client.expect("system_metrics")
            times.append(time.monotonic())
        assert all(4 < later - earlier < 6.5 for earlier, later in zip(times, times[1:])), times


@check
async def a_tasks_way_is_told_in_actions_to_its_owner(grid):
    grid.command(
        "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", OWNER, "--currency", "USD",
        "--amount", "100.00")
    async with NeuroGraph(grid, token=grid.sign()) as client:
        await client.subscribe("status")
        grid.start_agent("node-1", owner="owner-1")
        await client.expect("node_status", where=lambda m: m["data"]["status"] == "online")
    token = grid.sign(OWNER, ["task:submit"])
    async with (
        NeuroGraph(grid, token=token) as client, NeuroGraph(grid, token=grid.sign("mallory", ["task:submit"])) as other,
    ):
        await client.subscribe("actions")
        await other.subscribe("actions")
        task = submit(grid, runner="selftest", arguments={"seconds": 1, "steps": 3}, timeout_seconds=60)["task_id"]
        ended = await client.expect("task_status", timeout=30, where=lambda m: m["data"]["status"] == "completed")
        assert ended["data"]["task_id"] == task, ended
        told = [kind(m) for m in client.inbox]
        assert told[0] == "task_created" and told[-1] == "task_completed" and "task_progress" in told, told
        rest = [name for name in told if name != "task_progress"]
        assert rest == ["task_created", "task_status", "task_assigned", "task_status", "task_completed"], told
        statuses = [m["data"]["status"] for m in [*client.events("task_created", "task_status"), ended]]
        assert statuses == ["pending", "assigned", "running", "completed"], statuses
        created, assigned, completed = (
            client.events(name)[0]["data"] for name in ("task_created", "task_assigned", "task_completed"))
        assert created["previous_status"] is None and created["user_id"] == OWNER, created
        assert assigned["node_id"] == completed["node_id"] and assigned["user_id"] == OWNER, (assigned, completed)
        assert (completed["previous_status"], completed["status"]) == ("running", "completed"), completed
        assert completed["result"]["processing_time"] > 0, completed
        assert completed["result"]["exit_status"] == 0 and completed["cost"]["currency"] == "USD", completed
        steps = [m["data"]["progress"] for m in client.events("task_progress")]
        assert steps == sorted(steps) and all(0 <= step <= 100 for step in steps), steps
        for message in [*client.inbox, ended]:
            assert message["channel"] == "actions" and message["data"]["task_id"] == task, message
        await other.settle()
        assert not other.inbox, other.inbox


def post(grid, path, user="boss", permissions=("admin",), **body):
    status, _, answer = grid.request(
        path, token=grid.sign(user, permissions), method="POST", headers=JSON, body=json.dumps(body) if body else "")
    assert status in (200, 201), (status, answer)
    return json.loads(answer)


@check
async def alerts_and_predictions_come_in_signals(grid):
    async with NeuroGraph(grid, token=grid.sign()) as client:
        await client.subscribe("signals")
        alert = post(grid, "/api/v1/alerts", severity="critical", kind="room", message="hot")
        told = await client.expect("alert_new", where=lambda m: m["data"]["alert_id"] == alert["alert_id"])
        assert told["channel"] == "signals" and told["data"]["message"] == "hot", told
        post(grid, f"/api/v1/alerts/{alert['alert_id']}/resolve")
        told = await client.expect("alert_update", where=lambda m: m["data"]["alert_id"] == alert["alert_id"])
        assert told["data"]["status"] == "resolved" and told["data"]["updated_by"] == "boss", told
        post(grid, "/api/v1/predictions", status="completed", results=[{"label": "drift", "confidence": 0.9}])
        told = await client.expect("prediction")
        assert told["channel"] == "signals" and told["data"]["results"][0]["label"] == "drift", told


@check
async def what_operators_do_comes_in_actions(grid):
    async with NeuroGraph(grid, token=grid.sign("boss", ["admin"])) as boss:
        async with NeuroGraph(grid, token=grid.sign("carl", ["task:submit"])) as other:
            await boss.subscribe("actions")
            await other.subscribe("actions")
            post(grid, "/api/v1/alerts", message="look")
            told = await boss.expect("action_executed")
            assert told["channel"] == "actions" and told["data"]["action"] == "alert_raised", told
            assert told["data"]["user_id"] == "boss", told
            await other.settle()
            assert not other.events("action_executed"), "what others do is none of its business"


@check
async def clients_that_come_and_go_are_told_in_connections(grid):
    async with NeuroGraph(grid, token=grid.sign("boss", ["admin"])) as boss:
        await boss.subscribe("connections")
        async with NeuroGraph(grid, token=grid.sign("dave")) as client:
            told = await boss.expect("client_connected", where=lambda m: m["data"]["user_id"] == "dave")
            assert told["channel"] == "connections" and told["data"]["client_id"] == client.client_id, told
            assert told["data"]["dialect"] == "neurograph" and told["data"]["address"] == "127.0.0.1", told
        told = await boss.expect("client_disconnected", where=lambda m: m["data"]["user_id"] == "dave")
        assert told["channel"] == "connections" and told["data"]["client_id"] == client.client_id, told
        assert told["data"]["dialect"] == "neurograph" and told["data"]["address"] == "127.0.0.1", told
        assert told["data"]["reason"] == "peer", told


@check
async def log_lines_come_in_logs(grid):
    async with NeuroGraph(grid, token=grid.sign("boss", ["admin"])) as boss:
        await boss.subscribe("logs")
        async with NeuroGraph(grid, token="nonsense", greeted=False) as client:
            await client.closed()
        told = await boss.expect("log", where=lambda m: m["data"]["message"] == "authentication failed")
        assert told["channel"] == "logs" and told["data"]["level"] == "warning", told
        assert not boss.events("client_connected", "client_disconnected", "action_executed"), boss.inbox


@check
async def channels_need_permissions(grid):
    allowed = {
        "node:read": ["metrics", "signals", "status"], "task:submit": ["actions"], "analytics:read": [],
        "broadcast": [], "admin": ALL,
    }
    for permission, channels in allowed.items():
        async with NeuroGraph(grid, token=grid.sign("u", [permission])) as client:
            for channel in ALL:
                if channel in channels:
                    await client.subscribe(channel)
                else:
                    await client.refused("FORBIDDEN", "subscribe", channels=[channel])
            assert await client.subscriptions() == channels


# MARK: messages


@check
async def malformed_and_foreign_messages_keep_the_connection(grid):
    async with NeuroGraph(grid, token=grid.sign()) as client:
        for text in ["nonsense", "[]", "{}", '{"type":5}', '{"type":"ping"', "null"]:
            await client.socket.send(text)
            await client.error("INVALID_MESSAGE")
        await client.socket.send(b'{"type":"ping"}')
        await client.error("INVALID_MESSAGE")
        for channels in [None, "metrics", [], [5], {"metrics": 1}, [None]]:
            await client.refused("INVALID_MESSAGE", "subscribe", channels=channels)
            await client.settle()
        for what in ["pong", "subscribed", "connected", "authenticate", "join_room"]:
            await client.refused("UNKNOWN_TYPE", what)
        await client.settle()
        for name in ["bogus", "Metrics", "", "*", "metrics "]:
            answer = await client.refused("UNKNOWN_ROOM", "subscribe", channels=["metrics", name])
            assert "metrics, signals" in answer["message"], answer
            await client.settle()
        assert await client.subscriptions() == [], "one unknown name refuses all"


@check
async def messages_have_no_limit(_):
    with Grid(limits={"messages_per_connection_per_minute": 5, "connections_per_ip": 2,
                      "connections_per_ip_per_minute": 2}) as grid:
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(6):
                client = await stack.enter_async_context(NeuroGraph(grid, token=grid.sign()))
            for _ in range(300):
                await client.send("ping")
            for _ in range(300):
                assert (await client.receive())["type"] == "pong"


@check
async def a_hundred_connections(_):
    with fresh() as grid:
        async with contextlib.AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(NeuroGraph(grid, token=grid.sign())) for _ in range(100)]
            try:
                async with NeuroGraph(grid, token=grid.sign()):
                    raise AssertionError("the connection was accepted")
            except InvalidStatus as refusal:
                response = refusal.response
                assert response.status_code == 429 and int(response.headers["Retry-After"]) >= 1, response
                body = json.loads(response.body)
                assert set(body) == {"type", "message", "code"} and body["type"] == "error", body
            async with Client(grid.url) as native:
                await native.authenticate(grid.sign())
            await clients[0].socket.close()
            await until(lambda: ask(grid, "/status")[1]["total_connections"] == 99)
            async with NeuroGraph(grid, token=grid.sign()) as late:
                await late.settle()


async def until_sent_away(grid):
    """How often a peer is pinged that answers nothing, and the code of the close frame that it gets then."""
    reader, writer = await asyncio.open_connection(*grid.host_and_port)
    head = f"GET /ws?token={grid.sign()} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write((head + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
    await reader.readuntil(b"\r\n\r\n")
    pings = 0
    while True:
        opcode, length = await reader.readexactly(2)
        if length == 126:
            length = int.from_bytes(await reader.readexactly(2), "big")
        payload = await reader.readexactly(length)
        pings += opcode == 0x89
        if opcode == 0x88:
            writer.close()
            return pings, int.from_bytes(payload[:2], "big")


@check.within(120)
async def the_server_pings_every_thirty_seconds(grid):
    silent = asyncio.create_task(until_sent_away(grid))
    async with NeuroGraph(grid, token=grid.sign(), ping_interval=None) as client:
        pings = []
        original = client.socket.protocol.recv_frame

        def watch(frame):
            if frame.opcode.name == "PING":
                pings.append(time.monotonic())
            return original(frame)

        client.socket.protocol.recv_frame = watch
        began = time.monotonic()
        while len(pings) < 2:
            assert time.monotonic() - began < 70, pings
            # Who talks is pinged as well.
            await client.settle()
            await asyncio.sleep(1)
        assert 28 < pings[0] - began < 33 and 28 < pings[1] - pings[0] < 33, pings
        count, code = await silent
        assert count >= 1 and code == 3012, (count, code)
        # Who talks and answers stays.
        await client.settle()


# MARK: REST


@check
async def statistics_tell_of_channels_and_clients(grid):
    await until(lambda: ask(grid, "/status")[1]["total_connections"] == 0)
    async with NeuroGraph(grid, token=grid.sign()) as one, NeuroGraph(grid, token=grid.sign()) as two:
        async with Client(grid.url) as native:
            await native.authenticate(grid.sign())
            await one.subscribe("metrics", "status")
            await two.subscribe("metrics")
            status, answer = ask(grid, "/status")
            assert status == 200 and set(answer) == {"status", "total_connections", "channels"}, answer
            assert answer["status"] == "healthy" and answer["total_connections"] == 2, answer
        status, listed = ask(grid, "/channels")
        assert status == 200 and set(listed) == {"channels"} and listed["channels"] == answer["channels"], listed
        assert [channel["name"] for channel in listed["channels"]] == ALL, listed
        for channel in listed["channels"]:
            assert set(channel) == {"name", "description", "subscribers"} and channel["description"], channel
            assert channel["subscribers"] == {"metrics": 2, "status": 1}.get(channel["name"], 0), channel
            assert ask(grid, f"/channels/{channel['name']}") == (200, channel)
        await one.unsubscribe("metrics")
        assert ask(grid, "/channels/metrics")[1]["subscribers"] == 1
    await until(lambda: ask(grid, "/channels/metrics")[1]["subscribers"] == 0)
    assert ask(grid, "/channels/nosuch")[0] == 404
    for path in ("/status", "/channels", "/channels/metrics"):
        assert grid.request(API + path)[0] == 401
        assert grid.request(API + path, method="POST")[0] == 405


@check
async def a_broadcast_reaches_the_channels_subscribers(grid):
    async with NeuroGraph(grid, token=grid.sign()) as one, NeuroGraph(grid, token=grid.sign()) as two:
        await one.subscribe("signals")
        await two.subscribe("metrics")
        data = {"text": "ä\n\u2028", "list": [1, 2.5, None, True], "deep": {"a": {}}}
        status, answer = broadcast(grid, channel="signals", event_type="my.event", data=data)
        assert (status, answer) == (200, {"status": "success", "channel": "signals", "delivered": 1}), answer
        event = await one.expect("my.event")
        assert event["channel"] == "signals" and event["data"] == data, event
        await two.settle()
        assert not two.events("my.event"), two.inbox


@check
async def a_broadcast_to_all_reaches_everybody(grid):
    async with NeuroGraph(grid, token=grid.sign()) as one, NeuroGraph(grid, token=grid.sign("x", [])) as two:
        await one.subscribe("signals")
        await two.settle()
        assert say(grid, "*", 7) == 2
        for client in (one, two):
            event = await client.expect("custom")
            assert event["channel"] == "*" and event["data"] == {"number": 7}, event


@check
async def a_broadcast_to_one_client_reaches_it_alone(grid):
    async with NeuroGraph(grid, token=grid.sign()) as one, NeuroGraph(grid, token=grid.sign()) as two:
        status, answer = broadcast(
            grid, client_id=one.client_id, event_type="custom", data={"number": 1})
        assert (status, answer) == (200, {"status": "success", "channel": "*", "delivered": 1}), answer
        assert say(grid, "logs", 2, client_id=one.client_id) == 1
        assert [(await one.expect("custom"))["channel"] for _ in range(2)] == ["*", "logs"]
        await two.settle()
        assert not two.inbox, two.inbox
    unknown = broadcast(grid, client_id="0f8fad5b-d9cb-469f-a165-70867728950e", event_type="e", data={})
    assert unknown[0] == 404, unknown


@check
def a_broadcast_needs_the_permission_and_is_validated(grid):
    good = {"channel": "signals", "event_type": "custom", "data": {}}
    for permissions in (["broadcast"], ["admin"]):
        assert broadcast(grid, permissions, **good)[0] == 200
    for permissions in ([], ["node:read", "task:submit", "analytics:read"]):
        assert broadcast(grid, permissions, **good)[0] == 403
    assert grid.request(API + "/broadcast", method="POST", headers=JSON, body=json.dumps(good))[0] == 401
    assert grid.request(API + "/broadcast", token=grid.sign("s", ["broadcast"]))[0] == 405
    metrics = {"cpu_percent": 1, "memory_mb": 2, "events_per_sec": 3, "total_tokens": 4}
    assert broadcast(grid, channel="metrics", event_type="system_metrics", data=metrics)[0] == 200
    bad = [
        {**good, "channel": "nosuch"}, {**good, "channel": 5}, {**good, "event_type": ""},
        {**good, "event_type": "a b"}, {**good, "event_type": "x" * 65}, {**good, "more": 1}, {"channel": "signals"},
        {"event_type": "custom", "data": {}}, {"channel": "signals", "event_type": "custom"},
        {**good, "client_id": "me"}, {**good, "data": "x" * 70000},
        # Events that clients know mean what they always mean.
        {**good, "event_type": "system_metrics", "data": metrics},
        {"channel": "metrics", "event_type": "system_metrics", "data": {**metrics, "cpu_percent": "1"}},
        {"channel": "metrics", "event_type": "system_metrics", "data": {"cpu_percent": 1}},
        {"channel": "metrics", "event_type": "system_metrics", "data": []},
        {"channel": "status", "event_type": "node_status", "data": {"node_id": "n", "status": None}},
    ]
    for body in bad:
        status, answer = broadcast(grid, **body)
        assert status == 400 and answer["error"]["code"] == "INVALID_MESSAGE", (body, status, answer)
    status, _, _ = grid.request(
        API + "/broadcast", token=grid.sign("s", ["broadcast"]), method="POST", headers=JSON, body="nonsense")
    assert status == 400


# MARK: development mode


def developers():
    return Grid(limits=no_limits(), dev=True)


@check
async def in_development_mode_clients_may_be_anonymous(_):
    with developers() as grid:
        async with NeuroGraph(grid, path="/neurograph/ws") as client:
            assert client.info["user_id"] is None, client.info
            await client.subscribe(*ALL)
            for channel in ALL:
                say(grid, channel, channel)
                event = await client.expect("custom", where=lambda m, channel=channel: m["channel"] == channel)
                assert event["data"]["number"] == channel
        async with NeuroGraph(grid, client_id=client.client_id) as again:
            assert again.client_id == client.client_id and await again.subscriptions() == ALL


@check
async def on_the_bare_path_the_first_message_decides(_):
    with developers() as grid:
        # As the document's browser does it: it does not wait to be greeted.
        for first, answer in [({"type": "subscribe", "channels": ["metrics"]}, "subscribed"),
                              ({"type": "get_subscriptions"}, "subscriptions")]:
            async with NeuroGraph(grid, greeted=False) as client:
                await client.send("ping")
                pong = json.loads(await client.socket.recv())
                assert pong["type"] == "pong" and TIME.match(pong["timestamp"]), pong
                await client.socket.send(json.dumps(first))
                greeting = await client.receive()
                assert greeting["type"] == "connected" and greeting["user_id"] is None, greeting
                assert (await client.receive())["type"] == answer
        async with Client(grid.url) as native:
            await native.authenticate(grid.sign())
            await native.join("nodes")
            await native.send_raw('{"type":"subscribe","channels":["metrics"]}')
            answer = await native.expect("error")
            assert answer["data"]["code"] == "UNKNOWN_TYPE", answer


@check
async def who_is_silent_becomes_anonymous_and_may_still_authenticate(_):
    with developers() as grid:
        began = time.monotonic()
        async with NeuroGraph(grid) as client, Client(grid.url) as native:
            assert 2 < time.monotonic() - began < 6
            greeting = await native.receive()
            assert greeting["type"] == "connected" and greeting["user_id"] is None, greeting
            # Who says nothing is told what everybody is told.
            for number, speaks in enumerate([False, True]):
                if speaks:
                    await client.subscribe("status")
                assert say(grid, "*", number) == 2
                assert (await client.expect("custom"))["data"]["number"] == number
                assert (await native.receive())["data"] == {"number": number}
            await client.settle()
            assert not client.inbox, client.inbox
            await native.authenticate(grid.sign("anna"))
            await native.join("nodes")
            await client.refused("UNKNOWN_TYPE", "authenticate", data={"token": grid.sign()})
            await client.settle()
            assert ask(grid, "/status")[1]["total_connections"] == 1


# MARK: the end


@check
async def a_coordinator_that_stops_says_so(_):
    with fresh() as grid:
        async with NeuroGraph(grid, token=grid.sign()) as client:
            await client.subscribe("signals")
            say(grid, "signals", 1)
            grid.coordinator.process.terminate()
            assert await client.closed() == 1001
            assert numbers(client.inbox) == [1], client.inbox
        assert grid.coordinator.process.wait(10) == 0


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits()))

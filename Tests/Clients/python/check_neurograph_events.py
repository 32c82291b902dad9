"""NeuroGraph's events one by one, and what its document says of speed and numbers, with a client written from it."""

import asyncio
import collections
import contextlib
import json
import resource
from datetime import datetime, timezone

from check_metrics import scrape
from check_neurograph import ALL, broadcast, fresh, numbers, post, say
from checks import Checks
from native import Client
from neurograph import NeuroGraph, OURS, kind
from publisher import Publisher
from triggerx import call, create_key
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

check = Checks("neurograph, events")
OWNER = "anna"
BOSS = ("boss", ["admin"])


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


# MARK: events


@check
async def a_device_that_appears_changes_the_topology(grid):
    async with NeuroGraph(grid, token=grid.sign()) as client:
        await client.subscribe("status")
        async with Publisher(grid, "topology") as node:
            def ours(event):
                return any(device["id"] == node.node for device in event["data"]["devices"])
            told = await client.expect("topology_update", where=ours)
            assert told["channel"] == "status" and told["data"]["change_type"] == "device_added", told
            (device,) = [device for device in told["data"]["devices"] if device["id"] == node.node]
            assert device["type"] == "endpoint" and device["name"] == "topology", told


@check
async def a_fee_is_told_in_actions(grid):
    key = create_key(grid, OWNER)
    async with (
        NeuroGraph(grid, token=grid.sign(OWNER, ["task:submit"])) as client,
        NeuroGraph(grid, token=grid.sign("mallory", ["task:submit"])) as other,
    ):
        await client.subscribe("actions")
        await other.subscribe("actions")
        status, task = call(grid, "POST", "/api/tasks", key, {"job_id": "j", "task_definition_id": 7, "is_imua": False})
        assert status == 201, task
        created = (await client.expect("task_created"))["data"]
        assert created["task_number"] == task["task_id"] and created["cost"] is None, created
        status, answer = call(grid, "PUT", f"/api/tasks/{task['task_id']}/fee", key, {"fee": 0.25})
        assert status == 200, answer
        told = await client.expect("task_fee")
        assert told["channel"] == "actions" and told["data"]["task_id"] == created["task_id"], told
        assert told["data"]["cost"]["amount"] == 0.25 and told["data"]["status"] == "pending", told
        await other.settle()
        assert not other.inbox, other.inbox


@check
async def clients_of_another_dialect_are_told_of_too(grid):
    async with NeuroGraph(grid, token=grid.sign(*BOSS)) as boss:
        await boss.subscribe("connections")
        ours = lambda event: event["data"]["user_id"] == "nina"
        async with Client(grid.url) as native:
            await native.authenticate(grid.sign("nina"))
            came = await boss.expect("client_connected", where=ours)
            assert came["channel"] == "connections" and came["data"]["dialect"] == "native", came
        went = await boss.expect("client_disconnected", where=ours)
        assert went["channel"] == "connections" and went["data"]["client_id"] == came["data"]["client_id"], went
        assert went["data"]["reason"] == "peer" and "reason" not in came["data"], (came, went)
        hasty = await connect(grid.url)
        await hasty.send(json.dumps({"type": "authenticate", "data": {"token": grid.sign("nina")}}))
        await boss.expect("client_connected", where=ours)
        hasty.transport.abort()
        went = await boss.expect("client_disconnected", where=ours)
        assert went["data"]["reason"] == "lost", went


@check
async def an_event_comes_once_whatever_was_subscribed(grid):
    began = datetime.now(timezone.utc).timestamp()
    async with NeuroGraph(grid, token=grid.sign(*BOSS)) as client:
        await client.subscribe(*ALL)
        await client.subscribe(*reversed(ALL))
        async with Publisher(grid, "once"):
            post(grid, "/api/v1/alerts", message="look")
            post(grid, "/api/v1/notifications", title="t", message="m")
            post(grid, "/api/v1/predictions", status="completed", results=[])
            for number, channel in enumerate([*ALL, "*"]):
                say(grid, channel, number)
            async with NeuroGraph(grid, token=grid.sign("eve")):
                pass
        # The last of them; then whatever was on its way.
        gone = await client.expect("node_status", where=lambda m: m["data"]["status"] == "offline")
        left = await client.expect("client_disconnected", where=lambda m: m["data"]["user_id"] == "eve")
        await client.settle()
        ended = datetime.now(timezone.utc).timestamp()
        events = [message for message in [*client.inbox, gone, left] if "event_type" in message]
        assert all(began - 1 <= seconds(event["timestamp"]) <= ended + 1 for event in events), (began, events, ended)
        # A line of the log may be written twice; nothing else is like another.
        told = collections.Counter(json.dumps(event, sort_keys=True) for event in events if kind(event) != "log")
        assert set(told.values()) == {1}, [event for event, count in told.items() if count > 1]
        names = {kind(event) for event in events}
        assert names >= {
            "node_registered", "node_status", "topology_update", "alert_new", "system_notification", "prediction",
            "client_connected", "client_disconnected", "action_executed", "custom"}, names
        assert sorted(numbers(events)) == list(range(7)), numbers(events)


@check
async def what_we_tell_others_may_broadcast(grid):
    said = [(golden["channel"], name, golden["data"]) for name, golden in OURS.items()]
    said.append(("logs", "log", {**OURS["log"]["data"], "level": "debug", "message": "look here"}))
    assert {channel for channel, _, _ in said} == set(ALL) and len(said) == 19, said
    async with NeuroGraph(grid, token=grid.sign(*BOSS)) as client:
        await client.subscribe(*ALL)
        for channel, name, data in said:
            status, answer = broadcast(grid, channel=channel, event_type=name, data=data)
            assert status == 200 and answer["delivered"] == 1, (name, answer)
            told = await client.expect(name, where=lambda m, data=data: m["data"] == data)
            assert told["channel"] == channel, told


@check
async def what_was_unsubscribed_is_silent(grid):
    async with NeuroGraph(grid, token=grid.sign()) as client:
        await client.subscribe("signals", "metrics")
        assert say(grid, "signals", 1) == 1
        assert (await client.expect("custom"))["data"]["number"] == 1
        await client.unsubscribe("signals")
        assert say(grid, "signals", 2) == 0
        post(grid, "/api/v1/predictions", status="completed", results=[])
        assert say(grid, "metrics", 3) == 1
        assert (await client.expect("custom"))["data"]["number"] == 3
        assert not client.events("custom", "prediction"), client.inbox


@check
async def both_sides_speak_at_once(grid):
    count = 200
    async with NeuroGraph(grid, token=grid.sign()) as client:
        await client.subscribe("signals")

        async def ask():
            for _ in range(count):
                await client.send("ping")

        def tell():
            for number in range(count):
                say(grid, "signals", number)

        await asyncio.gather(ask(), asyncio.to_thread(tell))
        heard = [await client.receive() for _ in range(2 * count)]
        assert numbers(heard) == list(range(count)), numbers(heard)
        assert sum(kind(message) == "pong" for message in heard) == count


# MARK: figures


@check
async def system_metrics_are_what_the_coordinator_takes(_):
    with fresh(neurograph={"metrics_interval": "500ms"}) as grid:
        async with NeuroGraph(grid, token=grid.sign()) as client:
            await client.subscribe("metrics")
            last = await client.expect("system_metrics")
            await asyncio.to_thread(lambda: [say(grid, "signals", number) for number in range(100)])
            counted, shares = 0, []
            while counted < 95:
                event = await client.expect("system_metrics")
                span = seconds(event["timestamp"]) - seconds(last["timestamp"])
                counted, last = counted + event["data"]["events_per_sec"] * span, event
                shares.append(event["data"]["cpu_percent"])
            # The measurements are events, too.
            assert counted < 140, counted
            assert max(shares) > 0, shares
            resident = scrape(grid)[0]["process_resident_memory_bytes"] / 2**20
            assert abs(last["data"]["memory_mb"] - resident) < resident / 4, (last, resident)


@check
async def connections_are_counted_in_the_metrics_too(grid):
    name = 'neurogrid_connections{dialect="neurograph",role="subscriber"}'
    before = scrape(grid)[0][name]
    async with NeuroGraph(grid, token=grid.sign()), NeuroGraph(grid, token=grid.sign()):
        assert scrape(grid)[0][name] == before + 2


@check
async def an_event_is_encoded_once_for_all_subscribers(_):
    with fresh() as grid:
        async with contextlib.AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(NeuroGraph(grid, token=grid.sign())) for _ in range(20)]
            for client in clients:
                await client.subscribe("signals")
            before, _ = scrape(grid)
            assert say(grid, "signals", 1) == 20
            for client in clients:
                assert (await client.expect("custom"))["data"]["number"] == 1
            after, _ = scrape(grid)
            moved = {name: value - before.get(name, 0) for name, value in after.items()}
            assert moved['neurogrid_encodes_total{dialect="neurograph"}'] == 1, moved
            assert moved["neurogrid_deliveries_total"] == 20, moved


@check
async def who_reads_nothing_holds_nobody_up(_):
    with fresh() as grid:
        async with NeuroGraph(grid, token=grid.sign()) as deaf, NeuroGraph(grid, token=grid.sign()) as client:
            await deaf.subscribe("signals")
            await client.subscribe("signals")
            # More than sockets hold. The library reads no further when nobody takes what it has.
            for number in range(300):
                status, answer = await asyncio.to_thread(
                    broadcast, grid, channel="signals", event_type="custom",
                    data={"number": number, "text": "x" * 60_000})
                assert status == 200, answer
                assert (await client.expect("custom"))["data"]["number"] == number
            await client.settle()


@check
async def thousands_of_messages_at_once_are_all_answered(grid):
    count = 20_000
    async with NeuroGraph(grid, token=grid.sign()) as client:
        async def ask():
            for _ in range(count):
                await client.socket.send('{"type":"ping"}')

        asking = asyncio.create_task(ask())
        for _ in range(count):
            assert (await client.receive())["type"] == "pong"
        await asking


# MARK: connections


@check
async def the_limit_of_connections_can_be_set(_):
    with fresh({"neurograph_connections": 2}) as grid:
        async with NeuroGraph(grid, token=grid.sign()), NeuroGraph(grid, token=grid.sign()):
            try:
                async with NeuroGraph(grid, token=grid.sign()):
                    raise AssertionError("the connection was accepted")
            except InvalidStatus as refusal:
                assert refusal.response.status_code == 429, refusal.response


@check
async def who_never_authenticates_is_sent_away(grid):
    # On the bare path, whoever it might be: one says what it may not say without a token, one says nothing.
    async with NeuroGraph(grid, greeted=False) as client, Client(grid.url) as silent:
        await client.refused("NOT_AUTHENTICATED", "subscribe", channels=["metrics"])
        for socket in (client.socket, silent.socket):
            refusal = json.loads(await asyncio.wait_for(socket.recv(), 20))
            assert refusal["type"] == "auth_error" and refusal["data"]["code"] == "AUTH_TIMEOUT", refusal
            await asyncio.wait_for(socket.wait_closed(), 10)
            assert socket.close_code == 1008, socket.close_code


@check
async def the_rate_of_upgrades_holds_here_too(_):
    # A burst of five times as many is let in; on a slow machine one or the other more.
    with fresh({"upgrades_per_second": 1}) as grid:
        refused = []
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(30):
                try:
                    await stack.enter_async_context(NeuroGraph(grid, token=grid.sign()))
                except InvalidStatus as refusal:
                    refused.append(refusal.response)
        assert 0 < len(refused) <= 25, len(refused)
        for response in refused:
            assert response.status_code == 503 and int(response.headers["Retry-After"]) >= 1, response


@check.within(150)
async def more_than_a_thousand_connections(_):
    count = 1100
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Of this process and, as it inherits it, of the coordinator.
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4 * count) if most > 0 else 4 * count, most))
    with fresh({"neurograph_connections": 0}) as grid:
        token = grid.sign()
        async with contextlib.AsyncExitStack() as stack:
            clients = []
            for _ in range(count // 20):
                clients += await asyncio.gather(*(
                    stack.enter_async_context(NeuroGraph(grid, token=token, ping_interval=None, compression=None))
                    for _ in range(20)))
            for client in clients:
                await client.subscribe("signals")
            assert len({client.client_id for client in clients}) == count
            assert say(grid, "signals", 1) == count
            for client in clients:
                assert (await client.expect("custom"))["data"]["number"] == 1


if __name__ == "__main__":
    check.run(fresh)

"""The documented limits, each at its very edge, and what goes on beside them."""

import asyncio
import contextlib
import json
import time

from checks import Checks
from grid import Grid
from native import Client, is_time, seconds_of
from websockets.exceptions import InvalidStatus

check = Checks("limits")


class Unlimited(Grid):
    """A fresh coordinator with every limit off but those named: limits remember their minute."""

    def __init__(self, **limits):
        every = {
            "connections_per_ip_per_minute": 0,
            "connections_per_ip": 0,
            "messages_per_connection_per_minute": 0,
            "rooms_per_connection": 0,
        }
        super().__init__(limits={**every, **limits})


def is_rate_limit(message, limit):
    assert message["type"] == "rate_limit_exceeded", message
    data = message["data"]
    assert data["code"] == "TOO_MANY_REQUESTS", message
    assert isinstance(data["message"], str) and data["message"], message
    assert is_time(data["reset_time"]), message
    assert data["limit"] == limit and data["remaining"] == 0, message
    assert -5 <= seconds_of(data["reset_time"]) - time.time() <= 61, message
    return True


async def refused_upgrade(grid, limit):
    """The connection that must be refused before it is one."""
    try:
        async with Client(grid.url):
            raise AssertionError("the connection was accepted")
    except InvalidStatus as refusal:
        response = refusal.response
        assert response.status_code == 429, response
        assert 1 <= int(response.headers["Retry-After"]) <= 60, response.headers
        is_rate_limit(json.loads(response.body), limit)


@check
async def ten_connections_a_minute(_):
    with Unlimited(connections_per_ip_per_minute=10) as grid:
        token = grid.mint()
        for _ in range(10):
            async with Client(grid.url) as client:
                assert await client.authenticate(token)
        await refused_upgrade(grid, 10)
        # What is no session goes on.
        assert grid.request("/healthz")[0] == 200
        assert grid.request("/api/v1/nodes", token=token)[0] == 200


@check
async def ten_connections_at_once(_):
    with Unlimited(connections_per_ip=10) as grid:
        async with contextlib.AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(Client(grid.url)) for _ in range(10)]
            await refused_upgrade(grid, 10)
            await clients[0].socket.close()
            deadline = time.monotonic() + 5
            while True:
                try:
                    async with Client(grid.url) as late:
                        await late.authenticate(grid.mint())
                    break
                except InvalidStatus:
                    assert time.monotonic() < deadline, "a closed connection still counts"
                    await asyncio.sleep(0.05)
            await clients[1].authenticate(grid.mint())
            # Agents share addresses behind a router: they are never counted.
            spare = [await stack.enter_async_context(Client(grid.url))]
            grid.start_agent()
            await clients[1].join("nodes")
            await clients[1].expect("node_metrics")
            assert spare


@check
async def a_hundred_messages_a_minute(_):
    with Unlimited(messages_per_connection_per_minute=100) as grid:
        token = grid.mint()
        async with Client(grid.url) as client, Client(grid.url) as bystander:
            await bystander.authenticate(token)
            await client.authenticate(token)
            for _ in range(99):
                await client.send_raw('{"type":"ping"}')
            for _ in range(99):
                assert (await client.receive())["type"] == "pong"
            # The 101st is answered, dropped, and the connection stays.
            await client.send("join_room", room="general")
            is_rate_limit(await client.receive(), 100)
            # Pongs of the protocol itself are no messages; neither limit concerns the neighbour.
            await (await client.socket.ping())
            assert await bystander.is_alive()
            refusals = 1
            for _ in range(20):
                with contextlib.suppress(Exception):
                    await client.send_raw('{"type":"ping"}')
            code, messages = await client.closed()
            refusals += sum(is_rate_limit(message, 100) for message in messages)
            assert code == 1008, code
            assert 9 <= refusals <= 10, refusals
            assert await bystander.is_alive()


@check
async def refused_messages_count_too(_):
    with Unlimited(messages_per_connection_per_minute=100) as grid:
        async with Client(grid.url) as client:
            await client.authenticate(grid.mint())
            for _ in range(99):
                await client.send_raw("nonsense")
            for _ in range(99):
                assert (await client.receive())["type"] == "error"
            await client.send_raw('{"type":"ping"}')
            is_rate_limit(await client.receive(), 100)


@check
async def ten_rooms(_):
    with Unlimited(rooms_per_connection=10) as grid:
        for name in ["node-1", "node-2"]:
            grid.start_agent(name)
        async with Client(grid.url) as client:
            await client.authenticate(grid.mint("root", "admin"))
            rooms = ["nodes", "tasks", "alerts", "topology", "predictions", "logs", "analytics", "general",
                     "user_updates"]
            for room in rooms:
                await client.join(room)
            ids = []
            while len(ids) < 2:
                node = (await client.expect("node_metrics"))["data"]["node_id"]
                if node not in ids:
                    ids.append(node)
            await client.join(f"node:{ids[0]}")
            # A room one is in already is no further room.
            await client.join("nodes")
            await client.send("join_room", room=f"node:{ids[1]}")
            answer = await client.expect("rate_limit_exceeded", "room_joined", "error")
            assert is_rate_limit(answer, 10)
            assert abs(seconds_of(answer["data"]["reset_time"]) - time.time()) < 5, answer
            await client.send("leave_room", room="logs")
            await client.expect("room_left")
            await client.join(f"node:{ids[1]}")


@check
async def they_hold_without_any_configuration(_):
    with Grid() as grid:
        for name in ["node-1", "node-2"]:
            grid.start_agent(name)
        async with contextlib.AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(Client(grid.url)) for _ in range(10)]
            await refused_upgrade(grid, 10)
            client = clients[0]
            await client.authenticate(grid.mint("root", "admin"))
            said = 1
            for room in ["tasks", "alerts", "topology", "predictions", "logs", "analytics", "general", "user_updates"]:
                await client.join(room)
                said += 1
            ids = await online(grid, 2)
            await client.join(f"node:{ids[0]}")
            await client.join(f"node:{ids[1]}")
            await client.send("join_room", room="nodes")
            is_rate_limit(await client.expect("rate_limit_exceeded", "room_joined", "error"), 10)
            for _ in range(100 - said - 3):
                await client.send_raw('{"type":"ping"}')
                await client.expect("pong")
            await client.send_raw('{"type":"ping"}')
            is_rate_limit(await client.expect("rate_limit_exceeded", "pong"), 100)


async def online(grid, count):
    """The nodes' ids, once there are so many online."""
    token, deadline = grid.mint(), time.monotonic() + 20
    while True:
        found = json.loads(grid.request("/api/v1/nodes", token=token)[2])["nodes"]
        if len(ids := [node["node_id"] for node in found if node["status"] == "online"]) == count:
            return ids
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)


@check
async def readings_are_rationed_but_for_administrators(_):
    grid = Unlimited()
    grid.configuration["health"] = {"sample_interval": "200ms"}
    with grid:
        async with Client(grid.url) as reader, Client(grid.url) as admin:
            await reader.authenticate(grid.mint())
            await admin.authenticate(grid.mint("root", "admin"))
            await reader.join("nodes")
            await admin.join("nodes")
            grid.start_agent(interval="200ms")
            for _ in range(30):
                last = await admin.expect("node_metrics")
            # The log is one: whatever the other was let have of it stands before this.
            await reader.expect("node_metrics", where=lambda event: event["offset"] >= last["offset"])
            told = [event for event in reader.inbox if event["type"] == "node_metrics"]
            assert 1 <= len(told) <= 20, (len(told), "of 30")
            # Statuses are not rationed: both heard each of them.
            for kind in ("node_registered", "node_status"):
                await reader.expect(kind)
                await admin.expect(kind)


@check
async def zero_means_no_limit(_):
    with Unlimited() as grid:
        async with contextlib.AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(Client(grid.url)) for _ in range(30)]
            await clients[0].authenticate(grid.mint())
            for _ in range(300):
                await clients[0].send_raw('{"type":"ping"}')
            for _ in range(300):
                assert (await clients[0].receive())["type"] == "pong"


@check
async def a_message_before_authentication_is_small(_):
    with Unlimited() as grid:
        async with Client(grid.url) as client:
            with contextlib.suppress(Exception):
                await client.send_raw('{"type":"ping","more":"' + "x" * 17000 + '"}')
            code, _ = await client.closed()
            assert code == 1009, code
        async with Client(grid.url) as client:
            await client.authenticate(grid.mint())
            await client.send_raw('{"type":"ping","more":"' + "x" * 200_000 + '"}')
            await client.expect("pong")
            with contextlib.suppress(Exception):
                await client.send_raw('{"type":"ping","more":"' + "x" * 1_100_000 + '"}')
            code, _ = await client.closed()
            assert code == 1009, code


@check
async def protocol_pings_have_a_limit(_):
    with Unlimited(control_frames_per_minute=20) as grid:
        async with Client(grid.url, ping_interval=None) as client:
            await client.authenticate(grid.mint())
            for _ in range(20):
                await asyncio.wait_for(await client.socket.ping(), 5)
            unanswered = [await client.socket.ping() for _ in range(10)]
            assert await client.is_alive(), "ten too many are not answered, and that is all"
            assert not any(pong.done() for pong in unanswered)
            await client.socket.ping()
            code, _ = await client.closed()
            assert code == 1008, code


@check
async def a_message_is_whole_in_time(_):
    with Unlimited(message_assembly="1s") as grid:
        async with Client(grid.url) as client:
            await client.authenticate(grid.mint())
            began = time.monotonic()

            async def pieces():
                yield '{"type":'
                await asyncio.sleep(5)

            sending = asyncio.create_task(client.socket.send(pieces()))
            code, _ = await client.closed()
            sending.cancel()
            with contextlib.suppress(BaseException):
                await sending
            assert code == 1008, code
            assert 0.9 < time.monotonic() - began < 4, time.monotonic() - began


@check
async def what_cannot_be_read_ends_a_connection_in_the_end(_):
    with Unlimited() as grid:
        async with Client(grid.url) as client:
            await client.authenticate(grid.mint())
            for _ in range(127):
                await client.send_raw("nonsense")
                await client.expect("error")
            assert await client.is_alive()
            await client.send_raw("nonsense")
            await client.send_raw("nonsense")
            code, _ = await client.closed()
            assert code == 1008, code


@check
async def the_house_can_be_full(_):
    with Unlimited(connections=5) as grid:
        token = grid.mint()
        async with contextlib.AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(Client(grid.url)) for _ in range(5)]
            try:
                async with Client(grid.url):
                    raise AssertionError("the sixth was let in")
            except InvalidStatus as refusal:
                assert refusal.response.status_code == 503, refusal.response
            await clients[0].authenticate(token)
            # The operator comes in through a full house.
            assert grid.mint("late")
        deadline = time.monotonic() + 5
        while True:
            try:
                assert grid.request("/healthz")[0] == 200
                break
            except (AssertionError, OSError):
                assert time.monotonic() < deadline, "nobody has left"
                await asyncio.sleep(0.05)


@check
async def a_flood_of_bytes_waits_in_its_socket(_):
    with Unlimited(messages_per_connection_per_minute=1000, message_bytes=1024) as grid:
        async with Client(grid.url, compression=None, write_limit=1024) as client:
            await client.authenticate(grid.mint())
            sent = 0
            began = time.monotonic()
            message = '{"type":"ping","more":"' + "x" * 900 + '"}'
            # 64 KiB a second at least: 500 messages of 930 bytes are about seven seconds' worth.
            for _ in range(500):
                await client.send_raw(message)
                sent += len(message)
                await client.expect("pong")
            assert time.monotonic() - began > (sent - 4096 - 65536) / 65536 * 0.8, time.monotonic() - began
            assert await client.is_alive()


class NoGrid:
    """These checks make their own."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def show_logs(self):
        return None


if __name__ == "__main__":
    check.run(NoGrid)

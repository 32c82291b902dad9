"""NeuroGraph's clients that drop and come back: what its document says of buffers, with a client written from it."""

import asyncio
import contextlib
import time

from check_authentication import no_limits
from check_neurograph import ask, numbers, say, until
from checks import Checks
from grid import Grid
from native import Client as NativeClient
from native import is_uuid
from neurograph import NeuroGraph
from publisher import Publisher

check = Checks("neurograph, coming back")


async def until_gone(grid):
    await until(lambda: ask(grid, "/status")[1]["total_connections"] == 0)


@check
async def a_client_that_drops_gets_what_it_missed_and_its_channels(grid):
    token = grid.sign("anna")
    for part in ("drop", "close"):
        async with NeuroGraph(grid, token=token) as client:
            await client.subscribe("signals", "status")
            say(grid, "signals", 0)
            await client.expect("custom")
            if part == "drop":
                client.drop()
        await until_gone(grid)
        for number in range(1, 4):
            assert say(grid, "signals", number) == 0
        say(grid, "metrics", 99)
        say(grid, "*", 4)
        async with Publisher(grid, f"while away, {part}") as node:
            # The same user with another token.
            async with NeuroGraph(grid, token=grid.sign("anna", expires_in=60), client_id=client.client_id) as again:
                assert again.client_id == client.client_id, "it has its name again"
                assert await again.subscriptions() == ["signals", "status"]
                await again.expect("node_registered", where=lambda m: m["data"]["node_id"] == node.node)
                say(grid, "signals", 5)
                await again.expect("custom", where=lambda m: m["data"]["number"] == 5)
                await again.settle()
                assert sorted(numbers(again.inbox)) == [1, 2, 3, 4], again.inbox
                assert [n for n in numbers(again.inbox) if n != 4] == [1, 2, 3], again.inbox
        # What it has had it does not get again.
        async with NeuroGraph(grid, token=token, client_id=client.client_id) as third:
            assert await third.subscriptions() == ["signals", "status"]
            await third.settle()
            assert not third.events("custom"), third.inbox


@check
async def of_more_than_a_thousand_events_the_newest_are_kept(grid):
    token = grid.sign("bert")
    async with NeuroGraph(grid, token=token) as client:
        await client.subscribe("actions")
    await until_gone(grid)
    for number in range(1005):
        say(grid, "actions", number)
    async with NeuroGraph(grid, token=token, client_id=client.client_id) as again:
        first = await again.receive()
        assert first == {"type": "buffer_overflow", "dropped": 5}, first
        for number in range(5, 1005):
            assert (await again.receive())["data"]["number"] == number
        say(grid, "actions", 1005)
        assert (await again.receive())["data"]["number"] == 1005


@check
async def a_message_to_an_absent_client_waits_for_it(grid):
    token = grid.sign("cleo")
    async with NeuroGraph(grid, token=token) as client:
        await client.settle()
    await until_gone(grid)
    assert say(grid, "logs", 1, client_id=client.client_id) == 0
    async with NeuroGraph(grid, token=token, client_id=client.client_id) as again:
        assert (await again.expect("custom"))["data"]["number"] == 1
    async with NeuroGraph(grid, token=token, client_id=client.client_id) as third:
        await third.settle()
        assert not third.inbox, third.inbox


@check
async def only_the_same_user_may_come_back(grid):
    async with NeuroGraph(grid, token=grid.sign("dora")) as client:
        await client.subscribe("signals")
        async with NeuroGraph(grid, token=grid.sign("mallory"), client_id=client.client_id) as other:
            assert other.client_id != client.client_id
            assert await other.subscriptions() == []
        await client.settle()
    say(grid, "signals", 1)
    for name in (client.client_id, "0f8fad5b-d9cb-469f-a165-70867728950e", "nonsense"):
        async with NeuroGraph(grid, token=grid.sign("mallory"), client_id=name) as other:
            assert other.client_id != name and is_uuid(other.client_id)
            await other.settle()
            assert not other.inbox, other.inbox


@check
async def what_a_new_token_does_not_give_is_not_restored(grid):
    async with NeuroGraph(grid, token=grid.sign("emil", ["node:read", "task:submit"])) as client:
        await client.subscribe("signals", "actions")
    await until_gone(grid)
    say(grid, "signals", 1)
    say(grid, "actions", 2)
    async with NeuroGraph(grid, token=grid.sign("emil", ["task:submit"]), client_id=client.client_id) as again:
        assert await again.subscriptions() == ["actions"]
        # A pong may overtake what is kept, so the first of it is waited for.
        kept = await again.expect("custom")
        assert kept["data"]["number"] == 2, kept
        await again.settle()
        assert numbers(again.inbox) == [], again.inbox


@check
async def a_returning_client_ends_its_former_connection(grid):
    token = grid.sign("finn")
    async with NeuroGraph(grid, token=token) as former:
        await former.subscribe("signals")
        say(grid, "signals", 1)
        await former.expect("custom")
        async with NeuroGraph(grid, token=token, client_id=former.client_id) as again:
            await former.error("FENCED")
            assert await former.closed() == 3500
            assert again.client_id == former.client_id
            assert await again.subscriptions() == ["signals"]
            say(grid, "signals", 2)
            assert (await again.expect("custom"))["data"]["number"] == 2


@check
async def many_that_drop_and_return_miss_nothing_and_get_nothing_twice(grid):
    token = grid.sign("gwen")
    heard, ended = [], False

    async def speak():
        for number in range(400):
            await asyncio.to_thread(say, grid, "signals", number)

    async with NeuroGraph(grid, token=token) as client:
        await client.subscribe("signals")
        name = client.client_id
    speaker = asyncio.create_task(speak())
    while not ended:
        async with NeuroGraph(grid, token=token, client_id=name) as client:
            assert client.client_id == name
            deadline = time.monotonic() + 0.1
            while time.monotonic() < deadline:
                with contextlib.suppress(asyncio.TimeoutError):
                    heard.append(await client.receive(0.02))
            ended = speaker.done()
            # Its goodbye is answered behind all that went before: who vanishes may lose what was on its way.
            await client.socket.close()
            await client.closed()
            heard += client.inbox
    await speaker
    async with NeuroGraph(grid, token=token, client_id=name) as client:
        with contextlib.suppress(asyncio.TimeoutError):
            while True:
                heard.append(await client.receive(1))
    assert numbers(heard) == list(range(400)), numbers(heard)


@check
async def a_status_is_kept_though_readings_fill_the_log(_):
    with Grid(limits={**no_limits(), "broadcast": {"nodes": "0s"}}, history={"events": 20}) as grid:
        token = grid.sign()
        async with Publisher(grid, "loud") as node, NativeClient(grid.url) as native:
            async with NeuroGraph(grid, token=token) as client:
                await client.subscribe("status")
            await until_gone(grid)
            await native.authenticate(grid.sign())
            await native.join("nodes")
            async with Publisher(grid, "quiet") as quiet:
                for _ in range(60):
                    await node.sample()
                    await native.expect("node_metrics", where=lambda m: m["data"]["node_id"] == node.node)
                async with NeuroGraph(grid, token=token, client_id=client.client_id) as again:
                    registered = await again.expect("node_registered")
                    assert registered["data"]["node_id"] == quiet.node, registered
                    status = await again.expect("node_status")
                    assert status["data"]["node_id"] == quiet.node, status


@check
async def more_than_one_piece_comes_in_its_order_with_what_is_said_meanwhile(_):
    with Grid(limits={**no_limits(), "buffered_events_per_client": 0}) as grid:
        token = grid.sign()
        async with NeuroGraph(grid, token=token) as client:
            await client.subscribe("signals", "metrics")
        await until_gone(grid)
        for number in range(600):
            say(grid, "signals" if number % 2 else "metrics", number)
        async with NeuroGraph(grid, token=token, client_id=client.client_id) as again:
            for number in range(600, 640):
                await asyncio.to_thread(say, grid, "signals", number)
            heard = []
            while len(heard) < 640:
                heard += numbers([await again.receive()])
            assert heard == list(range(640)), heard


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits()))

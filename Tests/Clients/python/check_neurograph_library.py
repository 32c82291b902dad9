"""Both libraries' clients of NeuroGraph, and the document's samples of them, against the real coordinator."""

import asyncio
import json
import sys

from check_authentication import no_limits
from check_javascript_library import run
from check_python_neurograph import impatient, sample
from checks import Checks
from grid import Grid
from python_library import Diary, JSON, SOURCES

sys.path.insert(0, str(SOURCES))

from neurogrid import Channel, NeurographWSClient  # noqa: E402

check = Checks("neurograph library", patience=150)


async def say(grid, channel, number):
    body = json.dumps({"channel": channel, "event_type": "custom", "data": {"number": number}})
    status, _, answer = await asyncio.to_thread(
        grid.request, "/api/v1/websocket/broadcast", grid.sign("speaker", ["broadcast"]), "POST", JSON, body)
    assert status == 200, (status, answer)


def connections(grid):
    status, _, answer = grid.request("/api/v1/websocket/status", grid.sign())
    assert status == 200, (status, answer)
    return json.loads(answer)["total_connections"]


async def subscribed(client, diary, channels, handler):
    client.subscribe(channels, handler)
    await diary.expect("subscribed", lambda event: event.data["channels"] == channels)


@check
async def the_document_s_python_sample(grid):
    token = grid.sign("root", ["admin"])
    async with sample("neurograph_document_client.py", grid.address, token) as screen:
        await screen.until("Metrics: {'cpu_percent'")
        await say(grid, "signals", 1)
        await screen.until("Signal: {'channel': 'signals'")
    assert "'data': {'number': 1}" in screen.getvalue(), screen.getvalue()


@check
async def the_document_s_python_overview(grid):
    names = {"NeurographWSClient": NeurographWSClient}
    async with sample("neurograph_document_overview.py", grid.address, grid.sign(), **names) as screen:
        await screen.until("system_metrics")


@check
async def the_python_client_comes_back_under_its_id_and_is_told_what_it_missed(grid):
    gate = asyncio.Event()
    gate.set()

    async def token():
        # Whoever returns asks for it: so it stays away until it is let in.
        await gate.wait()
        return grid.sign("root", ["admin"])

    async with NeurographWSClient(grid.url, token, settings=impatient()) as client:
        diary = Diary(client)
        await subscribed(client, diary, ["signals", "logs"], lambda _: None)
        name = client.client_id
        await say(grid, "signals", 1)
        await diary.expect("custom")
        gate.clear()
        client._link.abandon("cut")
        while await asyncio.to_thread(connections, grid):
            await asyncio.sleep(0.02)
        for number in range(2, 6):
            await say(grid, "signals", number)
        gate.set()
        await diary.expect("custom", lambda event: event.data["number"] == 5)
        await say(grid, "signals", 6)
        await diary.expect("custom", lambda event: event.data["number"] == 6)
        assert [event.data["number"] for event in diary.of("custom")] == [1, 2, 3, 4, 5, 6]
        assert client.client_id == name and not diary.of("buffer_overflow"), diary.events


@check
async def the_python_client_asks_and_leaves(grid):
    async with NeurographWSClient(grid.url, grid.sign(), settings=impatient()) as client:
        diary = Diary(client)
        await subscribed(client, diary, [Channel.METRICS.value, Channel.STATUS.value], lambda _: None)
        client.unsubscribe(Channel.METRICS)
        await diary.expect("unsubscribed", lambda event: event.data["channels"] == ["metrics"])
        client.get_subscriptions()
        assert (await diary.expect("subscriptions")).data["channels"] == ["status"]
        client.subscribe("nosuch", lambda _: None)
        await diary.expect("error")
        client.ping()
        await diary.expect("pong")


@check
def the_libraries_know_the_channels_there_are(grid):
    status, _, answer = grid.request("/api/v1/websocket/channels", grid.sign())
    assert status == 200, (status, answer)
    assert [channel["name"] for channel in json.loads(answer)["channels"]] == [channel.value for channel in Channel]


@check
def the_javascript_client(grid):
    run("neurograph_live.test.mjs", grid)


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits(), neurograph={"metrics_interval": "200ms"}))

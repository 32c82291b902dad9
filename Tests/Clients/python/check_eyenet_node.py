"""EyeNet's own samples typed into node's console, over WebSocket and over long-polling."""

import json
import pathlib

from check_eyenet import UNLIMITED, rest, token
from check_qubix_node import Node
from checks import Checks
from grid import Grid
from publisher import Publisher

check = Checks("eyenet, node")
TRANSPORTS = ("websocket", "polling")
SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "javascript" / "eyenet_document_samples.js"
# What the document's sample of subscribing shows as the answer.
ACKNOWLEDGEMENT = {"status": "subscribed", "channel": "device:device_id"}


class Console(Node):
    """What it shows comes as lists, each of a name and what belongs to it."""

    def __init__(self, grid, transport, token):
        super().__init__("run_eyenet_samples.js", grid.address, token, transport)
        self.shown = []

    async def expect(self, name):
        """What belongs to the first of that name; others stay, in order."""
        for index, (shown, *said) in enumerate(self.shown):
            if shown == name:
                del self.shown[index]
                return said
        while True:
            shown, *said = await self.line()
            if shown == name:
                return said
            self.shown.append([shown, *said])

    async def type(self, line):
        self.process.stdin.write(f"{line}\n".encode())
        assert await self.expect("typed") == [line]

    async def subscribe(self, kind, identifier):
        wish = json.dumps({"type": kind, "id": identifier})
        await self.type(f"socket.emit('subscribe', {wish}, (answer) => console.log('answer', answer))")
        assert await self.expect("answer") == [{"status": "subscribed", "channel": f"{kind}:{identifier}"}]


def over_both(function):
    """Registers the check once a transport, each with its name."""
    for transport in TRANSPORTS:
        def one(grid, transport=transport):
            return function(grid, transport)
        one.__name__ = f"{function.__name__}_over_{transport}"
        check(one)
    return function


@over_both
async def the_sample_of_connecting_lets_a_good_token_in_alone(grid, transport):
    async with Console(grid, transport, token(grid)) as console:
        await console.type("sample connection")
        assert await console.expect("connect") == [transport]
    async with Console(grid, transport, "your_jwt_token") as console:
        await console.type("sample connection")
        message, data = await console.expect("connect_error")
        assert message and data == {"code": "INVALID_TOKEN"}, (message, data)


@over_both
async def the_sample_of_subscribing_is_acknowledged_as_shown(grid, transport):
    async with Console(grid, transport, token(grid)) as console:
        await console.type("sample connection")
        await console.type("sample subscription")
        assert await console.expect("subscribed") == [ACKNOWLEDGEMENT]


@over_both
async def the_sample_of_buffering_gets_batches_of_ten(grid, transport):
    async with Publisher(grid, f"batches, {transport}") as node, Console(grid, transport, token(grid)) as console:
        await console.type("sample connection")
        await console.type("sample buffering")
        await console.subscribe("device", node.node)
        for number in range(25):
            await node.sample(cpu_percent=number)
        for start in (0, 10):
            (batch,) = await console.expect("batch")
            assert {event["type"] for event in batch} == {"device:metrics"}, batch
            assert {event["data"]["deviceId"] for event in batch} == {node.node}, batch
            assert [event["data"]["metrics"]["cpu"] for event in batch] == list(range(start, start + 10)), batch


@over_both
async def the_sample_of_recovery_comes_back_from_a_disconnect_of_the_servers(grid, transport):
    async with Console(grid, transport, token(grid)) as console:
        await console.type("sample connection")
        await console.expect("connect")
        await console.type("sample recovery")
        await console.type("for (let n = 0; n <= 100; n++) socket.emit('subscribe', {type: 'device', id: `d${n}`})")
        (error,) = await console.expect("error")
        assert error["type"] == "error" and error["data"]["code"] == "TOO_MANY_REQUESTS", error
        assert await console.expect("disconnect") == ["io server disconnect"]
        assert await console.expect("connect") == [transport]
        await console.subscribe("topic", "ml")


@check
async def the_sample_of_reconnecting_counts_and_long_polling_brings_it_back(_):
    with Grid(limits=UNLIMITED) as grid:
        async with Console(grid, "websocket", token(grid)) as console:
            await console.type("sample connection")
            assert await console.expect("connect") == ["websocket"]
            await console.type("sample reconnection")
            # What the sample's own comment says one would do there.
            await console.type(
                "socket.io.on('reconnect_attempt', (attempt) => { console.log('attempt', attempt); "
                "if (attempt > 5) socket.io.opts.transports = ['polling']; })")
            grid.coordinator.kill()
            assert await console.expect("disconnect") == ["transport close"]
            for attempt in range(1, 7):
                assert await console.expect("attempt") == [attempt]
            grid.start_coordinator(grid.address)
            assert await console.expect("connect") == ["polling"]
            await console.subscribe("topic", "ml")
            await console.type("socket.on('ml:prediction', (said) => console.log('prediction', said))")
            made = await rest(grid, "/api/v1/predictions", status="failed")
            (event,) = await console.expect("prediction")
            assert event["data"]["jobId"] == made["prediction_id"], (event, made)


@check
def the_samples_are_the_documents(_):
    lines = SAMPLES.read_text().splitlines()
    assert [line.removeprefix("// sample: ") for line in lines if line.startswith("// sample: ")] == [
        "connection", "subscription", "reconnection", "buffering", "recovery"]
    # Host, port, namespace and token stand there as a reader of the document would find them.
    assert "const socket = io('ws://localhost:5000/ws', {" in lines, lines
    assert any(line.startswith("    token: 'your_jwt_token'") for line in lines), lines


if __name__ == "__main__":
    check.run(lambda: Grid(limits=UNLIMITED))

"""A thousand subscribers of five dialects at once: each is told in its own words, and no event is put into the words of a
dialect more often than once, whoever asks for a whole room, a filtered one, or one entity."""

import asyncio
import collections
import json

from check_api_keys import create
from check_metrics import scrape
from checks import Checks
from grid import Grid
from websockets.asyncio.client import connect

check = Checks("mixed dialects")
USER = "customer"
EACH = 200
DIALECTS = ("native", "qubix", "neurograph", "triggerx", "eyenet")
JSON = {"Content-Type": "application/json"}


def make_grid():
    limits = {
        "connections_per_ip_per_minute": 0, "connections_per_ip": 0, "messages_per_connection_per_minute": 0,
        "neurograph_connections": 0,
    }
    return Grid(limits=limits, loops=2)


class Subscriber:
    """A connection that says what it must and counts what it is told, by kind."""

    def __init__(self, grid, dialect, path, says, headers=None):
        self.dialect, self.says = dialect, says
        self.url, self.headers = f"ws://{grid.address}{path}", headers or {}
        self.told = collections.Counter()
        self.refusals = []

    async def open(self):
        self.socket = await connect(
            self.url, proxy=None, open_timeout=30, close_timeout=1, additional_headers=self.headers,
            ping_interval=None, compression=None)
        self.reader = asyncio.create_task(self.read())
        for text in self.says:
            await self.socket.send(text if isinstance(text, str) else json.dumps(text))

    async def read(self):
        async for text in self.socket:
            if self.dialect == "eyenet":
                if text == "2":
                    await self.socket.send("3")
                if not text.startswith("42"):
                    continue
                kind, *arguments = json.loads(text[2:])
                if kind == "error":
                    self.refusals.append(arguments)
                self.told[kind] += 1
                continue
            message = json.loads(text)
            kind = message.get("event_type") or message["type"]
            if "error" in kind.lower():
                self.refusals.append(message)
            self.told[kind] += 1

    async def close(self):
        self.reader.cancel()
        await self.socket.close()


def native(grid, nodes, number):
    room = [
        {"room": "nodes"}, {"room": "nodes", "filters": {"regions": [f"region-{number % 2}"]}},
        {"room": f"node:{nodes[number % len(nodes)]}"}, {"room": "tasks"},
    ][number % 4]
    return Subscriber(grid, "native", "/ws", [
        {"type": "authenticate", "data": {"token": grid.sign(USER)}}, {"type": "join_room", "data": room}])


def qubix(grid, nodes, number):
    wish = [
        {"type": "subscribe:marketplace"},
        {"type": "subscribe:provider", "subscriptionId": nodes[number % len(nodes)]},
    ][number % 2]
    return Subscriber(grid, "qubix", f"/?token={grid.sign(USER)}", [wish])


def neurograph(grid, nodes, number):
    channels = [["status"], ["actions"], ["status", "actions", "signals"]][number % 3]
    return Subscriber(
        grid, "neurograph", f"/ws?token={grid.sign(USER)}", [{"type": "subscribe", "channels": channels}])


def triggerx(grid, nodes, number):
    room = {"room": f"user:{USER}", "user_id": USER}
    return Subscriber(
        grid, "triggerx", f"/api/ws/tasks?api_key={grid.api_key}", [{"type": "SUBSCRIBE", "data": room}])


def eyenet(grid, nodes, number):
    wish = [
        {"type": "device", "id": nodes[number % len(nodes)]}, {"type": "topic", "id": "devices"},
    ][number % 2]
    return Subscriber(grid, "eyenet", "/socket.io/?EIO=4&transport=websocket", [
        "40" + json.dumps({"token": grid.sign(USER)}), "42" + json.dumps(["subscribe", wish])])


async def started(grid):
    """Two agents in two regions; their nodes."""
    for number in range(2):
        name = f"node-{number}"
        grid.start_agent(name, join_token=grid.enroll(name, region=f"region-{number}"))
    while True:
        status, _, body = grid.request("/api/v1/nodes", token=grid.sign(USER))
        found = {node["name"]: node["node_id"] for node in json.loads(body)["nodes"] if node["status"] == "online"}
        if status == 200 and len(found) == 2:
            return [found["node-0"], found["node-1"]]
        await asyncio.sleep(0.1)


async def all_of(coroutines, width=50):
    gate = asyncio.Semaphore(width)

    async def one(coroutine):
        async with gate:
            await coroutine

    await asyncio.gather(*map(one, coroutines))


def lives_a_little(grid):
    """A task from its submission to its end, an alert, and samples meanwhile."""
    task = {"runner": "selftest", "arguments": {"seconds": 2, "steps": 4}, "timeout_seconds": 60}
    status, _, body = grid.request(
        "/api/v1/tasks", token=grid.sign(USER), method="POST", headers=JSON, body=json.dumps(task))
    assert status == 201, body
    return json.loads(body)["task_id"]


@check.within(150)
async def an_event_is_encoded_once_a_dialect_whatever_the_thousand_ask_for(grid):
    nodes = await started(grid)
    grid.command(
        "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", USER, "--currency", "USD",
        "--amount", "100.00")
    grid.api_key = create(grid, "--user", USER, "--rate-per-minute", "100000")
    makers = (native, qubix, neurograph, triggerx, eyenet)
    subscribers = [make(grid, nodes, number) for make in makers for number in range(EACH)]
    try:
        await all_of(subscriber.open() for subscriber in subscribers)
        before = scrape(grid)[0]
        lives_a_little(grid)

        def is_told(subscriber):
            wanted = {
                "native": ("node_metrics", "task_update"), "qubix": ("GPU_METRICS_UPDATE", "subscribed"),
                "neurograph": ("subscribed", ), "triggerx": ("TASK_CREATED", ), "eyenet": ("device:metrics", ),
            }[subscriber.dialect]
            return subscriber.refusals or any(subscriber.told[kind] for kind in wanted)

        ends = {"triggerx": "TASK_STATUS_CHANGED", "neurograph": "task_completed"}
        while not (all(map(is_told, subscribers)) and all(
                any(each.told[kind] for each in subscribers if each.dialect == dialect) for dialect, kind in ends.items())):
            await asyncio.sleep(0.2)
        refused = [subscriber.refusals for subscriber in subscribers if subscriber.refusals]
        assert not refused, refused[:3]
        after = scrape(grid)[0]
        for dialect in DIALECTS:
            name = f'{{dialect="{dialect}"}}'
            encoded = after["neurogrid_encodes_total" + name] - before["neurogrid_encodes_total" + name]
            assert encoded > 0, (dialect, encoded)
            assert 0 < after["neurogrid_encodes_per_event" + name] <= 1, (dialect, after)
    finally:
        await all_of(subscriber.close() for subscriber in subscribers if hasattr(subscriber, "socket"))


if __name__ == "__main__":
    check.run(make_grid)

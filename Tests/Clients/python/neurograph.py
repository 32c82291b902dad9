"""A client of NeuroGraph's WebSocket API, written from its document."""

import asyncio
import json
import pathlib

from native import TIME, is_uuid
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 10
KEYS = {
    "connected": {"type", "client_id", "user_id", "timestamp"},
    "subscribed": {"type", "channels", "timestamp"},
    "unsubscribed": {"type", "channels", "timestamp"},
    "subscriptions": {"type", "channels", "timestamp"},
    "pong": {"type", "timestamp"},
    "buffer_overflow": {"type", "dropped"},
    "error": {"type", "message", "code"},
}
GOLDENS = pathlib.Path(__file__).resolve().parents[2] / "Fixtures" / "wire" / "neurograph"
# What is said of a reading's way is told where there is a reading; a log line's fields are the line's own, and a result
# is what the task made.
MORE = {"data.hops"}
FREE = {"data.fields", "data.result.output"}


def events():
    """The golden message of each event that the coordinator tells by itself."""
    goldens = [json.loads(file.read_text()) for file in sorted(GOLDENS.glob("*.json"))]
    named = {golden["event_type"]: golden for golden in goldens if "event_type" in golden}
    return {name: golden for name, golden in named.items() if (GOLDENS / f"{name}.json").exists()}


def fits(told, golden, place):
    """Raises where a value has other members or types than in the golden message; where either is null, it fits."""
    if told is None or golden is None or place in FREE:
        return
    if isinstance(golden, (int, float)) and not isinstance(golden, bool):
        assert isinstance(told, (int, float)) and not isinstance(told, bool), (place, told)
        return
    assert type(told) is type(golden), (place, told)
    if isinstance(golden, dict):
        extra = {name for name in set(told) - set(golden) if f"{place}.{name}" not in MORE}
        assert not extra and set(golden) <= set(told), (place, set(told) ^ set(golden))
        for name, value in golden.items():
            fits(told[name], value, f"{place}.{name}")
    if isinstance(golden, list) and golden:
        for value in told:
            fits(value, golden[0], f"{place}[]")


OURS = events()


def kind(message):
    """What a message is: its type, or of an event its name."""
    return message.get("type") or message["event_type"]


class NeuroGraph:
    """One connection. Messages that nobody has asked for yet wait in `inbox`, in order."""

    def __init__(self, grid, token=None, client_id=None, path="/ws", greeted=True, **options):
        query = [f"{key}={value}" for key, value in (("token", token), ("client_id", client_id)) if value]
        self.url = f"ws://{grid.address}{path}" + ("?" + "&".join(query) if query else "")
        self.greeted = greeted
        self.options = options
        self.inbox = []
        self.client_id = None

    async def __aenter__(self):
        self.socket = await connect(self.url, proxy=None, open_timeout=PATIENCE, close_timeout=2, **self.options)
        if self.greeted:
            self.info = await self.receive()
            assert self.info["type"] == "connected" and is_uuid(self.info["client_id"]), self.info
            self.client_id = self.info["client_id"]
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    def drop(self):
        """As a cable that is pulled, seen from the coordinator: no goodbye."""
        self.socket.transport.abort()

    async def send(self, what, **fields):
        await self.socket.send(json.dumps({"type": what, **fields}))

    async def receive(self, timeout=PATIENCE):
        message = json.loads(await asyncio.wait_for(self.socket.recv(), timeout))
        if "type" in message:
            assert set(message) == KEYS[message["type"]], message
        else:
            assert set(message) == {"channel", "timestamp", "event_type", "data"}, message
            if golden := OURS.get(message["event_type"]):
                assert message["channel"] in (golden["channel"], "*"), message
                fits(message["data"], golden["data"], "data")
        if "timestamp" in message:
            assert TIME.match(message["timestamp"]), message
        return message

    async def expect(self, *kinds, timeout=PATIENCE, where=lambda message: True):
        """The first message that is one of these for which `where` holds; others stay in the inbox."""
        for index, message in enumerate(self.inbox):
            if kind(message) in kinds and where(message):
                return self.inbox.pop(index)
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            left = deadline - asyncio.get_running_loop().time()
            try:
                message = await self.receive(max(left, 0.001))
            except asyncio.TimeoutError:
                raise AssertionError(f"no {kinds} came; there were {self.inbox}") from None
            if kind(message) in kinds and where(message):
                return message
            self.inbox.append(message)

    async def subscribe(self, *channels):
        await self.send("subscribe", channels=list(channels))
        answer = await self.expect("subscribed", "error")
        assert answer["type"] == "subscribed" and answer["channels"] == list(channels), answer

    async def unsubscribe(self, *channels):
        await self.send("unsubscribe", channels=list(channels))
        answer = await self.expect("unsubscribed", "error")
        assert answer["type"] == "unsubscribed" and answer["channels"] == list(channels), answer

    async def subscriptions(self):
        await self.send("get_subscriptions")
        return (await self.expect("subscriptions"))["channels"]

    async def refused(self, code, what, **fields):
        """The message is answered by an error, and the connection stays."""
        await self.send(what, **fields)
        return await self.error(code)

    async def error(self, code):
        answer = await self.expect("error")
        assert answer["code"] == code and isinstance(answer["message"], str) and answer["message"], answer
        return answer

    async def settle(self):
        """Whatever was on its way is in the inbox behind this."""
        await self.send("ping")
        await self.expect("pong")

    async def closed(self, timeout=PATIENCE):
        """The close code, once the coordinator has sent it; all that came before is in the inbox."""
        deadline = asyncio.get_running_loop().time() + timeout
        try:
            while True:
                self.inbox.append(await self.receive(max(deadline - asyncio.get_running_loop().time(), 0.001)))
        except ConnectionClosed:
            return self.socket.close_code

    def events(self, *names):
        return [message for message in self.inbox if message.get("event_type") in names]

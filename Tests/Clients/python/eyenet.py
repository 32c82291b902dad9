"""A client of EyeNet's WebSocket events, written from its document, on PyPI's python-socketio."""

import asyncio

import socketio
from native import TIME

PATIENCE = 10
NAMESPACE = "/ws"
# What the document names, with what each event's data have.
EVENTS = {
    "device:status": {"deviceId", "status", "timestamp", "metrics"},
    "device:metrics": {"deviceId", "metrics", "timestamp"},
    "alert:new": {"alertId", "severity", "deviceId", "message", "timestamp", "metrics"},
    "alert:update": {"alertId", "status", "updatedBy", "timestamp"},
    "topology:update": {"changeType", "devices", "timestamp"},
    "ml:prediction": {"jobId", "status", "results", "timestamp"},
    "error": {"code", "message", "timestamp"},
}


class EyeNet:
    """One connection. Events that nobody has asked for yet wait in `inbox`, in order, as (name, argument)."""

    def __init__(self, grid, token=None, transports=("websocket",), namespace=NAMESPACE, path="socket.io", **auth):
        self.url = f"http://{grid.address}"
        self.transports = list(transports)
        self.namespace = namespace
        self.path = path
        self.auth = {**({} if token is None else {"token": token}), **auth}
        self.inbox = []
        self.news = asyncio.Event()
        self.disconnected = asyncio.Event()
        self.client = socketio.AsyncClient(reconnection=False)
        self.client.on("*", self.take, namespace=namespace)
        self.client.on("disconnect", self.left, namespace=namespace)

    async def __aenter__(self):
        await self.connect()
        return self

    async def __aexit__(self, *_):
        await self.client.disconnect()

    async def connect(self, patience=PATIENCE):
        await self.client.connect(
            self.url, transports=self.transports, namespaces=[self.namespace], auth=self.auth,
            socketio_path=self.path, wait_timeout=patience)

    async def take(self, name, argument=None):
        self.check(name, argument)
        self.inbox.append((name, argument))
        self.news.set()

    async def left(self, *reason):
        self.inbox.append(("disconnect", reason))
        self.disconnected.set()
        self.news.set()

    @staticmethod
    def check(name, argument):
        """An event of the document is an object of its type and its data."""
        if name in EVENTS:
            assert set(argument) == {"type", "data"} and argument["type"] == name, argument
            assert set(argument["data"]) == EVENTS[name], argument
            assert TIME.match(argument["data"]["timestamp"]), argument

    async def expect(self, *names, timeout=PATIENCE, where=lambda argument: True):
        """The argument of the first event of one of these names for which `where` holds; others stay."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            for index, (name, argument) in enumerate(self.inbox):
                if name in names and where(argument):
                    return self.inbox.pop(index)[1]
            self.news.clear()
            left = deadline - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(self.news.wait(), max(left, 0.001))
            except asyncio.TimeoutError:
                raise AssertionError(f"no {names} came; there were {self.inbox}") from None

    async def emit(self, name, argument, callback=None):
        await self.client.emit(name, argument, namespace=self.namespace, callback=callback)

    async def call(self, name, argument):
        """Emits with a callback; returns what it is called with."""
        return await self.client.call(name, argument, namespace=self.namespace, timeout=PATIENCE)

    async def subscribe(self, kind, identifier):
        answer = await self.call("subscribe", {"type": kind, "id": identifier})
        assert answer == {"status": "subscribed", "channel": f"{kind}:{identifier}"}, answer

    async def unsubscribe(self, kind, identifier):
        answer = await self.call("unsubscribe", {"type": kind, "id": identifier})
        assert answer == {"status": "unsubscribed", "channel": f"{kind}:{identifier}"}, answer

    async def refused(self, code, name, argument):
        """The wish is answered by an error, and the connection stays."""
        answer = await self.call(name, argument)
        assert set(answer) == {"status", "code", "message"}, answer
        assert answer["status"] == "error" and answer["code"] == code, answer
        return await self.error(code)

    async def error(self, code):
        error = await self.expect("error")
        assert error["data"]["code"] == code and error["data"]["message"], error
        return error

    async def settle(self):
        """Whatever was on its way is in the inbox behind this."""
        await self.subscribe("device", "settled")
        await self.unsubscribe("device", "settled")

    def of(self, *names):
        return [argument for name, argument in self.inbox if name in names]

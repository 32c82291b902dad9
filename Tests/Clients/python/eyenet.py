"""A client of EyeNet's WebSocket events, written from its document, on PyPI's python-socketio."""

import asyncio

import socketio
from native import is_number, is_percent, is_time, is_uuid

PATIENCE = 10
NAMESPACE = "/ws"
TRANSPORTS = {"websocket": ["websocket"], "polling": ["polling"], "upgrade": ["polling", "websocket"]}
# How python-socketio calls what JavaScript's library calls `io server disconnect`.
PUT_OUT = ("disconnect", ("server disconnect",))


def one_of(*values):
    return lambda value: value in values


def may(fits):
    """For what is not always known."""
    return lambda value: value is None or fits(value)


def is_text(value):
    return isinstance(value, str) and value != ""


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_sealed(value):
    return isinstance(value, str) and value.count(".") == 4


def are_results(value):
    shape = [{"label": is_text, "confidence": is_number}]
    return is_sealed(value) or fits(value, shape)


# What the document names, with what each event's data have: all of it, and nothing else.
EVENTS = {
    "device:status": {
        "deviceId": is_uuid, "status": one_of("up", "down", "degraded"), "timestamp": is_time,
        "metrics": {"uptime": may(is_whole), "lastSeen": may(is_time)},
    },
    "device:metrics": {
        "deviceId": is_uuid, "timestamp": is_time,
        "metrics": {
            "cpu": may(is_percent), "memory": may(is_percent),
            "bandwidth": {"in": may(is_whole), "out": may(is_whole)},
        },
    },
    "alert:new": {
        "alertId": is_uuid, "severity": one_of("critical", "warning", "info"), "deviceId": may(is_uuid),
        "message": is_text, "timestamp": is_time, "metrics": {"value": may(is_number), "threshold": may(is_number)},
    },
    "alert:update": {
        "alertId": is_uuid, "status": one_of("acknowledged", "resolved"), "updatedBy": may(is_text),
        "timestamp": is_time,
    },
    "topology:update": {
        "changeType": one_of("device_added", "device_removed", "link_change"), "timestamp": is_time,
        "devices": [{"id": is_text, "type": one_of("router", "switch", "endpoint"), "connections": [is_text]}],
    },
    "ml:prediction": {
        "jobId": is_uuid, "status": one_of("completed", "failed"), "results": are_results, "timestamp": is_time,
    },
    "error": {"code": is_text, "message": is_text, "timestamp": is_time},
}


def fits(value, shape):
    if isinstance(shape, dict):
        same = isinstance(value, dict) and set(value) == set(shape)
        return same and all(fits(value[key], shape[key]) for key in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(element, shape[0]) for element in value)
    return shape(value)


def every_transport(check, make):
    """Registers checks once a way of travelling, each with its name; what makes their clients is `make(grid, **…)`."""
    def register(function):
        for way, transports in TRANSPORTS.items():
            def one(grid, transports=transports):
                return function(grid, lambda **options: make(grid, **{"transports": transports, **options}))
            one.__name__ = f"{function.__name__}_over_{way}"
            check(one)
        return function
    return register


class EyeNet:
    """One connection. Events that nobody has asked for yet wait in `inbox`, in order, as (name, argument)."""

    def __init__(self, grid, token=None, transports=("websocket",), namespace=NAMESPACE, path="socket.io", **auth):
        self.url = f"http://{grid.address}"
        self.transports = list(transports)
        self.namespace = namespace
        self.path = path
        self.auth = {**({} if token is None else {"token": token}), **auth}
        self.inbox = []
        self.misshapen = []
        self.news = asyncio.Event()
        self.disconnected = asyncio.Event()
        self.client = socketio.AsyncClient(reconnection=False)
        self.client.on("*", self.take, namespace=namespace)
        self.client.on("disconnect", self.left, namespace=namespace)

    async def __aenter__(self):
        await self.connect()
        return self

    async def __aexit__(self, kind, *_):
        await self.client.disconnect()
        assert kind is not None or not self.misshapen, self.misshapen

    async def connect(self, patience=PATIENCE):
        await self.client.connect(
            self.url, transports=self.transports, namespaces=[self.namespace], auth=self.auth,
            socketio_path=self.path, wait_timeout=patience)

    async def take(self, name, *arguments):
        # The library writes what a handler raises into its log, and goes on.
        if len(arguments) != 1 or not self.is_of_the_document(name, arguments[0]):
            self.misshapen.append((name, arguments))
        self.inbox.append((name, *arguments[:1]))
        self.news.set()

    async def left(self, *reason):
        self.inbox.append(("disconnect", reason))
        self.disconnected.set()
        self.news.set()

    @staticmethod
    def is_of_the_document(name, argument):
        """An event of the document is an object of its type and its data."""
        return name not in EVENTS or fits(argument, {"type": one_of(name), "data": EVENTS[name]})

    async def expect(self, *names, timeout=PATIENCE, where=lambda argument: True):
        """The argument of the first event of one of these names for which `where` holds; others stay."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            assert not self.misshapen, self.misshapen
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

    async def put_out(self, code):
        """It is told why it may not stay, and put out of its namespace by the server."""
        await self.error(code)
        await asyncio.wait_for(self.disconnected.wait(), PATIENCE)
        assert PUT_OUT in self.inbox, self.inbox

    async def return_with(self, token):
        """Connects the same client anew, when it has ended the transport that it was put out of."""
        await self.client.eio.wait()
        while self.client.eio.state != "disconnected":
            await asyncio.sleep(0)
        self.auth["token"] = token
        self.disconnected.clear()
        await self.connect()

    async def settle(self):
        """Whatever was on its way is in the inbox behind this."""
        await self.subscribe("device", "settled")
        await self.unsubscribe("device", "settled")

    def of(self, *names):
        return [argument for name, argument in self.inbox if name in names]

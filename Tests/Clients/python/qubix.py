"""A client of QUBIX' WebSocket API, written from its document."""

import asyncio
import json

from native import TIME
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 10


class Qubix:
    """One connection. Messages that nobody has asked for yet wait in `inbox`, in order."""

    def __init__(self, grid, path="/", token=None, **options):
        scheme = "wss" if "ssl" in options else "ws"
        self.url = f"{scheme}://{grid.address}{path}" + (f"?token={token}" if token else "")
        self.options = options
        self.inbox = []

    async def __aenter__(self):
        self.socket = await connect(self.url, proxy=None, open_timeout=PATIENCE, close_timeout=2, **self.options)
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, kind, **fields):
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def receive(self, timeout=PATIENCE):
        message = json.loads(await asyncio.wait_for(self.socket.recv(), timeout))
        # Whatever it is: a type, a time, and of an event its subject.
        assert isinstance(message["type"], str) and TIME.match(message["timestamp"]), message
        if message["type"] == message["type"].upper():
            assert set(message) == {"type", "subscriptionId", "data", "timestamp"}, message
        return message

    async def expect(self, *kinds, timeout=PATIENCE, where=lambda message: True):
        """The first message of one of these types for which `where` holds; others stay in the inbox."""
        for index, message in enumerate(self.inbox):
            if message["type"] in kinds and where(message):
                return self.inbox.pop(index)
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            left = deadline - asyncio.get_running_loop().time()
            try:
                message = await self.receive(max(left, 0.001))
            except asyncio.TimeoutError:
                raise AssertionError(f"no {kinds} came; there were {self.inbox}") from None
            if message["type"] in kinds and where(message):
                return message
            self.inbox.append(message)

    async def subscribe(self, subject, identifier=None):
        """Returns the acknowledgement's subscriptionId."""
        fields = {} if identifier is None else {"subscriptionId": identifier}
        await self.send(f"subscribe:{subject}", **fields)
        answer = await self.expect("subscribed", "error")
        assert answer["type"] == "subscribed" and set(answer) == {"type", "subscriptionId", "timestamp"}, answer
        return answer["subscriptionId"]

    async def refused(self, code, kind, **fields):
        """The message is answered by an error, and the connection stays."""
        await self.send(kind, **fields)
        return await self.error(code)

    async def error(self, code):
        answer = await self.expect("error")
        assert set(answer) == {"type", "data", "timestamp"} and set(answer["data"]) == {"code", "message"}, answer
        assert answer["data"]["code"] == code and answer["data"]["message"], answer
        return answer

    async def settle(self):
        """Whatever was on its way is in the inbox behind this."""
        await self.send("ping")
        pong = await self.expect("pong")
        assert set(pong) == {"type", "timestamp"}, pong

    async def closed(self, timeout=PATIENCE):
        """The close code, once the coordinator has sent it; all that came before is in the inbox."""
        deadline = asyncio.get_running_loop().time() + timeout
        try:
            while True:
                self.inbox.append(await self.receive(max(deadline - asyncio.get_running_loop().time(), 0.001)))
        except ConnectionClosed:
            return self.socket.close_code

    def of_type(self, *kinds):
        return [message for message in self.inbox if message["type"] in kinds]

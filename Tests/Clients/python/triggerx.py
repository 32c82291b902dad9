"""A client of TriggerX' WebSocket and REST API, written from its document."""

import asyncio
import json

from native import TIME
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 10
EVENTS = {"TASK_CREATED", "TASK_UPDATED", "TASK_STATUS_CHANGED", "TASK_FEE_UPDATED"}
JSON = {"Content-Type": "application/json"}


def create_key(grid, user="anna", *more):
    """As an operator makes one."""
    return grid.command(
        "neurogrid-coordinator", "api-key", "create", "--data-dir", str(grid.data), "--user", user, *more)[1]


def revoke_key(grid, key):
    grid.command("neurogrid-coordinator", "api-key", "revoke", "--data-dir", str(grid.data), key)


def call(grid, method, path, key=None, body=None, headers=None):
    """One request with an API key; returns the status and what the body says."""
    sent = {**JSON, **(headers or {})}
    if key is not None:
        sent["X-Api-Key"] = key
    text = None if body is None else body if isinstance(body, str) else json.dumps(body)
    status, _, answer = grid.request(path, method=method, headers=sent, body=text)
    return status, json.loads(answer)


def is_error(message, code):
    """Whether that is the document's ERROR, alone or with what requests have beside it."""
    data = message["data"]
    return (
        message["type"] == "ERROR" and set(data) == {"code", "message"} and data["code"] == code
        and bool(data["message"]) and bool(TIME.match(message["timestamp"])))


class TriggerX:
    """One connection. Messages that nobody has asked for yet wait in `inbox`, in order."""

    def __init__(self, grid, key=None, by="query", **options):
        # Beside the native path, with TLS where that has it.
        self.url = grid.url.removesuffix("/ws") + "/api/ws/tasks"
        self.options = options
        if key is not None and by == "query":
            self.url += f"?api_key={key}"
        elif key is not None:
            self.options = {**options, "additional_headers": {"X-Api-Key": key, **options.get("additional_headers", {})}}
        self.inbox = []

    async def __aenter__(self):
        self.socket = await connect(self.url, proxy=None, open_timeout=PATIENCE, close_timeout=2, **self.options)
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, kind, **data):
        await self.socket.send(json.dumps({"type": kind, "data": data}))

    async def receive(self, timeout=PATIENCE):
        message = json.loads(await asyncio.wait_for(self.socket.recv(), timeout))
        # Whatever it is.
        assert set(message) == {"type", "data", "timestamp"} and TIME.match(message["timestamp"]), message
        if message["type"] in EVENTS:
            data = message["data"]
            assert set(data) == {"task_id", "job_id", "user_id", "changes", "timestamp"}, message
            assert isinstance(data["task_id"], int) and isinstance(data["job_id"], str), message
            assert isinstance(data["user_id"], str) and TIME.match(data["timestamp"]), message
            assert isinstance(data["changes"], dict) and data["changes"], message
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

    async def subscribe(self, room, **more):
        await self.send("SUBSCRIBE", room=room, **more)
        answer = await self.expect("SUBSCRIBED", "ERROR")
        assert answer["type"] == "SUBSCRIBED" and answer["data"] == {"room": room}, answer

    async def unsubscribe(self, room):
        await self.send("UNSUBSCRIBE", room=room)
        answer = await self.expect("UNSUBSCRIBED", "ERROR")
        assert answer["type"] == "UNSUBSCRIBED" and answer["data"] == {"room": room}, answer

    async def refused(self, code, room):
        await self.send("SUBSCRIBE", room=room)
        return await self.error(code)

    async def error(self, code):
        answer = await self.expect("ERROR")
        assert is_error(answer, code), answer
        return answer

    async def settle(self):
        """Whatever was on its way is in the inbox behind this."""
        await self.unsubscribe("job:nobody ever was in it")

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

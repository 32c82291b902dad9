"""A client of the NeuroGrid WebSocket API, written from its document."""

import asyncio
import json
import re
import uuid
from datetime import datetime, timezone

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
PATIENCE = 10


class Client:
    """One connection. Messages that nobody has asked for yet wait in `inbox`, in order."""

    def __init__(self, url, **options):
        self.url = url
        self.options = options
        self.inbox = []
        self.socket = None

    async def __aenter__(self):
        self.socket = await connect(self.url, proxy=None, open_timeout=PATIENCE, close_timeout=2, **self.options)
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, kind, **data):
        await self.socket.send(json.dumps({"type": kind, "data": data}))

    async def send_raw(self, payload):
        await self.socket.send(payload)

    async def receive(self, timeout=PATIENCE):
        """The next message from the network."""
        return json.loads(await asyncio.wait_for(self.socket.recv(), timeout))

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
                waiting = [waiting["type"] for waiting in self.inbox]
                raise AssertionError(f"no {' or '.join(kinds)} within {timeout} s; instead {waiting}") from None
            if message["type"] in kinds and where(message):
                return message
            self.inbox.append(message)

    async def collect(self, seconds):
        """Everything that arrives within so many seconds, and what waited."""
        found, self.inbox = self.inbox, []
        deadline = asyncio.get_running_loop().time() + seconds
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            try:
                found.append(await self.receive(left))
            except asyncio.TimeoutError:
                break
        return found

    async def authenticate(self, token):
        """Returns (auth_response, connected)."""
        await self.send("authenticate", token=token)
        response = await self.expect("auth_response", "auth_error")
        assert response["type"] == "auth_response", response
        return response, await self.expect("connected")

    async def join(self, room, filters=None, **more):
        """Joins and returns the acknowledgement."""
        if filters is not None:
            more["filters"] = filters
        await self.send("join_room", room=room, **more)
        answer = await self.expect("room_joined", "error", "rate_limit_exceeded")
        assert answer["type"] == "room_joined", answer
        assert answer["data"]["room"] == room, answer
        return answer

    async def refused(self, code, *kinds):
        """The refusal that must come next, with that code."""
        answer = await self.expect(*(kinds or ("error",)), "room_joined")
        assert answer["type"] != "room_joined", answer
        assert answer["data"]["code"] == code, answer
        assert isinstance(answer["data"]["message"], str) and answer["data"]["message"], answer
        return answer

    async def is_alive(self):
        """Whether the connection still answers."""
        await self.socket.send(json.dumps({"type": "ping"}))
        await self.expect("pong")
        return True

    async def closed(self, timeout=PATIENCE):
        """Reads until the server closes; returns (code, the messages before it)."""
        messages = []
        try:
            while True:
                messages.append(await self.receive(timeout))
        except ConnectionClosed as ending:
            return (ending.rcvd.code if ending.rcvd else 1006), messages


def is_time(value):
    return isinstance(value, str) and bool(TIME.match(value))


def seconds_of(value):
    """A documented time as seconds since 1970."""
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp()


def is_uuid(value):
    try:
        return str(uuid.UUID(value)) == value
    except (TypeError, ValueError, AttributeError):
        return False


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_percent(value):
    return is_number(value) and 0 <= value <= 100

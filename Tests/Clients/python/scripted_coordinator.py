"""A coordinator of one log that does what a check tells it to: for what a real one does only now and then."""

import asyncio
import json

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

TIME = "2024-01-15T10:30:00.000Z"


class ScriptedCoordinator:
    """Speaks the native protocol on a free port. What clients say is kept, a list for each connection."""

    def __init__(self, *, takes_tokens_in_place=False):
        self.takes_tokens_in_place = takes_tokens_in_place
        self.connections = []
        self.socket = None
        self.offset = 0
        self.epoch = 7
        self.events = []
        #: How many of the next joins are answered by a limit instead.
        self.limited = 0

    async def __aenter__(self):
        self.server = await serve(self._play, "127.0.0.1", 0).__aenter__()
        self.url = f"ws://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/ws"
        return self

    async def __aexit__(self, *_):
        self.server.close()
        await self.server.wait_closed()

    async def _play(self, socket):
        self.socket = socket
        heard = []
        self.connections.append(heard)
        try:
            while True:
                message = json.loads(await socket.recv())
                heard.append(message)
                await self._answer(message, heard)
        except ConnectionClosed:
            pass

    async def _answer(self, message, heard):
        data = message.get("data", {})
        match message["type"]:
            case "authenticate":
                tokens = [other for other in heard if other["type"] == "authenticate"]
                if len(tokens) > 1 and not self.takes_tokens_in_place:
                    await self.say("error", code="ALREADY_AUTHENTICATED", message="once is enough")
                    return
                user = {"user_id": data["token"], "session_id": "s", "permissions": [], "success": True}
                await self.socket.send(json.dumps({"type": "auth_response", "success": True, "data": user}))
                if len(tokens) == 1:
                    await self.say("connected", connection_id="c", server_time=TIME, api_version="1.0.0")
            case "join_room" if self.limited:
                self.limited -= 1
                await self.say(
                    "rate_limit_exceeded", code="TOO_MANY_REQUESTS", message="no", reset_time=TIME, limit=100,
                    remaining=0)
            case "join_room":
                await self._join(data)
            case "leave_room":
                await self.say("room_left", room=data["room"])
            case "ping":
                await self.say("pong", timestamp=TIME)

    async def _join(self, data):
        since = data.get("since")
        answer = {"room": data["room"], "epoch": self.epoch, "offset": self.offset}
        if since and since["epoch"] != self.epoch:
            gap = {"from": since, "to": {"epoch": self.epoch, "offset": self.offset}, "cause": "epoch_changed"}
            answer |= {"recovered": False, "gap": gap}
        elif since:
            answer |= {"recovered": True, "offset": since["offset"]}
        await self.say("room_joined", **answer)
        if since and since["epoch"] == self.epoch and not data.get("filters"):
            for event in self.events[since["offset"]:]:
                await self.socket.send(event)

    async def say(self, type, **data):
        await self.socket.send(json.dumps({"type": type, "data": data}))

    async def tell(self, title, is_heard=True):
        """An event, which whoever is there hears unless it is to be found later."""
        self.offset += 1
        place = {"room": "general", "epoch": self.epoch, "offset": self.offset}
        event = json.dumps({"type": "system_notification", **place, "data": {"title": title}})
        self.events.append(event)
        if is_heard:
            await self.socket.send(event)

    def cut(self):
        """The connection breaks without a word."""
        self.socket.transport.abort()

    async def come(self, number, ready=lambda heard: any(message["type"] == "join_room" for message in heard)):
        """What the connection of that number has said, once it is ready."""
        async with asyncio.timeout(100):
            while len(self.connections) <= number or not ready(self.connections[number]):
                await asyncio.sleep(0.01)
        return self.connections[number]

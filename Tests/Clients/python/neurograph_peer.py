"""A coordinator of NeuroGraph's dialect as its document has it, on a free port, that tells what a check wants told."""

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

TIME = "2024-12-29T12:00:00Z"
CHANNELS = ["metrics", "signals", "actions", "logs", "status", "connections"]
METRICS = {"cpu_percent": 45.2, "memory_mb": 1024, "events_per_sec": 5000, "total_tokens": 50000}


class Guest:
    """One connection: its question, what it said, and its channels."""

    def __init__(self, socket, number):
        self.socket = socket
        query = parse_qs(urlsplit(socket.request.path).query)
        self.token = query.get("token", [None])[0]
        self.asked_id = query.get("client_id", [None])[0]
        self.client_id = self.asked_id or f"client-{number}"
        self.heard = []
        self.channels = []

    async def say(self, type, **fields):
        await self.socket.send(json.dumps({"type": type, **fields}))

    async def tell(self, channel, event_type, data):
        """An event, if it is for that guest."""
        if channel in self.channels:
            event = {"channel": channel, "timestamp": TIME, "event_type": event_type, "data": data}
            await self.socket.send(json.dumps(event))

    async def answer(self, message):
        match message["type"]:
            case "subscribe" if unknown := [name for name in message["channels"] if name not in CHANNELS]:
                await self.say("error", message=f"unknown channel {unknown[0]}")
            case "subscribe":
                self.channels += [name for name in message["channels"] if name not in self.channels]
                await self.say("subscribed", channels=message["channels"], timestamp=TIME)
                if "metrics" in message["channels"]:
                    await self.tell("metrics", "system_metrics", METRICS)
            case "unsubscribe":
                self.channels = [name for name in self.channels if name not in message["channels"]]
                await self.say("unsubscribed", channels=message["channels"], timestamp=TIME)
            case "ping":
                await self.say("pong", timestamp=TIME)
            case "get_subscriptions":
                await self.say("subscriptions", channels=self.channels, timestamp=TIME)

    def cut(self):
        """The connection breaks without a word."""
        self.socket.transport.abort()


class NeurographPeer:
    """`guests` are all connections there were, in order."""

    async def __aenter__(self):
        self.guests = []
        self.changed = asyncio.Condition()
        self.server = await serve(self._play, "127.0.0.1", 0).__aenter__()
        self.address = f"127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        self.url = f"ws://{self.address}/ws"
        return self

    async def __aexit__(self, *_):
        self.server.close()
        await self.server.wait_closed()

    async def _play(self, socket):
        guest = Guest(socket, len(self.guests))
        await guest.say("connected", client_id=guest.client_id, user_id=None, timestamp=TIME)
        self.guests.append(guest)
        await self._tell_of_change()
        try:
            while True:
                message = json.loads(await socket.recv())
                guest.heard.append(message)
                await guest.answer(message)
                await self._tell_of_change()
        except ConnectionClosed:
            pass

    async def _tell_of_change(self):
        async with self.changed:
            self.changed.notify_all()

    async def come(self, number, ready=lambda guest: True):
        """The connection of that number, once it is ready."""
        async with asyncio.timeout(100), self.changed:
            await self.changed.wait_for(lambda: len(self.guests) > number and ready(self.guests[number]))
        return self.guests[number]

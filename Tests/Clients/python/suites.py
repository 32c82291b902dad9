"""What the public Engine.IO and Socket.IO protocol suites need: requests by aiohttp, WebSockets by websockets, and a
server of ours that echoes (`socket-echo`), with pingInterval 300, pingTimeout 200, maxPayload 1000000 and 1 s to connect.
"""

import asyncio
import contextlib
import json
import subprocess

import aiohttp
from grid import BINARIES, die_with_parent
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 5
SEPARATOR = "\x1e"


class Echo:
    """The server, for the time of all checks."""

    def __init__(self, suite):
        self.suite = suite

    def __enter__(self):
        self.process = subprocess.Popen(
            [str(BINARIES / "socket-echo"), self.suite], stdout=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent)
        line = self.process.stdout.readline().split()
        assert line[:2] == ["listening", "on"], line
        path = "engine.io" if self.suite == "engineio" else "socket.io"
        self.url = f"http://{line[2]}/{path}/"
        self.socket_url = f"ws://{line[2]}/{path}/"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def show_logs(self):
        assert self.process.poll() is None, "the server has ended"

    # MARK: requests

    async def fetch(self, query, method="GET", body=None):
        """Status and body. A connection a request, as a client without keep-alive would have."""
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            async with session.request(method, f"{self.url}?{query}", data=body) as answer:
                return answer.status, await answer.text()

    async def poll(self, sid):
        return await self.fetch(f"EIO=4&transport=polling&sid={sid}")

    async def push(self, sid, body):
        return await self.fetch(f"EIO=4&transport=polling&sid={sid}", "POST", body)

    async def open_polling(self):
        status, body = await self.fetch("EIO=4&transport=polling")
        assert status == 200 and body[0] == "0", (status, body)
        return json.loads(body[1:])["sid"]

    # MARK: WebSockets

    def websocket(self, query="EIO=4&transport=websocket"):
        return connect(f"{self.socket_url}?{query}", proxy=None, compression=None, ping_interval=None)

    async def status_of_websocket(self, query):
        """Of a handshake that is refused."""
        with contextlib.suppress(Exception):
            from websockets.exceptions import InvalidStatus
            try:
                async with self.websocket(query):
                    return 101
            except InvalidStatus as refusal:
                return refusal.response.status_code
        return None


async def receive(socket):
    return await asyncio.wait_for(socket.recv(), PATIENCE)


async def closed(socket):
    """Waits for the end, whatever comes before it."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await receive(socket)


def handshake(packet):
    """What an open packet says."""
    assert packet[0] == "0", packet
    value = json.loads(packet[1:])
    assert set(value) == {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}, value
    assert isinstance(value["sid"], str) and value["pingInterval"] == 300 and value["pingTimeout"] == 200, value
    assert value["maxPayload"] == 1_000_000, value
    return value

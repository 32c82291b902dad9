"""Clients that read slowly, or not at all, beside honest ones; and a coordinator that stops."""

import asyncio
import base64
import contextlib
import json
import os
import signal
import socket
import struct
import time

from checks import Checks
from check_authentication import no_limits
from grid import Grid
from native import Client
from publisher import Publisher

check = Checks("slow")

CONFLATE_BYTES = 64 << 10
DEADLINE = 3


class Reader:
    """A client with a small window that reads as much as it is told to."""

    def __init__(self, grid):
        self.grid = grid
        self.unread = b""
        self.messages = []
        self.close_code = None

    async def __aenter__(self):
        raw = socket.socket()
        # The peer's segments, and with them the buffers on its side, stay small.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        raw.setblocking(False)
        self.socket = raw
        loop = asyncio.get_running_loop()
        await loop.sock_connect(raw, self.grid.host_and_port)
        key = base64.b64encode(os.urandom(16)).decode()
        await loop.sock_sendall(
            raw,
            f"GET /ws HTTP/1.1\r\nHost: {self.grid.address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode(),
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += await asyncio.wait_for(loop.sock_recv(raw, 1), 10)
        assert head.startswith(b"HTTP/1.1 101"), head
        await self.say("authenticate", token=self.grid.sign())
        await self.say("join_room", room="nodes")
        while not self.of_type("room_joined"):
            await self.read(4096)
        return self

    async def __aexit__(self, *_):
        self.socket.close()

    async def say(self, kind, **data):
        payload = json.dumps({"type": kind, "data": data}).encode()
        head = bytes([0x81]) + (
            bytes([0x80 | len(payload)]) if len(payload) < 126 else bytes([0xFE]) + struct.pack("!H", len(payload))
        )
        await asyncio.get_running_loop().sock_sendall(self.socket, head + bytes(4) + payload)

    async def read(self, size):
        """Reads at most so many bytes; returns whether the stream goes on."""
        try:
            chunk = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self.socket, size), 10)
        except ConnectionError:
            return False
        self.unread += chunk
        while self._take():
            pass
        return bool(chunk)

    def _take(self):
        if len(self.unread) < 2:
            return False
        size, start = self.unread[1] & 0x7F, 2
        if size == 126:
            if len(self.unread) < 4:
                return False
            size, start = struct.unpack("!H", self.unread[2:4])[0], 4
        elif size == 127:
            if len(self.unread) < 10:
                return False
            size, start = struct.unpack("!Q", self.unread[2:10])[0], 10
        if len(self.unread) < start + size:
            return False
        opcode, payload = self.unread[0] & 0x0F, self.unread[start : start + size]
        self.unread = self.unread[start + size :]
        if opcode == 1:
            self.messages.append(json.loads(payload))
        elif opcode == 8:
            self.close_code = struct.unpack("!H", payload[:2])[0]
        return True

    def of_type(self, *kinds):
        return [message for message in self.messages if message["type"] in kinds]


@contextlib.asynccontextmanager
async def busy(grid, nodes=3):
    """Nodes that send more than a slow reader takes."""
    async with contextlib.AsyncExitStack() as stack:
        publishers = [await stack.enter_async_context(Publisher(grid, f"node-{i}-{time.time()}")) for i in range(nodes)]
        tasks = [asyncio.create_task(publisher.keep_sampling()) for publisher in publishers]
        try:
            yield publishers
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def count(client, seconds):
    """How many events come in so many seconds, none of them out of order."""
    events = [message for message in await client.collect(seconds) if message.get("room") == "nodes"]
    offsets = [message["offset"] for message in events]
    assert offsets == sorted(set(offsets)), offsets
    assert not [message for message in events if message["type"] == "conflated"]
    return len(events)


@check
async def who_reads_slowly_is_told_what_it_does_not_get(grid):
    async with Client(grid.url, compression=None) as honest, Reader(grid) as slow:
        await honest.authenticate(grid.sign())
        await honest.join("nodes")
        async with busy(grid):
            while not slow.of_type("conflated"):
                assert await slow.read(16384), slow.messages[-3:]
                await asyncio.sleep(0.1)
            assert await count(honest, 1) > 0
        marker = slow.of_type("conflated")[0]["data"]
        assert marker["room"] == "nodes" and marker["skipped"] > 0, marker
        assert marker["from_offset"] <= marker["to_offset"], marker
        assert marker["skipped"] <= marker["to_offset"] - marker["from_offset"] + 1, marker
        # It catches up; the nodes' last words, that they are offline, are nothing that may be skipped.
        newest = max(message["offset"] for message in await honest.collect(1) if "offset" in message)
        while newest not in [message.get("offset") for message in slow.messages]:
            assert await slow.read(1 << 20)
        events = [message["offset"] for message in slow.messages if "offset" in message]
        assert events == sorted(set(events))
        skipped = sum(message["data"]["skipped"] for message in slow.of_type("conflated"))
        joined = slow.of_type("room_joined")[0]["data"]["offset"]
        assert len(events) + skipped == max(events) - joined, (len(events), skipped, max(events), joined)


@check
async def who_reads_nothing_goes_with_a_ticket(grid):
    async with Client(grid.url, compression=None) as honest, Reader(grid) as stalled, busy(grid):
        await honest.authenticate(grid.sign())
        await honest.join("nodes")
        while "too slow" not in grid.coordinator.log_text():
            assert await count(honest, 0.5) > 0
        while stalled.close_code is None:
            assert await stalled.read(1 << 20), "ended without a goodbye"
        assert stalled.close_code == 3008, stalled.close_code
        ticket = stalled.messages[-1]
        assert ticket["type"] == "resume_ticket", ticket["type"]
        data = ticket["data"]
        assert data["reason"] == "slow" and 1000 <= data["retry_after_ms"] <= 5000, data
        assert [place["room"] for place in data["rooms"]] == ["nodes"], data
        last = [message["offset"] for message in stalled.messages if "offset" in message][-1]
        assert data["rooms"][0]["offset"] >= last, (data, last)
        assert await honest.is_alive() and await count(honest, 1) > 0


@check
async def a_stop_sends_clients_away_one_after_the_other(grid):
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(Client(grid.url)) for _ in range(20)]
        for client in clients:
            await client.authenticate(grid.sign())
            await client.join("nodes")
        began = time.monotonic()
        grid.coordinator.process.send_signal(signal.SIGTERM)
        ends = await asyncio.gather(*(goodbye(client, began) for client in clients))
        delays, times = {end[0] for end in ends}, sorted(end[1] for end in ends)
        assert len(delays) > 10, delays
        assert times[-1] - times[0] > 0.3, times
        assert await asyncio.to_thread(grid.coordinator.process.wait, 15) == 0
        assert time.monotonic() - began < 12


async def goodbye(client, began):
    code, messages = await client.closed()
    moment = time.monotonic() - began
    error, ticket = messages[-2:]
    assert code == 1001, code
    assert error["data"]["code"] == "CONNECTION_FAILED" and error["data"]["retry_in"] > 0, error
    assert ticket["type"] == "resume_ticket" and ticket["data"]["reason"] == "drain", ticket
    assert ticket["data"]["retry_after_ms"] == error["data"]["retry_in"], (error, ticket)
    assert [place["room"] for place in ticket["data"]["rooms"]] == ["nodes"], ticket
    return ticket["data"]["retry_after_ms"], moment


if __name__ == "__main__":
    limits = {
        **no_limits(), "slow_conflate_bytes": CONFLATE_BYTES, "slow_deadline": f"{DEADLINE}s",
        "broadcast": {"nodes": "0s"},
    }
    check.run(lambda: Grid(limits=limits))

"""Readers that stop reading, among readers that go on: nobody else may notice, and nobody may lose a durable event.

Usage: stalled.py [--sockets 500] [--stalled 100] [--seconds 40] [--json]. Starts its own coordinator; NEUROGRID_BIN
names the folder of the programs. Prints one row of a table; ends with 1 where a bound was broken: the others' p99 is at
most a tenth above that of as many readers who all read, and each stalled reader is conflated, closed with 3008 and a
ticket to resume, and then gets every notification of the room `general` once and in order. A stalled reader joins
`nodes` and stops; once the coordinator has it among its conflated laggards it takes a sip, until it has been told what
it does not get, and stops for good.
"""

import argparse
import asyncio
import concurrent.futures
import contextlib
import functools
import json
import os
import pathlib
import re
import socket
import struct
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Clients" / "python"))

from attacks import frame, upgrade  # noqa: E402
from grid import Grid  # noqa: E402
import hostile  # noqa: E402

# p99s that differ by less are the same: so much it varies between two runs of the same on a machine at rest.
NOISE_MILLISECONDS = 1.0
SLOW_DEADLINE_SECONDS = 10
LIMITS = {
    **hostile.WITHOUT_ADDRESS_LIMITS, "slow_deadline": f"{SLOW_DEADLINE_SECONDS}s", "conflated_deadline": "20s",
    "slow_conflate_bytes": 65536,
}


class Reader:
    """One raw subscriber of `nodes` and `general`, which reads or does not."""

    def __init__(self, grid, token):
        self.grid = grid
        self.token = token
        self.numbers = []
        # Where it stands in `general`, as every client remembers of its own.
        self.position = None
        self.conflated = 0
        self.ticket = None
        self.code = None
        self.has_joined = asyncio.Event()
        self.recovered = None
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        # Stops by itself at the next `conflated`.
        self.sips = False

    async def connect(self, rooms):
        self.plain = socket.socket()
        self.plain.setblocking(False)
        # Small segments and a small window: what the kernel keeps for a stalled reader is not what is measured, and of
        # loopback's segments of 64 KiB it would keep megabytes.
        self.plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        self.plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.plain, self.grid.host_and_port)
        await loop.sock_sendall(self.plain, upgrade())
        self.buffer = bytearray()
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += await self._more()
        assert self.buffer.startswith(b"HTTP/1.1 101"), bytes(self.buffer[:200])
        del self.buffer[:self.buffer.index(b"\r\n\r\n") + 4]
        await self._say("authenticate", token=self.token)
        for room in rooms:
            await self.join(**room)

    async def join(self, **room):
        await self._say("join_room", **room)

    def wake(self):
        """Reads again as fast as it can: what its kernel and the server's hold for it has to come before the goodbye."""
        with contextlib.suppress(OSError):
            self.plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.goes_on.set()

    async def _more(self):
        data = await asyncio.get_running_loop().sock_recv(self.plain, 65536)
        if not data:
            raise ConnectionError("the server ended it")
        return data

    async def _say(self, kind, **data):
        text = json.dumps({"type": kind, "data": data}).encode()
        await asyncio.get_running_loop().sock_sendall(self.plain, frame(1, text))

    async def run(self):
        """Reads while it may, until the connection ends."""
        with contextlib.suppress(ConnectionError):
            while True:
                await self.goes_on.wait()
                self._take_frames()
                if self.code is not None:
                    break
                self.buffer += await self._more()
        self.plain.close()

    def _take_frames(self):
        at, buffer = 0, self.buffer
        while len(buffer) - at >= 2:
            size, start = buffer[at + 1], at + 2
            if size == 126:
                if len(buffer) - at < 4:
                    break
                size, start = struct.unpack_from("!H", buffer, at + 2)[0], at + 4
            assert size < 127 or start == at + 4, "no message here is that long"
            if len(buffer) - start < size:
                break
            self._take(buffer[at] & 15, buffer[start:start + size])
            at = start + size
        del buffer[:at]

    def _take(self, opcode, payload):
        if opcode == 8:
            self.code = struct.unpack("!H", payload[:2])[0] if payload else 1005
        elif opcode == 1 and not payload.startswith(b'{"type":"node_'):
            message = json.loads(payload)
            data = message.get("data", {})
            if message["type"] == "system_notification":
                self.numbers.append(int(data["message"].split()[1]))
                self.position = {key: message[key] for key in ("epoch", "offset")}
            elif message["type"] == "conflated":
                self.conflated += data["skipped"]
                if self.sips:
                    self.sips = False
                    self.goes_on.clear()
            elif message["type"] == "resume_ticket":
                self.ticket = data
            elif message["type"] == "room_joined" and data["room"] == "general":
                self.recovered = data.get("recovered")
                self.has_joined.set()


class Stall:
    """The readers of one campaign and what is told to them."""

    def __init__(self, grid, options):
        self.grid = grid
        self.options = options
        self.admin = grid.mint("root", "admin")
        self.token = grid.mint("reader", "node:read")
        self.told = 0
        self.events_ended = float("inf")
        # Readers that the log named in time.
        self.woken = 0
        # The stalled readers' own work must not delay those who are measured on the same processor: a thread, and a
        # program that it starts, has the priority that it began with.
        self.generator = concurrent.futures.ThreadPoolExecutor(1)
        self.generator.submit(threading.get_native_id).result()
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)

    async def tell(self, over):
        """Notifications, some a second, until it is over."""
        while not over.is_set():
            body = {"title": "t", "message": f"notification {self.told + 1}"}
            status, _, answer = await asyncio.to_thread(
                self.grid.request, "/api/v1/notifications", token=self.admin, method="POST",
                headers={"Content-Type": "application/json"}, body=json.dumps(body))
            assert status == 201, (status, answer)
            self.told += 1
            await asyncio.sleep(0.2)

    async def honest(self, seconds, subscribers):
        return await asyncio.get_running_loop().run_in_executor(
            self.generator, functools.partial(hostile.honest, self.grid, seconds, subscribers=subscribers, rate=5))

    async def run(self):
        readers = [Reader(self.grid, self.token) for _ in range(self.options.stalled)]
        for reader in readers:
            await reader.connect([{"room": "general"}])
        running = [asyncio.create_task(reader.run()) for reader in readers]
        for reader in readers:
            await asyncio.wait_for(reader.has_joined.wait(), 20)
        over = asyncio.Event()
        telling = asyncio.create_task(self.tell(over))
        before = await self.honest(self.options.seconds, self.options.sockets)
        for reader in readers:
            reader.goes_on.clear()
            await reader.join(room="nodes")
        others = self.options.sockets - self.options.stalled
        measuring = asyncio.create_task(self.honest(self.options.seconds, others))
        await self.sip(readers, measuring)
        await self.wake_the_punished(readers, measuring)
        await asyncio.wait(running, timeout=10)
        during = await measuring
        first = [Outcome(reader) for reader in readers]
        await self.resume(readers, over, telling)
        return self.verdict(readers, first, before, during)

    async def conflated_laggards(self):
        _, _, page = await asyncio.to_thread(self.grid.request, "/metrics", token=self.admin)
        text = page if isinstance(page, str) else page.decode()
        return int(re.search(r"^neurogrid_conflated_laggards (\d+)", text, re.MULTILINE).group(1))

    async def sip(self, readers, measuring):
        """Once all are far behind, each takes what it needs to learn that it is."""
        while await self.conflated_laggards() < len(readers) and not measuring.done():
            await asyncio.sleep(0.2)
        for reader in readers:
            reader.sips = True
            reader.goes_on.set()
        while any(reader.sips for reader in readers) and not measuring.done():
            await asyncio.sleep(0.1)

    async def wake_the_punished(self, readers, measuring):
        """Each reads again once the coordinator's log says that it was too slow: its goodbye waits for five seconds."""
        waiting = {"peer=%s:%d" % reader.plain.getsockname(): reader for reader in readers}
        # Behind the last event nobody falls behind any more; the deadline of those who did passes.
        deadline = time.monotonic() + 300
        measuring.add_done_callback(lambda _: setattr(self, "events_ended", time.monotonic()))
        read = 0
        while waiting and time.monotonic() < min(deadline, self.events_ended + SLOW_DEADLINE_SECONDS + 2):
            await asyncio.sleep(0.2)
            text = self.grid.coordinator.log_text()
            for line in text[read:].splitlines():
                if "too slow" in line:
                    peer = next((word for word in line.split() if word in waiting), None)
                    if peer:
                        waiting.pop(peer).wake()
                        self.woken += 1
            read = text.rfind("\n") + 1
        for reader in waiting.values():
            reader.wake()

    async def resume(self, readers, over, telling):
        """All come back with their tickets, and stay until they have what was told last."""
        for reader in readers:
            rooms = (reader.ticket or {}).get("rooms", [])
            position = next((room for room in rooms if room["room"] == "general"), reader.position)
            since = {"since": {key: position[key] for key in ("epoch", "offset")}}
            reader.code = None
            reader.has_joined.clear()
            await reader.connect([{"room": "general", **since}])
        running = [asyncio.create_task(reader.run()) for reader in readers]
        over.set()
        await telling
        with contextlib.suppress(asyncio.TimeoutError):
            async with asyncio.timeout(20):
                while any(not reader.numbers or reader.numbers[-1] != self.told for reader in readers):
                    await asyncio.sleep(0.1)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def verdict(self, readers, first, before, during):
        wanted = list(range(1, self.told + 1))
        result = {
            "run": "stalled", "sockets": self.options.sockets, "stalled": self.options.stalled,
            "seconds": self.options.seconds,
            "p99_before_ms": before["measured"]["latency_us"]["p99"] / 1000,
            "p99_during_ms": during["measured"]["latency_us"]["p99"] / 1000,
            "conflated": sum(outcome.conflated > 0 for outcome in first),
            "woken": self.woken, "closed_3008": sum(outcome.code == 3008 for outcome in first),
            "tickets": sum(outcome.ticket is not None for outcome in first),
            "recovered": sum(reader.recovered is True for reader in readers),
            "whole": sum(reader.numbers == wanted for reader in readers), "told": self.told,
            "lost": during["lost"], "duplicate": during["duplicate"], "altered": during["altered"],
        }
        return result, self.broken_bounds(result, readers, wanted)

    def broken_bounds(self, result, readers, wanted):
        broken = []
        if result["p99_during_ms"] > max(1.1 * result["p99_before_ms"], result["p99_before_ms"] + NOISE_MILLISECONDS):
            broken.append(f"p99 went from {result['p99_before_ms']:.2f} ms to {result['p99_during_ms']:.2f} ms")
        for key in ("conflated", "closed_3008", "tickets", "recovered", "whole"):
            if result[key] != self.options.stalled:
                broken.append(f"{key}: {result[key]} of {self.options.stalled}")
        for reader in readers:
            if reader.numbers != wanted:
                missing = sorted(set(wanted) - set(reader.numbers))
                broken.append(f"a reader misses {missing[:5]} of {len(wanted)}, has {len(reader.numbers)}")
                break
        return broken


class Outcome:
    """How the first connection of a reader ended."""

    def __init__(self, reader):
        self.conflated = reader.conflated
        self.code = reader.code
        self.ticket = reader.ticket


HEADS = ["readers", "of them stalled", "p99 before ms", "p99 during ms", "conflated", "closed 3008", "with a ticket",
         "recovered", "notifications", "whole", "faults of the others"]


def row(result):
    cells = [result["sockets"], result["stalled"], f"{result['p99_before_ms']:.2f}", f"{result['p99_during_ms']:.2f}",
             result["conflated"], result["closed_3008"], result["tickets"], result["recovered"], result["told"],
             result["whole"], result["lost"] + result["duplicate"] + result["altered"]]
    return "| " + " | ".join(map(str, cells)) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--stalled", type=int)
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--json", action="store_true", help="the figures instead of the row")
    options = parser.parse_args()
    if options.stalled is None:
        options.stalled = options.sockets // 5
    with Grid(limits=LIMITS) as grid:
        hostile.pin_apart(grid)
        result, broken = asyncio.run(Stall(grid, options).run())
    if options.json:
        print(json.dumps(result))
    else:
        print("| " + " | ".join(HEADS) + " |\n" + "|---" * len(HEADS) + "|\n" + row(result))
    for sentence in broken:
        print(f"stalled: {sentence}", file=sys.stderr)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()

"""Every way in which a connection can be hostile, each a coroutine that goes on until it is cancelled.

Usage: attacks.py ADDRESS:PORT SOCKETS TOKEN: so many attackers at once, spread evenly over the kinds. Prints `ready`
when each of them has begun, and on SIGTERM a line of JSON with what they met.
"""

import asyncio
import base64
import collections
import contextlib
import json
import os
import random
import signal
import socket
import struct
import sys
import zlib

KEY = base64.b64encode(b"sixteen bytes ok").decode()
GONE = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.TimeoutError, OSError)


def frame(opcode, payload=b"", fin=True, reserved=0, masked=True, length=None):
    """One frame of a client, right or wrong in every part."""
    size = len(payload) if length is None else length
    bit = 0x80 if masked else 0
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += struct.pack("!BH", bit | 126, size)
    else:
        head += struct.pack("!BQ", bit | 127, size)
    # A mask of zeros is as good as any, and leaves the payload as it is.
    return head + (bytes(4) if masked else b"") + payload


def upgrade(path="/ws", more=""):
    return (
        f"GET {path} HTTP/1.1\r\nHost: grid\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    ).encode()


class Attacker:
    """What one hostile socket needs; its kind is one of the coroutines below."""

    def __init__(self, address, token, seen):
        self.host, port = address.rsplit(":", 1)
        self.port = int(port)
        self.token = token
        self.seen = seen
        self.random = random.Random()

    @contextlib.asynccontextmanager
    async def connection(self, receive_buffer=None):
        plain = socket.socket()
        plain.setblocking(False)
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        await asyncio.get_running_loop().sock_connect(plain, (self.host, self.port))
        reader, writer = await asyncio.open_connection(sock=plain)
        self.seen["connections"] += 1
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    @contextlib.asynccontextmanager
    async def web_socket(self, path="/ws", more="", receive_buffer=None):
        async with self.connection(receive_buffer) as (reader, writer):
            writer.write(upgrade(path, more))
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 15)
            if not head.startswith(b"HTTP/1.1 101"):
                self.seen["upgrades refused"] += 1
                raise ConnectionError("refused")
            yield reader, writer

    async def until_closed(self, reader, seconds=15):
        """Reads on until the server ends it, which it must; counts the close code."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    first, size = await reader.readexactly(2)
                    if size == 126:
                        size = struct.unpack("!H", await reader.readexactly(2))[0]
                    elif size == 127:
                        size = struct.unpack("!Q", await reader.readexactly(8))[0]
                    payload = await reader.readexactly(size)
                    if first & 15 == 8:
                        self.seen[f"closed {struct.unpack('!H', payload[:2])[0] if payload else 1005}"] += 1
                        return
        except asyncio.TimeoutError:
            self.seen["still open"] += 1
        except GONE:
            self.seen["cut"] += 1

    async def authenticate(self, writer):
        writer.write(frame(1, json.dumps({"type": "authenticate", "data": {"token": self.token}}).encode()))

    # What stalls

    async def slow_head(self):
        async with self.connection() as (reader, writer):
            for byte in upgrade():
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.3)
                if reader.at_eof():
                    return

    async def silent(self):
        async with self.connection() as (reader, _):
            await reader.read(1024)

    async def half_handshake(self):
        async with self.connection() as (reader, writer):
            writer.write(upgrade()[:-2])
            await reader.read(1024)

    async def trickled_message(self):
        async with self.web_socket() as (reader, writer):
            writer.write(frame(1, length=8000))
            for _ in range(8000):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.2)
                if reader.at_eof():
                    return

    async def unfinished_message(self):
        async with self.web_socket() as (reader, writer):
            await self.authenticate(writer)
            writer.write(frame(1, b"x" * 8000, fin=False))
            for _ in range(120):
                writer.write(frame(0, b"x" * 8000, fin=False))
                await writer.drain()
                await asyncio.sleep(0.05)
            await self.until_closed(reader)

    async def never_reads(self):
        async with self.web_socket(receive_buffer=4096) as (_, writer):
            writer.transport.pause_reading()
            await self.authenticate(writer)
            writer.write(frame(1, b'{"type":"join_room","data":{"room":"nodes"}}'))
            for _ in range(60):
                writer.write(frame(9, b"p" * 100))
                await writer.drain()
                await asyncio.sleep(1)

    # What grows

    async def endless_head(self):
        async with self.connection() as (reader, writer):
            writer.write(b"GET /ws HTTP/1.1\r\nHost: grid\r\n")
            for number in range(100_000):
                writer.write(b"X-%d: %s\r\n" % (number, b"y" * 200))
                await writer.drain()
                if reader.at_eof():
                    return
            await reader.read(1024)

    async def fragment_flood(self):
        async with self.web_socket() as (reader, writer):
            writer.write(frame(1, b"", fin=False))
            for _ in range(20):
                writer.write(frame(0, b"", fin=False) * 100)
                await writer.drain()
            await self.until_closed(reader)

    async def huge_length(self):
        async with self.web_socket() as (reader, writer):
            writer.write(frame(1, b"x" * 1000, length=self.random.choice([2**62, 2**40, 1 << 31, 2**63 + 9])))
            await self.until_closed(reader)

    async def deflate_bomb(self):
        async with self.web_socket(more="Sec-WebSocket-Extensions: permessage-deflate\r\n") as (reader, writer):
            writer.write(frame(1, BOMB, reserved=4))
            await self.until_closed(reader)

    # What is wrong

    async def bad_upgrade(self):
        async with self.connection() as (reader, writer):
            whole = upgrade()
            writer.write(
                self.random.choice([
                    whole.replace(b": 13", b": 8"), whole.replace(KEY.encode(), b"short"),
                    whole.replace(b"Host: grid", b"Host: grid\r\nHost: grid"), whole.replace(b"GET", b"BREW"),
                    whole.replace(b"/ws", b"/%2e%2e/etc/passwd"), whole.replace(b"Host: grid", b"Origin: null"),
                    whole.replace(b"/ws", b"/\x1b[31mred"), whole.replace(b"Host: grid", b"Host: grid\r\nX: a\nb"),
                    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(200),
                    b"POST /ws HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                ]))
            answer = await asyncio.wait_for(reader.read(4096), 15)
            self.seen[f"answered {answer[9:12].decode('latin-1') or 'nothing'}"] += 1

    async def invalid_text(self):
        async with self.web_socket() as (reader, writer):
            writer.write(frame(1, self.random.choice([b"\xff\xfe", b"\xed\xa0\x80", b"a\xc0\x80", b"\xf5\x90"])))
            await self.until_closed(reader)

    async def broken_frame(self):
        async with self.web_socket() as (reader, writer):
            writer.write(
                self.random.choice([
                    frame(3), frame(11), frame(1, b"{}", reserved=2), frame(1, b"{}", masked=False), frame(0, b"x"),
                    frame(9, b"x" * 126), frame(9, b"", fin=False), frame(8, b"\x03"), frame(8, b"\x03\xed"),
                    frame(2, os.urandom(300)),
                ]))
            await self.until_closed(reader)

    async def garbage_text(self):
        async with self.web_socket() as (reader, writer):
            for text in [b"", b"[" * 5000, b'{"type":' * 100, b"1e99999", b'{"type":"join_room"}', b"\x00" * 100]:
                writer.write(frame(1, text))
                await writer.drain()
                await asyncio.sleep(0.1)
            await self.until_closed(reader)

    async def wide_message(self):
        keys = ",".join(f'"{number * 7919:x}":{number}' for number in range(12_000))
        text = ('{"type":"join_room","data":{"room":"nodes","filters":{' + keys + "}}}").encode()
        async with self.web_socket() as (reader, writer):
            await self.authenticate(writer)
            for _ in range(20):
                writer.write(frame(1, text))
                await writer.drain()
                await asyncio.wait_for(reader.read(65536), 5)
                await asyncio.sleep(1)

    async def forged_token(self):
        head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
        body = base64.urlsafe_b64encode(b'{"sub":"a","permissions":["admin"],"exp":99999999999}').rstrip(b"=").decode()
        async with self.web_socket() as (reader, writer):
            for token in [f"{head}.{body}.", f"{head}.{body}.{body}", "." * 2000, self.token[:-4] + "AAAA"]:
                writer.write(frame(1, json.dumps({"type": "authenticate", "data": {"token": token}}).encode()))
            await self.until_closed(reader)

    async def garbage_agent(self):
        async with self.web_socket("/agent", "Sec-WebSocket-Protocol: neurogrid.agent.v1\r\n") as (reader, writer):
            for _ in range(12):
                writer.write(
                    frame(1, self.random.choice([
                        b"{}", b'{"type":"sample","seq":1}', os.urandom(30).hex().encode(), b'{"type":"hello"}',
                        b'{"type":"proof","signature":"AAAA"}', b'{"type":"hello","join_token":"' + b"x" * 900 + b'"}',
                    ])))
            await self.until_closed(reader)

    # What is too much

    async def ping_flood(self):
        async with self.web_socket() as (reader, writer):
            for _ in range(300):
                writer.write(frame(9, b"p" * 20) * 50)
                await writer.drain()
                await asyncio.sleep(0.05)
                await reader.read(65536)

    async def join_flood(self):
        async with self.web_socket() as (reader, writer):
            await self.authenticate(writer)
            for _ in range(200):
                writer.write(frame(1, b'{"type":"join_room","data":{"room":"nodes"}}'))
                writer.write(frame(1, b'{"type":"leave_room","data":{"room":"nodes"}}'))
                await writer.drain()
                await asyncio.sleep(0.02)
                await asyncio.wait_for(reader.read(65536), 5)
                if reader.at_eof():
                    return

    async def pipeline(self):
        async with self.connection(receive_buffer=4096) as (_, writer):
            writer.transport.pause_reading()
            for _ in range(200):
                writer.write(b"GET /api/v1/nodes HTTP/1.1\r\nHost: grid\r\n\r\n" * 20)
                await asyncio.wait_for(writer.drain(), 15)
                await asyncio.sleep(0.05)

    async def churn(self):
        for _ in range(20):
            async with self.connection() as (_, writer):
                writer.write(upgrade()[: self.random.randrange(len(upgrade()))])
            await asyncio.sleep(0.02)


KINDS = [
    name for name, value in vars(Attacker).items()
    if asyncio.iscoroutinefunction(value) and name not in ("until_closed", "authenticate")
]


def make_bomb():
    """A raw deflate stream that inflates to 32 MiB, as a message ends it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(32 << 20)) + packer.flush(zlib.Z_SYNC_FLUSH)
    return packed[:-4]


BOMB = make_bomb()


async def main(address, count, token):
    seen = collections.Counter()
    begun = 0

    async def attack(number):
        nonlocal begun
        attacker = Attacker(address, token, seen)
        kind = getattr(attacker, KINDS[number % len(KINDS)])
        # Spread over the first seconds, and never in step afterwards.
        await asyncio.sleep(attacker.random.random() * 2)
        begun += 1
        while True:
            with contextlib.suppress(*GONE):
                await kind()
            await asyncio.sleep(attacker.random.random() / 4)

    ended = asyncio.Event()
    # Whoever started us may have blocked it, and a mask is inherited.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    tasks = [asyncio.create_task(attack(number)) for number in range(count)]
    while begun < count:
        await asyncio.sleep(0.05)
    print("ready", flush=True)
    await ended.wait()
    # No attack ends by itself; one that did has a fault of its own.
    faults = [repr(task.exception()) for task in tasks if task.done()]
    print(json.dumps({"kinds": len(KINDS), "seen": seen, "faults": faults[:5]}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))

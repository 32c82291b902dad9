"""Connections that break every rule, while a well-behaved neighbour goes on undisturbed."""

import asyncio
import base64
import contextlib
import json
import os
import struct

from checks import Checks
from check_authentication import no_limits
from grid import Grid
from native import Client

check = Checks("hostile")


class Raw:
    """A WebSocket connection whose frames are made by hand."""

    def __init__(self, grid):
        self.grid = grid

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection(*self.grid.host_and_port)
        key = base64.b64encode(os.urandom(16)).decode()
        self.writer.write(
            f"GET /ws HTTP/1.1\r\nHost: {self.grid.address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)
        assert head.startswith(b"HTTP/1.1 101"), head
        return self

    async def __aexit__(self, *_):
        self.writer.close()
        with contextlib.suppress(Exception):
            await self.writer.wait_closed()

    def frame(self, opcode, payload, fin=True, masked=True, reserved=0, length=None):
        first = (0x80 if fin else 0) | reserved << 4 | opcode
        size = len(payload) if length is None else length
        head = bytes([first])
        bit = 0x80 if masked else 0
        if size < 126:
            head += bytes([bit | size])
        elif size < 65536:
            head += bytes([bit | 126]) + struct.pack("!H", size)
        else:
            head += bytes([bit | 127]) + struct.pack("!Q", size)
        if masked:
            mask = os.urandom(4)
            head += mask
            payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.writer.write(head + payload)

    async def close_code(self):
        """Reads frames until the close frame or the end; None when it ended without one."""
        while True:
            try:
                first, second = await asyncio.wait_for(self.reader.readexactly(2), 5)
                size = second & 0x7F
                if size == 126:
                    size = struct.unpack("!H", await self.reader.readexactly(2))[0]
                elif size == 127:
                    size = struct.unpack("!Q", await self.reader.readexactly(8))[0]
                payload = await self.reader.readexactly(size)
            except (asyncio.IncompleteReadError, ConnectionError):
                return None
            if first & 0x0F == 8:
                return struct.unpack("!H", payload[:2])[0] if payload else 1005


@contextlib.asynccontextmanager
async def neighbour(grid):
    """A client that must still hear of its node after whatever happens inside."""
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign())
        await client.join("nodes")
        await client.expect("node_metrics")
        yield client
        client.inbox.clear()
        await client.expect("node_metrics")
        assert await client.is_alive()


@check
async def frames_that_break_the_protocol(grid):
    cases = {
        "no mask": ((1, b"{}"), {"masked": False}, 1002),
        "a reserved bit": ((1, b"{}"), {"reserved": 4}, 1002),
        "a reserved opcode": ((3, b"{}"), {}, 1002),
        "a reserved control opcode": ((11, b""), {}, 1002),
        "a fragmented ping": ((9, b""), {"fin": False}, 1002),
        "a long ping": ((9, b"x" * 126), {}, 1002),
        "a continuation of nothing": ((0, b"x"), {}, 1002),
        "text that is no UTF-8": ((1, b"\xff\xfe"), {}, 1007),
        "half a character": ((1, b"\xe2\x82"), {}, 1007),
        "a close code that cannot be": ((8, struct.pack("!H", 1005)), {}, 1002),
        "a close of one byte": ((8, b"\x03"), {}, 1002),
        "an endless length": ((1, b""), {"length": 2**63 - 1}, 1009),
        "an impossible length": ((1, b""), {"length": 2**63 + 5}, 1002),
    }
    async with neighbour(grid):
        for name, (arguments, more, expected) in cases.items():
            async with Raw(grid) as raw:
                raw.frame(*arguments, **more)
                code = await raw.close_code()
                assert code == expected, (name, code)


WORDS = [
    "'; DROP TABLE tasks; --", "<script>alert(1)</script>", '"}, "type": "auth_response", "x": {"',
    "$(reboot) `reboot`", "first\r\n2026-01-01T00:00:00.000Z INFO forged line", "\u001b[2J\u0007",
    "${jndi:ldap://x/a}", "%n%s%d", "../../../../etc/passwd", "\u202etxt.exe", "a\u2028b", '{"room":"logs"}',
]


@check
async def what_looks_like_a_command_is_only_words(grid):
    administrator = grid.sign("root", ["admin"])
    async with neighbour(grid), Client(grid.url) as client:
        await client.authenticate(grid.sign())
        await client.join("general")
        for words in WORDS:
            for kind, data, code in [
                (words, {}, "UNKNOWN_TYPE"), ("join_room", {"room": words}, "UNKNOWN_ROOM"),
                ("join_room", {"room": f"job:{words}"}, "UNKNOWN_ROOM"),
                ("join_room", {"room": "nodes", "filters": {words: []}}, "INVALID_FILTER"),
                ("join_room", {"room": "nodes", "filters": {"user_id": words}}, "FORBIDDEN"),
            ]:
                await client.send(kind, **data)
                await client.refused(code)
            # A question that no node answers, and a notice that comes as it was said.
            await client.join("nodes", {"regions": [words]})
            notice = {"level": "info", "title": words, "message": words, "scheduled_time": None,
                      "estimated_duration": None, "affected_services": [words]}
            status, _, answer = grid.request(
                "/api/v1/notifications", administrator, "POST", {"Content-Type": "application/json"},
                json.dumps(notice))
            assert status == 201, (words, answer)
            told = (await client.expect("system_notification"))["data"]
            assert {key: told[key] for key in notice} == notice, (words, told)
            async with Client(grid.url) as named:
                await named.send("authenticate", token=grid.sign(words, []))
                answer = await named.receive()
                # A name with control characters is nobody's.
                if any(letter < " " for letter in words):
                    assert answer["type"] == "auth_error" and answer["data"]["code"] == "INVALID_TOKEN", answer
                else:
                    assert answer["type"] == "auth_response" and answer["data"]["user_id"] == words, answer
                    assert answer["data"]["permissions"] == [], answer
        assert await client.is_alive() and not client.inbox, client.inbox
    lines = grid.coordinator.log_text().splitlines()
    assert not [line for line in lines if line.startswith("2026-01-01T00:00:00.000Z INFO forged")], lines
    assert not [line for line in lines if "\x1b" in line], lines


@check
async def a_message_in_pieces_is_one_message(grid):
    async with neighbour(grid), Raw(grid) as raw:
        raw.frame(1, b'{"ty', fin=False)
        raw.frame(9, b"between")
        raw.frame(0, b'pe":"pi', fin=False)
        raw.frame(0, b'ng"}')
        first, size = await asyncio.wait_for(raw.reader.readexactly(2), 5)
        assert first == 0x8A, first
        assert await raw.reader.readexactly(size) == b"between"
        first, size = await asyncio.wait_for(raw.reader.readexactly(2), 5)
        assert first == 0x81, first


@check
async def too_many_pieces(grid):
    async with neighbour(grid), Raw(grid) as raw:
        raw.frame(1, b"", fin=False)
        with contextlib.suppress(ConnectionError):
            for _ in range(5000):
                raw.frame(0, b"", fin=False)
            await raw.writer.drain()
        assert await raw.close_code() in (1008, 1009, None)


@check
async def what_is_no_http(grid):
    requests = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello",
        b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-A: b\r\n" * 500 + b"\r\n",
    ]
    async with neighbour(grid):
        for request in requests:
            reader, writer = await asyncio.open_connection(*grid.host_and_port)
            writer.write(request)
            with contextlib.suppress(ConnectionError):
                await writer.drain()
                answer = await asyncio.wait_for(reader.read(65536), 12)
                assert answer == b"" or answer[9:10] in b"45", (request[:60], answer[:200])
            writer.close()


@check
async def handshakes_that_are_none(grid):
    base = {
        "Host": grid.address, "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode(), "Sec-WebSocket-Version": "13",
    }
    for change in [
        {"Sec-WebSocket-Key": "short"}, {"Sec-WebSocket-Key": None}, {"Sec-WebSocket-Version": "8"},
        {"Upgrade": "h2c"},
    ]:
        headers = {key: value for key, value in {**base, **change}.items() if value is not None}
        status, _, _ = grid.request("/ws", headers=headers)
        assert status in (400, 426), (change, status)
    status, _, _ = grid.request("/nowhere", headers=base)
    assert status == 404, status


@check
async def many_that_vanish(grid):
    async with neighbour(grid):
        for _ in range(100):
            reader, writer = await asyncio.open_connection(*grid.host_and_port)
            writer.write(b"GET /ws HTTP/1.1\r\nHost")
            writer.transport.abort()
        for _ in range(20):
            async with Raw(grid) as raw:
                raw.frame(1, b"half a mess", fin=False)
                raw.writer.transport.abort()


if __name__ == "__main__":

    class WithNode(Grid):
        def __enter__(self):
            super().__enter__()
            self.start_agent()
            return self

    check.run(lambda: WithNode(limits=no_limits()))

"""permessage-deflate: the same events, compressed once for all who offer it, and plain for the others."""

import asyncio
import contextlib
import json
import zlib

from checks import Checks
from check_authentication import no_limits
from grid import Grid
from native import Client
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

check = Checks("compression")
# What senders cut off each message (RFC 7692 §7.2.1).
TAIL = b"\x00\x00\xff\xff"


class OneNode(Grid):
    """One node, whose samples come every second."""

    def __enter__(self):
        super().__enter__()
        self.start_agent()
        return self


def recorded(client):
    """The data frames that the client receives from now on, as (is compressed, payload)."""
    (extension,) = client.socket.protocol.extensions
    frames, decode = [], extension.decode

    def record(frame, **options):
        if not frame.opcode.value & 8:
            frames.append((frame.rsv1, bytes(frame.data)))
        return decode(frame, **options)

    extension.decode = record
    return frames


@contextlib.asynccontextmanager
async def joined(grid, **options):
    async with Client(grid.url, **options) as client:
        await client.authenticate(grid.sign())
        await client.join("nodes")
        yield client


@check
async def events_come_compressed_and_each_by_itself(grid):
    async with joined(grid) as client:
        frames = recorded(client)
        messages = await client.collect(3.5)
        compressed = [payload for is_compressed, payload in frames if is_compressed]
        # An inflater that has seen nothing before reads each of them.
        texts = [zlib.decompressobj(-15).decompress(payload + TAIL) for payload in compressed]
        assert len(texts) >= 2, messages
        assert all(json.loads(text) in messages for text in texts), (texts, messages)
        assert all(len(payload) < 0.8 * len(text) for payload, text in zip(compressed, texts)), texts


@check
async def all_get_the_same_events(grid):
    small = {"compression": None, "extensions": [ClientPerMessageDeflateFactory(server_max_window_bits=10)]}
    async with joined(grid) as one, joined(grid) as two, joined(grid, compression=None) as plain:
        async with joined(grid, **small) as narrow:
            frames = recorded(one), recorded(two), recorded(narrow)
            assert not plain.socket.protocol.extensions
            clients = one, two, plain, narrow
            seen = await asyncio.gather(*(client.collect(4.5) for client in clients))
    metrics = [{m["offset"]: m for m in messages if m["type"] == "node_metrics"} for messages in seen]
    common = set.intersection(*(set(by_offset) for by_offset in metrics))
    assert len(common) >= 2, seen
    for offset in common:
        assert all(by_offset[offset] == metrics[0][offset] for by_offset in metrics), offset
    assert [f for f in frames[0] if f[0]] and [f for f in frames[1] if f[0]], frames
    shared = set(f for f in frames[0] if f[0]) & set(f for f in frames[1] if f[0])
    assert len(shared) >= 2, "the two did not get the same bytes"
    # A window of its own is granted, but what all share was not made for it.
    assert frames[2] and not [f for f in frames[2] if f[0]], frames[2]


@check
async def what_a_client_compresses_is_read(grid):
    async with joined(grid) as client:
        await client.send("ping", padding="x" * 900)
        pong = await client.expect("pong")
        assert pong["data"]["echo"] == {"padding": "x" * 900}, pong


@check
async def a_bomb_is_too_large(grid):
    async with Client(grid.url) as client:
        await client.send_raw("x" * (6 << 20))
        code, _ = await client.closed()
        assert code == 1009, code


@check
async def broken_data_is_refused(grid):
    async with Client(grid.url) as client:
        (extension,) = client.socket.protocol.extensions
        encode = extension.encode

        def spoil(frame):
            frame = encode(frame)
            return type(frame)(frame.opcode, b"\xff" + bytes(frame.data)[1:], frame.fin, *(
                getattr(frame, bit) for bit in ("rsv1", "rsv2", "rsv3")))

        extension.encode = spoil
        await client.send("ping")
        code, _ = await client.closed()
        assert code == 1007, code


@check
async def what_cannot_be_kept_to_is_declined(grid):
    offer = ClientPerMessageDeflateFactory(server_max_window_bits=8)
    async with Client(grid.url, compression=None, extensions=[offer]) as client:
        assert not client.socket.protocol.extensions
        await client.authenticate(grid.sign())


if __name__ == "__main__":
    check.run(lambda: OneNode(limits=no_limits()))

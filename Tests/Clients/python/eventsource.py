"""A client of Server-Sent Events, written from the HTML standard's section 9.2 and RFC 9112 alone."""

import asyncio
import json
import urllib.parse


class Refused(Exception):
    """The answer is no stream."""

    def __init__(self, status, headers, body):
        super().__init__(f"{status} {body!r}")
        self.status, self.headers, self.body = status, headers, body


class Torn(Exception):
    """The connection ended within a chunk, or before the last one."""


class EventSource:
    """One page's view of a stream: it knows the last id, and comes back with it."""

    def __init__(self, grid, rooms, token, filter=None, bearer=False, headers=None):
        self.grid = grid
        query = {"rooms": rooms}
        if filter is not None:
            query["filter"] = json.dumps(filter)
        self.headers = dict(headers or {})
        if bearer:
            self.headers["Authorization"] = f"Bearer {token}"
        else:
            query["token"] = token
        self.path = "/events?" + urllib.parse.urlencode(query)
        self.last_id = ""
        self.retry = None
        self.comments = 0
        self.bytes_read = 0
        self.writer = None
        self.answer = None

    async def connect(self, limit=1 << 16, **options):
        """Asks, and reads the answer's head. Raises Refused unless it is a stream."""
        host, port = self.grid.host_and_port
        place = {} if "sock" in options else {"host": host, "port": port}
        self.reader, self.writer = await asyncio.open_connection(limit=limit, **place, **options)
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {host}:{port}", "Accept: text/event-stream"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.last_id:
            lines.append(f"Last-Event-ID: {self.last_id}")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        status = int(head[0].split()[1])
        fields = {}
        for line in head[1:-2]:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        if status != 200 or fields.get("transfer-encoding") != "chunked":
            raise Refused(status, fields, await self.reader.readexactly(int(fields.get("content-length", 0))))
        assert fields["content-type"] == "text/event-stream" and fields["cache-control"] == "no-store", fields
        self.answer = fields
        return self

    async def __aenter__(self):
        return await self.connect() if self.writer is None else self

    async def __aexit__(self, *_):
        self.cut()

    def cut(self):
        """Breaks the connection without a word. Returns whether there was one."""
        writer, self.writer = self.writer, None
        if writer is not None:
            writer.transport.abort()
        return writer is not None

    async def chunks(self):
        """Chunk after chunk, to the last one."""
        try:
            while True:
                size = int(await self.reader.readuntil(b"\r\n"), 16)
                chunk = await self.reader.readexactly(size + 2)
                assert chunk[-2:] == b"\r\n", chunk[-10:]
                self.bytes_read += size
                if size == 0:
                    return
                yield chunk[:-2]
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise Torn() from error

    async def events(self):
        """(type, id or None, data) of every event, data as JSON, to the stream's end."""
        async for chunk in self.chunks():
            # Every event is a chunk of its own.
            assert chunk.endswith(b"\n\n") and chunk.count(b"\n\n") == 1, chunk
            kind, data, identifier = "message", [], None
            for line in chunk[:-2].split(b"\n"):
                name, _, value = line.partition(b":")
                value = value.removeprefix(b" ").decode()
                if name == b"":
                    self.comments += 1
                elif name == b"retry":
                    self.retry = int(value)
                elif name == b"id":
                    identifier = value
                elif name == b"event":
                    kind = value
                elif name == b"data":
                    data.append(value)
                else:
                    raise AssertionError(line)
            if identifier is not None:
                self.last_id = identifier
            if data:
                yield kind, identifier, json.loads("\n".join(data))

    async def take(self, count, timeout=10):
        """So many events."""
        taken = []

        async def read():
            async for event in self.events():
                taken.append(event)
                if len(taken) == count:
                    return

        if count:
            await asyncio.wait_for(read(), timeout)
        return taken


def places(identifier):
    """An id taken apart: room to (epoch, offset)."""
    result = {}
    for part in identifier.split(","):
        room, _, numbers = part.partition("=")
        offset, _, epoch = numbers.partition("@")
        result[room] = (int(epoch), int(offset))
    return result

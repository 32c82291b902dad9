"""What arrives on /pub goes to every connection on /sub: PyPI's websockets, the way its documentation calls fastest.

`broadcast()` frames a message once and writes it to each transport without waiting; compression is off, and the event
loop is uvloop's. Usage: websockets_broadcast.py PORT
"""

import asyncio
import sys

import uvloop
from websockets.asyncio.server import broadcast, serve

subscribers = set()


async def handle(connection):
    if connection.request.path == "/pub":
        async for message in connection:
            broadcast(subscribers, message)
        return
    subscribers.add(connection)
    try:
        await connection.wait_closed()
    finally:
        subscribers.discard(connection)


async def main():
    port = int(sys.argv[1])
    async with serve(handle, "127.0.0.1", port, compression=None, ping_interval=None, backlog=4096) as server:
        await server.serve_forever()


uvloop.run(main())

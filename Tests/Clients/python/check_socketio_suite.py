"""The public Socket.IO protocol suite (version 5), test by test and by their names, over real sockets."""

import asyncio
import contextlib
import json
import time

from checks import Checks
from engine_checks import register
from suites import Echo, closed, receive

check = Checks("socket.io suite")
register(check)


@contextlib.asynccontextmanager
async def opened(echo):
    """A WebSocket behind the open packet."""
    async with echo.websocket() as socket:
        await receive(socket)
        yield socket


@contextlib.asynccontextmanager
async def connected(echo, namespace="/", payload=None):
    """One that is in the namespace, behind its `auth`."""
    async with opened(echo) as socket:
        await connect(socket, namespace, payload)
        yield socket


async def connect(socket, namespace="/", payload=None):
    prefix = "" if namespace == "/" else f"{namespace},"
    await socket.send(f"40{prefix}" + ("" if payload is None else json.dumps(payload, separators=(",", ":"))))
    answer = await receive(socket)
    assert answer.startswith(f"40{prefix}{{"), answer
    value = json.loads(answer[2 + len(prefix):])
    assert set(value) == {"sid"} and isinstance(value["sid"], str), value
    assert await receive(socket) == f"42{prefix}" + json.dumps(["auth", payload or {}], separators=(",", ":"))


@check
async def connect_should_allow_connection_to_the_main_namespace(echo):
    async with connected(echo):
        pass


@check
async def connect_should_allow_connection_to_the_main_namespace_with_a_payload(echo):
    async with connected(echo, payload={"token": "123"}):
        pass


@check
async def connect_should_allow_connection_to_a_custom_namespace(echo):
    async with connected(echo, "/custom"):
        pass


@check
async def connect_should_allow_connection_to_a_custom_namespace_with_a_payload(echo):
    async with connected(echo, "/custom", {"token": "abc"}):
        pass


@check
async def connect_should_disallow_connection_to_an_unknown_namespace(echo):
    async with opened(echo) as socket:
        await socket.send("40/random")
        assert await receive(socket) == '44/random,{"message":"Invalid namespace"}'


@check
async def connect_should_disallow_connection_with_an_invalid_handshake(echo):
    async with opened(echo) as socket:
        await socket.send("4abc")
        await closed(socket)


@check
async def connect_should_close_the_connection_if_no_handshake_is_received(echo):
    async with opened(echo) as socket:
        began = time.monotonic()
        with contextlib.suppress(Exception):
            while True:
                if await receive(socket) == "2":
                    await socket.send("3")
        assert socket.close_code is not None and time.monotonic() - began < 3, socket.close_code


@check
async def disconnect_should_disconnect_from_the_main_namespace(echo):
    async with connected(echo) as socket:
        await socket.send("41")
        assert await receive(socket) == "2"


@check
async def disconnect_should_connect_then_disconnect_from_a_custom_namespace(echo):
    async with connected(echo) as socket:
        await connect(socket, "/custom")
        await socket.send("41/custom")
        await socket.send('42["message","message to main namespace"]')
        assert await receive(socket) == '42["message-back","message to main namespace"]'


@check
async def message_should_send_a_plain_text_packet(echo):
    async with connected(echo) as socket:
        await socket.send('42["message",1,"2",{"3":[true]}]')
        assert await receive(socket) == '42["message-back",1,"2",{"3":[true]}]'


@check
async def message_should_send_a_packet_with_binary_attachments(echo):
    async with connected(echo) as socket:
        placeholders = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
        await socket.send(f'452-["message",{placeholders}]')
        await socket.send(bytes([1, 2, 3]))
        await socket.send(bytes([4, 5, 6]))
        assert await receive(socket) == f'452-["message-back",{placeholders}]'
        assert await receive(socket) == bytes([1, 2, 3])
        assert await receive(socket) == bytes([4, 5, 6])


@check
async def message_should_send_a_plain_text_packet_with_an_ack(echo):
    async with connected(echo) as socket:
        await socket.send('42456["message-with-ack",1,"2",{"3":[false]}]')
        assert await receive(socket) == '43456[1,"2",{"3":[false]}]'


@check
async def message_should_send_a_packet_with_binary_attachments_and_an_ack(echo):
    async with connected(echo) as socket:
        placeholders = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
        await socket.send(f'452-789["message-with-ack",{placeholders}]')
        await socket.send(bytes([1, 2, 3]))
        await socket.send(bytes([4, 5, 6]))
        assert await receive(socket) == f"462-789[{placeholders}]"
        assert await receive(socket) == bytes([1, 2, 3])
        assert await receive(socket) == bytes([4, 5, 6])


async def closes(echo, packet):
    async with connected(echo) as socket:
        await socket.send(packet)
        await closed(socket)


@check
async def message_should_close_the_connection_upon_invalid_format_unknown_packet_type(echo):
    await closes(echo, "4abc")


@check
async def message_should_close_the_connection_upon_invalid_format_invalid_payload_format(echo):
    await closes(echo, "42{}")


@check
async def message_should_close_the_connection_upon_invalid_format_invalid_ack_id(echo):
    await closes(echo, '42abc["message-with-ack",1,"2",{"3":[false]}]')


if __name__ == "__main__":
    check.run(lambda: Echo("socketio"))

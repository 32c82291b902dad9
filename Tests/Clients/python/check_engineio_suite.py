"""The public Engine.IO protocol suite (version 4), test by test and by their names, over real sockets."""

import asyncio

from checks import Checks
from engine_checks import register
from suites import SEPARATOR, Echo, closed, receive

check = Checks("engine.io suite")
register(check)


@check
async def message_http_long_polling_should_send_and_receive_a_payload_containing_one_plain_text_packet(echo):
    sid = await echo.open_polling()
    assert await echo.push(sid, "4hello") == (200, "ok")
    assert await echo.poll(sid) == (200, "4hello")


@check
async def message_http_long_polling_should_send_and_receive_a_payload_containing_several_plain_text_packets(echo):
    sid = await echo.open_polling()
    payload = SEPARATOR.join(["4test1", "4test2", "4test3"])
    assert await echo.push(sid, payload) == (200, "ok")
    assert await echo.poll(sid) == (200, payload)


@check
async def message_http_long_polling_should_send_and_receive_a_payload_containing_plain_text_and_binary_packets(echo):
    sid = await echo.open_polling()
    payload = SEPARATOR.join(["4hello", "bAQIDBA=="])
    assert await echo.push(sid, payload) == (200, "ok")
    assert await echo.poll(sid) == (200, payload)


@check
async def message_http_long_polling_should_close_the_session_upon_invalid_packet_format(echo):
    sid = await echo.open_polling()
    status, _ = await echo.push(sid, "abc")
    assert status == 400, status
    status, _ = await echo.poll(sid)
    assert status == 400, status


@check
async def message_http_long_polling_should_close_the_session_upon_duplicate_poll_requests(echo):
    sid = await echo.open_polling()
    first = asyncio.create_task(echo.poll(sid))
    await asyncio.sleep(0.05)
    status, _ = await echo.poll(sid)
    assert status == 400, status
    assert await first == (200, "1")


@check
async def message_http_long_polling_should_close_the_session_upon_cancelled_polling_request(echo):
    sid = await echo.open_polling()
    waiting = asyncio.create_task(echo.poll(sid))
    await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.sleep(0.05)
    status, _ = await echo.poll(sid)
    assert status == 400, status


@check
async def message_websocket_should_send_and_receive_a_plain_text_packet(echo):
    async with echo.websocket() as socket:
        await receive(socket)
        await socket.send("4hello")
        assert await receive(socket) == "4hello"


@check
async def message_websocket_should_send_and_receive_a_binary_packet(echo):
    async with echo.websocket() as socket:
        await receive(socket)
        await socket.send(bytes([1, 2, 3, 4]))
        assert await receive(socket) == bytes([1, 2, 3, 4])


@check
async def message_websocket_should_close_the_session_upon_invalid_packet_format(echo):
    async with echo.websocket() as socket:
        await receive(socket)
        await socket.send("abc")
        await closed(socket)


if __name__ == "__main__":
    check.run(lambda: Echo("engineio"))

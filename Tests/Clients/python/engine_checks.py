"""The checks that both public suites have: handshake, heartbeat, close and upgrade."""

import asyncio

from suites import closed, handshake, receive


def register(check):
    async def refused(echo, query, method="GET"):
        status, _ = await echo.fetch(query, method)
        assert status == 400, (query, status)

    async def refused_websocket(echo, query):
        assert await echo.status_of_websocket(query) == 400, query

    @check
    async def handshake_http_long_polling_should_successfully_open_a_session(echo):
        status, body = await echo.fetch("EIO=4&transport=polling")
        assert status == 200 and handshake(body)["upgrades"] == ["websocket"], body

    @check
    async def handshake_http_long_polling_should_fail_with_an_invalid_EIO_query_parameter(echo):
        await refused(echo, "transport=polling")
        await refused(echo, "EIO=abc&transport=polling")

    @check
    async def handshake_http_long_polling_should_fail_with_an_invalid_transport_query_parameter(echo):
        await refused(echo, "EIO=4")
        await refused(echo, "EIO=4&transport=abc")

    @check
    async def handshake_http_long_polling_should_fail_with_an_invalid_request_method(echo):
        await refused(echo, "EIO=4&transport=polling", "POST")
        await refused(echo, "EIO=4&transport=polling", "PUT")

    @check
    async def handshake_websocket_should_successfully_open_a_session(echo):
        async with echo.websocket() as socket:
            assert handshake(await receive(socket))["upgrades"] == []

    @check
    async def handshake_websocket_should_fail_with_an_invalid_EIO_query_parameter(echo):
        await refused_websocket(echo, "transport=websocket")
        await refused_websocket(echo, "EIO=abc&transport=websocket")

    @check
    async def handshake_websocket_should_fail_with_an_invalid_transport_query_parameter(echo):
        await refused_websocket(echo, "EIO=4")
        await refused_websocket(echo, "EIO=4&transport=abc")

    @check
    async def heartbeat_http_long_polling_should_send_ping_pong_packets(echo):
        sid = await echo.open_polling()
        for _ in range(3):
            assert await echo.poll(sid) == (200, "2")
            assert await echo.push(sid, "3") == (200, "ok")

    @check
    async def heartbeat_http_long_polling_should_close_the_session_upon_ping_timeout(echo):
        sid = await echo.open_polling()
        await asyncio.sleep(0.7)
        status, _ = await echo.poll(sid)
        assert status == 400, status

    @check
    async def heartbeat_websocket_should_send_ping_pong_packets(echo):
        async with echo.websocket() as socket:
            await receive(socket)
            for _ in range(3):
                assert await receive(socket) == "2"
                await socket.send("3")

    @check
    async def heartbeat_websocket_should_close_the_session_upon_ping_timeout(echo):
        async with echo.websocket() as socket:
            await asyncio.wait_for(closed(socket), 2)
            assert socket.close_code == 3012, socket.close_code

    @check
    async def close_http_long_polling_should_forcefully_close_the_session(echo):
        sid = await echo.open_polling()
        waiting = asyncio.create_task(echo.poll(sid))
        await asyncio.sleep(0.05)
        assert await echo.push(sid, "1") == (200, "ok")
        assert await waiting == (200, "6")
        status, _ = await echo.poll(sid)
        assert status == 400, status

    @check
    async def close_websocket_should_forcefully_close_the_session(echo):
        async with echo.websocket() as socket:
            await receive(socket)
            await socket.send("1")
            await closed(socket)

    async def upgraded(echo):
        sid = await echo.open_polling()
        socket = await echo.websocket(f"EIO=4&transport=websocket&sid={sid}")
        await socket.send("2probe")
        assert await receive(socket) == "3probe"
        await socket.send("5")
        return sid, socket

    @check
    async def upgrade_should_successfully_upgrade_from_http_long_polling_to_websocket(echo):
        sid, socket = await upgraded(echo)
        async with socket:
            if echo.suite == "engineio":
                await socket.send("4hello")
                assert await receive(socket) == "4hello"
            else:
                await socket.send("40")
                assert (await receive(socket)).startswith("40{")

    @check
    async def upgrade_should_ignore_http_requests_with_same_sid_after_upgrade(echo):
        sid, socket = await upgraded(echo)
        async with socket:
            status, _ = await echo.poll(sid)
            assert status == 400, status
            await still_there(echo, socket)

    @check
    async def upgrade_should_ignore_websocket_connection_with_same_sid_after_upgrade(echo):
        sid, socket = await upgraded(echo)
        async with socket:
            async with echo.websocket(f"EIO=4&transport=websocket&sid={sid}") as second:
                await closed(second)
            await still_there(echo, socket)

    async def still_there(echo, socket):
        message = "4hello" if echo.suite == "engineio" else "40"
        await socket.send(message)
        assert (await receive(socket)).startswith(message)

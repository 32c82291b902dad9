"""Server-Sent Events: the same rooms, filters and permissions as on the WebSocket, and no event lost or doubled."""

import asyncio
import contextlib
import http.client
import json
import pathlib
import random
import signal
import socket
import time
import urllib.parse

from check_authentication import no_limits
from checks import Checks
from eventsource import EventSource, Refused, Torn, places
from grid import Grid
from native import Client
from publisher import Publisher

check = Checks("sse")
CONFLATE_BYTES = 64 << 10
DEADLINE = 3


def notify(grid, title, key=None):
    headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
    body = json.dumps({"title": title, "message": "m" * random.randrange(1, 400)})
    status, _, answer = grid.request(
        "/api/v1/notifications", token=grid.sign("root", ["admin"]), method="POST", body=body, headers=headers)
    return status, json.loads(answer)


@check
async def events_come_as_documented(grid):
    async with Client(grid.url, compression=None) as native, EventSource(
        grid, "general,nodes", grid.sign(), bearer=True
    ) as source:
        await native.authenticate(grid.sign())
        await native.join("general")
        await native.join("nodes")
        assert "access-control-allow-origin" not in source.answer and source.answer["connection"] == "close"
        joined = await source.take(2)
        assert [(kind, event["data"]["room"]) for kind, _, event in joined] == [
            ("room_joined", "nodes"), ("room_joined", "general")], joined
        assert all("recovered" not in event["data"] for _, _, event in joined)
        assert joined[0][1] is None and set(places(joined[1][1])) == {"nodes", "general"}, joined
        assert 1000 <= source.retry <= 5000
        _, receipt = notify(grid, "hello")
        [(kind, identifier, event)] = await source.take(1)
        assert kind == event["type"] == "system_notification" and event["data"]["title"] == "hello", event
        assert places(identifier)["general"] == (receipt["epoch"], receipt["offset"]), identifier
        assert event == await native.expect("system_notification"), "the native message, unchanged"
        async with Publisher(grid, "sse-1") as publisher:
            await publisher.sample()
            seen = await source.take(3)
            assert [kind for kind, _, _ in seen] == ["node_registered", "node_status", "node_metrics"], seen
            for kind, identifier, event in seen:
                assert event == await native.expect(kind)
                assert places(identifier)["nodes"] == (event["epoch"], event["offset"])
                assert places(identifier)["general"] == (receipt["epoch"], receipt["offset"])


@check
async def filters_and_permissions_are_the_rooms_own(grid):
    async with Publisher(grid, "sse-2") as first, Publisher(grid, "sse-3") as second:
        both = {"node_ids": [first.node, second.node]}
        async with EventSource(grid, "nodes", grid.sign(), filter={"nodes": both}) as wide, EventSource(
            grid, f"node:{first.node}", grid.sign()
        ) as narrow, EventSource(grid, "nodes", grid.sign(), filter={"nodes": {"region": "nowhere"}}) as empty:
            for source in (wide, narrow, empty):
                await source.take(1)
            for _ in range(5):
                await first.sample()
                await second.sample()
            seen = [event["data"]["node_id"] for _, _, event in await wide.take(10)]
            assert sorted(seen) == sorted([first.node, second.node] * 5), seen
            seen = [event["data"]["node_id"] for _, _, event in await narrow.take(5)]
            assert seen == [first.node] * 5, seen
            with contextlib.suppress(asyncio.TimeoutError):
                raise AssertionError(await empty.take(1, timeout=0.5))


@check
def what_is_no_stream_is_refused_before_it_begins(grid):
    token = grid.sign()
    quoted = urllib.parse.quote

    def ask(path, method="GET", headers=None, token=None):
        status, fields, body = grid.request(path, token=token, method=method, headers=headers)
        return status, (json.loads(body)["error"]["code"] if body else None), fields

    for path, status, code in [
        ("/events", 400, "BAD_REQUEST"), ("/events?rooms=", 400, "BAD_REQUEST"),
        ("/events?rooms=%zz", 400, "BAD_REQUEST"), ("/events?rooms=nodes&rooms=general", 400, "BAD_REQUEST"),
        ("/events?rooms=nosuch", 400, "UNKNOWN_ROOM"), ("/events?rooms=nodes,", 400, "UNKNOWN_ROOM"),
        ("/events?rooms=general,node:0f8fad5b-d9cb-469f-a165-70867728950e", 400, "UNKNOWN_ROOM"),
        ("/events?rooms=general,analytics", 403, "FORBIDDEN"),
        ("/events?rooms=nodes&filter=x", 400, "INVALID_FILTER"),
        ("/events?rooms=nodes&filter=%zz", 400, "INVALID_FILTER"),
        ("/events?rooms=nodes&filter=" + quoted('{"general":{}}'), 400, "INVALID_FILTER"),
        ("/events?rooms=nodes&filter=" + quoted('{"nodes":{"colour":"red"}}'), 400, "INVALID_FILTER"),
        ("/events?rooms=nodes&filter=" + quoted('{"nodes":{"status":"nonsense"}}'), 400, "INVALID_FILTER"),
        ("/events?rooms=nodes&filter=" + quoted('{"nodes":{"user_id":"another"}}'), 403, "FORBIDDEN"),
    ]:
        assert ask(path, token=token)[:2] == (status, code), (path, ask(path, token=token))
    good = "/events?rooms=general"
    for identifier in ["nodes", "general=1", "general=-1@2", "general=1@2,general=1@2", "x=1@2"]:
        assert ask(good, token=token, headers={"Last-Event-ID": identifier})[:2] == (400, "BAD_REQUEST"), identifier
    assert ask(good)[:2] == (401, "NOT_AUTHENTICATED") and ask(good)[2]["www-authenticate"] == "Bearer"
    assert ask(good, token="no.such.token")[:2] == (401, "INVALID_TOKEN")
    assert ask(good + "&token=no.such.token")[:2] == (401, "INVALID_TOKEN")
    assert ask(good, token=grid.sign(expires_in=-60))[:2] == (401, "TOKEN_EXPIRED")
    assert ask("/events?rooms=nodes", token=grid.sign(permissions=[]))[:2] == (403, "FORBIDDEN")
    for method in ("POST", "PUT", "DELETE", "HEAD"):
        status, code, fields = ask(good, method=method, token=token)
        assert status == 405 and fields["allow"] == "GET", (method, status, fields)
        assert code == (None if method == "HEAD" else "METHOD_NOT_ALLOWED"), code
    with socket.create_connection(grid.host_and_port, timeout=5) as old:
        old.sendall(f"GET {good}&token={token} HTTP/1.0\r\n\r\n".encode())
        assert old.recv(65536).startswith(b"HTTP/1.1 400")
    # A connection that was refused a stream goes on serving.
    connection = http.client.HTTPConnection(*grid.host_and_port, timeout=5)
    for path, status in [("/events?rooms=nosuch", 400), ("/events?rooms=analytics", 403), ("/healthz", 200)] * 2:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status, (path, answer.status)
    connection.close()
    assert token not in grid.coordinator.log_text(), "tokens stay out of the log"


@check
async def pages_of_other_origins_are_let_in_by_the_operator_alone(grid):
    address = grid.address
    grid.coordinator.stop()
    grid.configuration["auth"]["allowed_origins"] = ["https://grid.example"]
    grid.start_coordinator(listen=address)
    for origin, allowed in [
        ("https://grid.example", True), (f"http://{address}", True), ("https://evil.example", False), ("null", False),
    ]:
        source = EventSource(grid, "general", grid.sign(), headers={"Origin": origin})
        if allowed:
            async with source:
                assert source.answer["access-control-allow-origin"] == origin and source.answer["vary"] == "Origin"
            status, fields, _ = grid.request("/events?rooms=nosuch", token=grid.sign(), headers={"Origin": origin})
            assert status == 400 and fields["access-control-allow-origin"] == origin, fields
            status, fields, _ = grid.request(
                "/events?rooms=general", method="OPTIONS",
                headers={"Origin": origin, "Access-Control-Request-Method": "GET",
                         "Access-Control-Request-Headers": "authorization"})
            assert status == 204 and "Authorization" in fields["access-control-allow-headers"], fields
        else:
            try:
                await source.connect()
                raise AssertionError(origin)
            except Refused as refused:
                assert refused.status == 403 and "access-control-allow-origin" not in refused.headers


class Follower:
    """A page that is cut off anywhere and comes back; it must have every event, once."""

    def __init__(self, grid, rooms):
        self.source = EventSource(grid, rooms, grid.sign("reader", ["node:read"], expires_in=7200))
        self.rooms = rooms.split(",")
        self.titles = []
        self.last = {}
        self.resumes = self.torn = self.gaps = 0
        self.connected = asyncio.Event()
        self.is_over = False

    def take(self, kind, identifier, event):
        if kind == "room_joined":
            room, position = event["data"]["room"], (event["data"]["epoch"], event["data"]["offset"])
            if room in self.last:
                self.resumes += 1
                if event["data"]["recovered"]:
                    assert position == self.last[room], (position, self.last)
                else:
                    # Only a restart may lose something, and not of what is durable.
                    assert room == "nodes" and event["data"]["gap"]["cause"] == "epoch_changed", event
                    self.gaps += 1
            self.last[room] = position
            return
        assert kind not in ("auth_error", "error"), event
        if kind in ("resume_ticket", "conflated"):
            assert identifier is None and kind != "conflated", event
            return
        epoch, offset = self.last[event["room"]]
        assert (event["epoch"], event["offset"]) == (epoch, offset + 1), (event["room"], event["offset"], self.last)
        self.last[event["room"]] = (event["epoch"], event["offset"])
        # Of every room the id says exactly what was seen.
        assert places(identifier) == self.last, (identifier, self.last)
        if kind == "system_notification":
            self.titles.append(event["data"]["title"])

    async def go_on(self):
        while not self.is_over:
            try:
                await self.source.connect()
                self.connected.set()
                async for event in self.source.events():
                    self.take(*event)
            except Torn:
                self.torn += 1
            except (OSError, asyncio.IncompleteReadError):
                pass
            self.connected.clear()
            self.source.cut()
            await asyncio.sleep(random.random() * 0.3)

    async def cut_somewhere(self):
        """Ends the connection within a random number of bytes: in the head, in a replay, between live events."""
        await self.connected.wait()
        goal = self.source.bytes_read + random.choice([0, 100, 3000, 40_000, 200_000])
        deadline = time.monotonic() + 0.3
        while self.source.bytes_read < goal and time.monotonic() < deadline:
            await asyncio.sleep(0)
        self.source.cut()


@check.within(150)
async def cut_off_anywhere_under_load_nothing_is_lost_or_doubled(grid):
    promised = set()
    sending = True

    async def send(number):
        sequence = 0
        while sending:
            sequence += 1
            key = f"sse-{number}-{sequence}-{time.time_ns()}"
            while True:
                try:
                    status, _ = await asyncio.to_thread(notify, grid, key, key)
                    if status == 201:
                        break
                except (OSError, http.client.HTTPException, ValueError):
                    pass
                await asyncio.sleep(0.05)
            promised.add(key)
            await asyncio.sleep(random.random() * 0.02)

    followers = [Follower(grid, rooms) for rooms in ("nodes,general", "general,nodes", "general", "nodes,general")]
    async with contextlib.AsyncExitStack() as stack:
        # Somebody else looks all the time, so that readings are logged while the others are away.
        witness = await stack.enter_async_context(EventSource(grid, "nodes", grid.sign(expires_in=7200)))
        drinking = asyncio.create_task(drink(witness))
        agents = await stack.enter_async_context(contextlib.AsyncExitStack())
        publishers = [await agents.enter_async_context(Publisher(grid, f"load-{i}-{time.time()}")) for i in range(2)]
        tasks = [asyncio.create_task(publisher.keep_sampling(0.03)) for publisher in publishers]
        followed = [asyncio.create_task(follower.go_on()) for follower in followers]
        await asyncio.gather(*(follower.connected.wait() for follower in followers))
        while not all(follower.source.last_id for follower in followers):
            await asyncio.sleep(0.01)
        senders = [asyncio.create_task(send(number)) for number in range(3)]
        for _ in range(40):
            await random.choice(followers).cut_somewhere()
            for task in followed:
                if task.done():
                    task.result()
            await asyncio.sleep(random.random() * 0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await agents.aclose()
        # And a power cut: what is durable survives it.
        address = grid.address
        grid.coordinator.kill()
        grid.start_coordinator(address)
        for _ in range(10):
            await random.choice(followers).cut_somewhere()
        sending = False
        await asyncio.gather(*senders)
        deadline = time.monotonic() + 20
        while not all(len(follower.titles) >= len(promised) for follower in followers):
            assert time.monotonic() < deadline, [len(follower.titles) for follower in followers]
            for task in followed:
                if task.done():
                    task.result()
            await asyncio.sleep(0.05)
        for task in [*followed, drinking]:
            task.cancel()
        await asyncio.gather(*followed, drinking, return_exceptions=True)
    for follower in followers:
        assert len(follower.titles) == len(set(follower.titles)), "doubled"
        assert promised <= set(follower.titles), "lost"
        assert set(follower.titles) == promised, "never promised"
    print(
        f"{len(promised)} notifications promised, {sum(f.resumes for f in followers)} rooms resumed, "
        f"{sum(f.torn for f in followers)} bodies torn, {sum(f.gaps for f in followers)} gaps by a restart; "
        f"lost 0, doubled 0")


async def drink(source):
    with contextlib.suppress(Torn, asyncio.CancelledError):
        async for _ in source.events():
            pass


@check
async def a_token_ends_its_stream(grid):
    async with EventSource(grid, "general", grid.sign(expires_in=3)) as source:
        seen = [event async for event in source.events()]
    assert [kind for kind, _, _ in seen] == ["room_joined", "auth_error"], seen
    assert seen[1][1] is None and seen[1][2]["data"]["code"] == "TOKEN_EXPIRED", seen


@check
async def who_reads_slowly_is_told_and_who_reads_nothing_goes(grid):
    address = grid.address
    grid.coordinator.stop()
    grid.configuration["limits"].update(slow_conflate_bytes=CONFLATE_BYTES, slow_deadline=f"{DEADLINE}s")
    grid.start_coordinator(listen=address)
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    narrow.connect(grid.host_and_port)
    slow = EventSource(grid, "nodes,general", grid.sign())
    await slow.connect(limit=1 << 12, sock=narrow)
    joined = places((await slow.take(2))[1][1])
    seen = []
    skipped = lambda: [event["data"]["skipped"] for kind, _, event in seen if kind == "conflated"]
    async with contextlib.AsyncExitStack() as stack:
        publishers = [await stack.enter_async_context(Publisher(grid, f"slow-{i}-{time.time()}")) for i in range(3)]
        tasks = [asyncio.create_task(publisher.keep_sampling()) for publisher in publishers]
        while not skipped():
            seen += await slow.take(1)
            await asyncio.sleep(0.1)
        while "too slow" not in grid.coordinator.log_text():
            await asyncio.sleep(0.02)
        async for event in slow.events():
            seen.append(event)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert seen[-1][0] == "resume_ticket" and seen[-1][2]["data"]["reason"] == "slow", seen[-1]
        assert seen[-1][1] is None and seen[-1][2]["data"]["rooms"] == [], seen[-1]
        assert slow.retry == seen[-1][2]["data"]["retry_after_ms"], seen[-1]
        offsets = [event["offset"] for _, _, event in seen if "offset" in event]
        assert offsets == sorted(set(offsets)) and offsets[0] > joined["nodes"][1]
        assert all(identifier is None for kind, identifier, _ in seen if kind == "conflated")
        assert offsets[-1] - offsets[0] + 1 <= len(offsets) + sum(skipped()), (offsets, skipped())
        # It comes back with the last id that it saw: nothing comes twice.
        slow.cut()
        async with slow:
            assert (await slow.take(2))[1][2]["data"]["recovered"] is True
            await publishers[0].sample()
            first = (await slow.take(1))[0][2]["offset"]
            assert first > offsets[-1], (first, offsets[-1])
    print(f"{len(offsets)} read before the end, {sum(skipped())} announced as skipped")


@check
async def a_silent_stream_says_that_it_lives(grid):
    async with EventSource(grid, "general", grid.sign()) as source:
        await source.take(1)
        started = time.monotonic()
        reading = asyncio.create_task(source.take(1, timeout=40))
        while not source.comments:
            assert time.monotonic() < started + 20, "no heartbeat"
            await asyncio.sleep(0.05)
        assert time.monotonic() > started + 14, time.monotonic() - started
        await asyncio.to_thread(notify, grid, "after the silence")
        assert (await reading)[0][2]["data"]["title"] == "after the silence"


@check
async def an_event_source_comes_back_by_itself(grid):
    """Node's own EventSource behind a proxy that cuts its connections."""
    options = await asyncio.create_subprocess_exec("node", "--help", stdout=asyncio.subprocess.PIPE)
    if b"--experimental-eventsource" not in (await options.communicate())[0]:
        print("this node has no EventSource yet: not played")
        return
    script = pathlib.Path(__file__).resolve().parent.parent / "javascript" / "event_source_client.js"
    cuts = []

    async def relay(reader, writer):
        upstream = await asyncio.open_connection(*grid.host_and_port)
        cuts.append(lambda: (upstream[1].transport.abort(), writer.transport.abort()))

        async def pump(source, sink):
            with contextlib.suppress(OSError):
                while data := await source.read(4096):
                    sink.write(data)
            sink.transport.abort()

        await asyncio.gather(pump(reader, upstream[1]), pump(upstream[0], writer))

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}/events?rooms=general&token={grid.sign()}"
    page = await asyncio.create_subprocess_exec(
        "node", "--experimental-eventsource", "--no-warnings", str(script), url, "room_joined", "system_notification",
        stdout=asyncio.subprocess.PIPE)
    said = []

    async def listen():
        while line := await page.stdout.readline():
            said.append(json.loads(line))

    async def until(condition):
        deadline = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < deadline and page.returncode is None, said[-5:]
            await asyncio.sleep(0.02)

    listening = asyncio.create_task(listen())
    joined = lambda: [line for line in said if line.get("type") == "room_joined"]
    titles = lambda: [line["data"]["data"]["title"] for line in said if line.get("type") == "system_notification"]
    try:
        expected = []
        for round in range(3):
            await until(lambda: len(joined()) > round)
            for number in range(5):
                expected.append(f"page {round} {number}")
                await asyncio.to_thread(notify, grid, expected[-1])
                if number == 2:
                    cuts[-1]()
        await until(lambda: len(titles()) >= len(expected))
        assert titles() == expected, (titles(), expected)
        assert all(line["data"]["data"]["recovered"] for line in joined()[1:]) and len(joined()) > 2, joined()
    finally:
        if page.returncode is None:
            page.kill()
        await page.wait()
        await listening
        server.close()


@check
async def curl_reads_whole_events_to_a_whole_end(grid):
    token = grid.sign()
    page = await asyncio.create_subprocess_exec(
        "curl", "-sN", "-H", f"Authorization: Bearer {token}", f"http://{grid.address}/events?rooms=general",
        stdout=asyncio.subprocess.PIPE)
    assert (await page.stdout.readline()).startswith(b"retry: ")
    assert b"event: room_joined\n" in await page.stdout.readuntil(b"\n\n")
    await asyncio.to_thread(notify, grid, "for curl")
    event = (await asyncio.wait_for(page.stdout.readuntil(b"\n\n"), 10)).decode().split("\n")
    assert event[0].startswith("id: general=") and event[1] == "event: system_notification", event
    assert json.loads(event[2].removeprefix("data: "))["data"]["title"] == "for curl"
    # A stop: the goodbye, and a body that is whole.
    grid.coordinator.process.send_signal(signal.SIGTERM)
    rest = (await asyncio.wait_for(page.stdout.read(), 15)).decode()
    assert "event: resume_ticket\n" in rest and '"reason":"drain"' in rest, rest
    assert int(rest.split("retry: ")[1].split("\n")[0]) >= 1000, rest
    assert await asyncio.wait_for(page.wait(), 5) == 0, "curl found the body torn"
    assert await asyncio.to_thread(grid.coordinator.process.wait, 15) == 0


if __name__ == "__main__":
    check.run(lambda: Grid(limits={**no_limits(), "broadcast": {"nodes": "0s"}}))

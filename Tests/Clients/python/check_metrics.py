"""The coordinator's own account: `/metrics` is well-formed and moves by exactly what happened; no secret is in it."""

import asyncio
import contextlib
import json
import os
import pathlib
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time

from checks import Checks
from grid import Grid, Program
from native import Client
from websockets.asyncio.client import connect

check = Checks("metrics")
SAMPLE = re.compile(r'^([a-z_:][a-z0-9_:]*)(\{[^}]*\})? (\S+)$')
UNLIMITED = {
    "connections_per_ip_per_minute": 0,
    "connections_per_ip": 0,
    "messages_per_connection_per_minute": 0,
    "rooms_per_connection": 0,
    "broadcast": {"nodes": "0s"},
}


def make_grid():
    return Grid(limits=UNLIMITED, loops=2)


def scrape(grid, **options):
    """The page as {name{labels}: value}, and its text."""
    status, headers, body = grid.request("/metrics", **options)
    assert status == 200, (status, body)
    assert headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8", headers
    text = body.decode()
    values = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        found = SAMPLE.match(line)
        assert found, line
        name = found.group(1) + (found.group(2) or "")
        assert name not in values, f"{name} stands twice"
        values[name] = float(found.group(3))
    return values, text


def promtool():
    found = shutil.which("promtool") or ".build/tools/promtool"
    assert os.access(found, os.X_OK), "no promtool: make deps"
    return found


async def eventually(condition, what, timeout=10):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.05)


@check
async def promtool_has_nothing_to_say(grid):
    grid.start_agent("node-0")
    await eventually(lambda: scrape(grid)[0]["neurogrid_agents"] == 1, "no agent came")
    for _ in range(2):
        _, text = scrape(grid)
        done = subprocess.run([promtool(), "check", "metrics"], input=text, capture_output=True, text=True)
        assert done.returncode == 0 and not done.stdout and not done.stderr, done.stdout + done.stderr
        assert scrape(grid)[0]["neurogrid_scrape_unanswered"] == 0
    # The next checks count one by one: nobody else may say anything meanwhile.
    grid.agents["node-0"].stop()
    await eventually(lambda: scrape(grid)[0]["neurogrid_agents"] == 0, "the agent stays")


@check
def every_metric_is_documented(grid):
    document = pathlib.Path("docs/metrics.md").read_text()
    named = set(re.findall(r"`((?:neurogrid|process)_[a-z_]+)`", document))
    told = {line.split()[2] for line in scrape(grid)[1].splitlines() if line.startswith("# TYPE")}
    assert told == named, (told - named, named - told)


@check
async def deliveries_are_counted_one_by_one(grid):
    token = grid.mint()
    subscribers = 7
    async with contextlib.AsyncExitStack() as stack:
        clients = []
        before, _ = scrape(grid)
        for index in range(subscribers):
            options = {} if index % 2 else {"compression": None}
            client = await stack.enter_async_context(Client(grid.url, **options))
            await client.authenticate(token)
            await client.join("nodes")
            clients.append(client)
        for name in ["node-1", "node-2"]:
            grid.start_agent(name, interval="200ms")
        for client in clients:
            for _ in range(20):
                await client.expect("node_metrics", timeout=20)
        for name in ["node-1", "node-2"]:
            grid.agents[name].stop()
        # Everything has been told once all nodes are offline, the first check's included.
        await eventually(lambda: scrape(grid)[0]['neurogrid_nodes{status="offline"}'] == 3, "agents stay")
        await asyncio.sleep(0.3)
        received = [0] * subscribers
        for index, client in enumerate(clients):
            with contextlib.suppress(AssertionError):
                await client.expect("no such type", timeout=0.5)
            received[index] = 20 + sum(1 for message in client.inbox if message.get("room") == "nodes")
        after, _ = scrape(grid)
        moved = {name: value - before.get(name, 0) for name, value in after.items()}
        assert len(set(received)) == 1, received
        assert moved["neurogrid_deliveries_total"] == sum(received), (moved["neurogrid_deliveries_total"], received)
        assert moved['neurogrid_events_published_total{room="nodes"}'] == received[0], received
        assert moved['neurogrid_encodes_total{dialect="native"}'] == received[0], received
        assert after['neurogrid_encodes_per_event{dialect="native"}'] <= 1
        assert 0 < moved["neurogrid_compressions_total"] <= received[0]
        assert moved['neurogrid_upgrades_total{dialect="native",role="subscriber"}'] == subscribers
        assert moved['neurogrid_connections{dialect="native",role="subscriber"}'] == subscribers
        assert moved['neurogrid_messages_received_total{dialect="native",role="subscriber"}'] == 2 * subscribers
        assert moved['neurogrid_authentications_total{result="accepted"}'] == subscribers
        assert moved["neurogrid_handshake_seconds_count"] == subscribers + 2
        # A class of its own for each framing, on each loop that has subscribers of it.
        assert moved["neurogrid_fanout_seconds_count"] > 0
        assert moved["neurogrid_delivered_bytes_total"] > 300 * sum(received)
    await eventually(
        lambda: scrape(grid)[0]['neurogrid_connections{dialect="native",role="subscriber"}'] == 0, "subscribers stay")


@check
async def hops_tell_how_long_a_sample_was_under_way(grid):
    async with Client(grid.url) as client:
        await client.authenticate(grid.mint())
        await client.join("nodes")
        grid.start_agent("hops", interval="200ms")
        for _ in range(5):
            data = (await client.expect("node_metrics"))["data"]
            now = time.time() * 1e6
            hops = data["hops"]
            assert list(data)[-1] == "hops" and list(hops) == ["sampled", "received", "published"], data
            # One machine, one clock; the agent's has milliseconds.
            assert hops["sampled"] - 1000 <= hops["received"] <= hops["published"] <= now + 1000, (hops, now)
            assert now - hops["sampled"] < 5e6, (hops, now)
        status = (await client.expect("node_status", "node_registered"))["data"]
        assert "hops" not in status or status["hops"]["received"] <= status["hops"]["published"], status
        grid.agents["hops"].stop()


@check
async def refusals_are_counted_by_reason(grid):
    before, _ = scrape(grid)
    async with Client(grid.url) as client:
        await client.send("authenticate", token="nonsense")
        await client.expect("auth_error")
        await client.authenticate(grid.mint())
        for _ in range(3):
            await client.send_raw("nonsense")
            await client.expect("error")
    after, _ = scrape(grid)
    moved = {name: value - before.get(name, 0) for name, value in after.items()}
    assert moved['neurogrid_authentications_total{result="refused"}'] == 1, moved
    assert moved['neurogrid_violations_total{reason="bad_message"}'] == 3, moved
    await eventually(
        lambda: scrape(grid)[0]['neurogrid_connections_ended_total{reason="peer"}']
        > before['neurogrid_connections_ended_total{reason="peer"}'], "the end is not counted")


@check
def who_may_read_it(grid):
    assert grid.request("/metrics", headers={"X-Forwarded-For": "192.0.2.1"})[0] == 401
    assert grid.request("/metrics", headers={"Forwarded": "for=192.0.2.1"})[0] == 401
    status, _, body = grid.request(
        "/metrics", token=grid.mint("u", "node:read"), headers={"X-Forwarded-For": "192.0.2.1"})
    assert status == 403 and json.loads(body)["error"]["code"] == "FORBIDDEN", body
    assert scrape(grid, token=grid.mint("root", "admin"), headers={"X-Forwarded-For": "192.0.2.1"})
    assert grid.request("/metrics", method="POST")[0] == 405
    with Grid(auth={"public_stats": False}) as closed:
        assert closed.request("/metrics")[0] == 401
        assert closed.request("/metrics", token=closed.mint("root", "admin"))[0] == 200


@check
async def the_watchdog_is_fed_while_every_thread_turns(grid):
    with tempfile.TemporaryDirectory(prefix="ng-") as folder:
        address = folder + "/notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(address)
            notify.settimeout(10)
            watched = Program(
                "neurogrid-coordinator",
                ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder + "/data", "--loops", "3"],
                folder + "/log", {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "400000"})
            try:
                beats = 0
                while beats < 5:
                    beats += notify.recv(4096).count(b"WATCHDOG=1")
            finally:
                watched.stop()


@check
def a_scrape_is_cheap(grid):
    before, _ = scrape(grid)
    for _ in range(100):
        scrape(grid)
    after, _ = scrape(grid)
    spent = (after["process_cpu_seconds_total"] - before["process_cpu_seconds_total"]) / 101
    # A debug build on a busy machine; a release is twenty times cheaper.
    assert spent < 0.05, spent


@check
async def no_secret_is_ever_written_down(grid):
    canaries = ["canary" + secrets.token_hex(12) for _ in range(5)]
    token = grid.mint("canary-user", "admin")
    join = grid.enroll("canary-node")
    grid.start_agent("canary-node", join_token=join)
    grid.request("/api/v1/nodes", token=canaries[0])
    grid.request("/api/v1/nodes", headers={"Authorization": "Basic " + canaries[1]})
    grid.request("/api/v1/nodes?token=" + canaries[2], token=token)
    grid.request("/" + canaries[2] + "?token=" + canaries[2])
    with contextlib.suppress(Exception):
        # Refused in another dialect's words.
        async with connect(grid.url + "?token=" + canaries[2], proxy=None) as socket:
            await asyncio.wait_for(socket.wait_closed(), 10)
    with contextlib.suppress(Exception):
        async with Client(grid.url + "?secret=" + canaries[2]) as client:
            await client.send("authenticate", token=canaries[3])
            await client.expect("auth_error")
            await client.authenticate(token)
            await client.send_raw('{"type":"' + canaries[4] + '"}')
            await client.expect("error")
    grid.start_agent("stranger", join_token=canaries[4])
    await eventually(lambda: "agent refused" in grid.coordinator.log_text(), "the stranger was not refused")
    _, page = scrape(grid)
    written = page + "".join(log.read_text(errors="replace") for log in grid.folder.glob("*.log"))
    for secret in [*canaries, token, token.split(".")[2], join, grid.secret]:
        assert secret not in written, secret
    # A connection's end is one line, with what it carried.
    line = [line for line in grid.coordinator.log_text().splitlines()
            if "connection closed" in line and "canary-user" in line]
    assert len(line) == 1, line
    for field in ["reason=peer", "role=native", "messages_in=3", "duration_ms=", "bytes_in=", "bytes_out="]:
        assert field in line[0], (field, line)


if __name__ == "__main__":
    check.run(make_grid)

"""QUBIX with node's WebSocket client, and the document's own lines typed into a console."""

import asyncio
import json
import os
import pathlib

from checks import Checks
from check_authentication import no_limits
from grid import Grid

check = Checks("qubix, node-ws")
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "javascript"


class Node:
    """A script under node; what it prints comes a JSON value a line."""

    def __init__(self, script, *arguments):
        self.command = ["node", str(FOLDER / script), *arguments]
        self.seen = []

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            *self.command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "NODE_PATH": "/usr/share/nodejs"},
        )
        return self

    async def __aexit__(self, *_):
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    def send(self, kind, **fields):
        self.process.stdin.write(json.dumps({"type": kind, **fields}).encode() + b"\n")

    async def line(self):
        line = await asyncio.wait_for(self.process.stdout.readline(), 15)
        assert line, f"the script ended; it saw {self.seen}"
        self.seen.append(json.loads(line))
        return self.seen[-1]

    async def expect(self, *kinds, where=lambda message: True):
        while True:
            message = await self.line()
            if message["type"] in kinds and where(message):
                return message


@check
async def it_subscribes_and_is_told(grid):
    async with Node("qubix_client.js", f"ws://{grid.address}") as client:
        await client.expect("open")
        client.send("subscribe:marketplace")
        assert (await client.expect("subscribed"))["subscriptionId"] == "marketplace"
        grid.start_agent("node-1", price="0.40")
        registered = await client.expect("PROVIDER_REGISTERED")
        assert registered["data"]["pricePerHour"] == 0.4, registered
        provider = registered["data"]["id"]
        status = await client.expect("PROVIDER_STATUS_CHANGED")
        assert status["data"]["isOnline"] and status["data"]["providerId"] == provider, status
        assert (await client.expect("MARKETPLACE_UPDATE"))["data"]["rental"] == "free"
        client.send("subscribe:provider", subscriptionId=provider)
        assert (await client.expect("subscribed"))["subscriptionId"] == f"provider:{provider}"
        metrics = await client.expect("GPU_METRICS_UPDATE")
        assert set(metrics["data"]["metrics"]) == {"cpuPercent", "ramPercent", "gpuPercent", "gpuTemp"}, metrics
        client.send("unsubscribe", subscriptionId=f"provider:{provider}")
        await client.expect("unsubscribed")
        client.send("ping")
        await client.expect("pong")
        client.send("no such message")
        assert (await client.expect("error"))["data"]["code"] == "UNKNOWN_TYPE"


@check
async def it_follows_a_job(grid):
    token = grid.sign("anna", ["task:submit"])
    grid.command(
        "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", "anna", "--currency", "USD",
        "--amount", "100.00")
    body = {"runner": "selftest", "arguments": {"seconds": 4, "steps": 8}, "timeout_seconds": 60}
    status, _, answer = grid.request(
        "/api/v1/tasks", token=token, method="POST", headers={"Content-Type": "application/json"},
        body=json.dumps(body))
    assert status == 201, (status, answer)
    job = json.loads(answer)["job_id"]
    async with Node("qubix_client.js", f"ws://{grid.address}/qubix?token={token}") as client:
        await client.expect("open")
        client.send("subscribe:job", subscriptionId=job)
        await client.expect("subscribed")
        end = await client.expect("JOB_COMPLETED")
        assert end["data"]["jobId"] == job and end["data"]["status"] == "completed", end
        assert [message for message in client.seen if message["type"] == "JOB_PROGRESS"], client.seen


@check
async def the_documents_lines_typed_into_a_console(grid):
    async with Node("run_qubix_console.js", grid.address) as console:
        assert await console.line() == ["Connected"]
        name, message = await console.line()
        assert name == "Message:" and message["type"] == "subscribed", message
        assert message["subscriptionId"] == "marketplace", message


@check
async def it_is_sent_away_when_the_coordinator_stops(grid):
    async with Node("qubix_client.js", f"ws://{grid.address}") as client:
        await client.expect("open")
        client.send("subscribe:marketplace")
        await client.expect("subscribed")
        grid.coordinator.process.terminate()
        assert (await client.expect("close"))["code"] == 1001


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits()))

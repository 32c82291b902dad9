"""The document's own JavaScript, run unchanged under node against the real programs."""

import asyncio
import json
import os
import pathlib

from checks import Checks
from check_authentication import no_limits
from grid import Grid

check = Checks("document client")
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "javascript"


class Script:
    """The document's script under node; it reports what it sees, a JSON line an event."""

    def __init__(self, grid, token):
        self.grid = grid
        self.token = token
        self.seen = []

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            "node", str(FOLDER / "run_document_client.js"), self.grid.address, self.token,
            stdout=asyncio.subprocess.PIPE, env={**os.environ, "NODE_PATH": "/usr/share/nodejs"},
        )
        return self

    async def __aexit__(self, *_):
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def expect(self, kind, where=lambda report: True, timeout=15):
        async def read():
            while True:
                line = await self.process.stdout.readline()
                assert line, f"the script ended before {kind}; it saw {self.seen}"
                report = json.loads(line)
                self.seen.append(report)
                if report["report"] == kind and where(report):
                    return report

        return await asyncio.wait_for(read(), timeout)


@check
async def it_authenticates_and_joins(grid):
    async with Script(grid, grid.sign("user-5", ["task:submit", "node:read", "admin"])) as script:
        answer = await script.expect("auth_response")
        assert answer["data"]["success"] is True and answer["data"]["user_id"] == "user-5", answer
        await script.expect("connected")
        rooms = {(await script.expect("room_joined"))["data"]["room"] for _ in range(3)}
        assert rooms == {"tasks", "nodes", "analytics"}, rooms


@check
async def its_dashboard_is_told_of_a_status(grid):
    async with Script(grid, grid.sign("user-5", ["task:submit", "node:read"])) as script:
        await script.expect("room_joined", lambda report: report["data"]["room"] == "nodes")
        grid.start_agent()
        status = await script.expect("updateNodeDashboard")
        assert status["data"]["status"] == "online", status
        await script.expect("node_metrics")


@check
async def it_reconnects_by_itself(grid):
    async with Script(grid, grid.sign("user-5", ["task:submit", "node:read"])) as script:
        await script.expect("node_metrics")
        address = grid.address
        grid.coordinator.kill()
        grid.start_coordinator(listen=address)
        await script.expect("auth_response")
        await script.expect("node_metrics", timeout=20)


@check
async def it_hears_why_it_is_refused(grid):
    async with Script(grid, "garbage") as script:
        refusal = await script.expect("auth_error")
        assert refusal["data"]["code"] == "INVALID_TOKEN", refusal


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits()))

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
JSON = {"Content-Type": "application/json"}
READER = ["task:submit", "node:read"]


class Script:
    """One of the document's scripts under node; it reports what it sees, a JSON line an event."""

    def __init__(self, grid, token, runner="run_document_client.js", **environment):
        self.arguments = [str(FOLDER / runner), grid.address, token]
        self.environment = {**os.environ, "NODE_PATH": "/usr/share/nodejs", **environment}
        self.seen = []

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            "node", *self.arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env=self.environment,
        )
        return self

    async def __aexit__(self, *_):
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    def type(self, line):
        """Has the script run a line where its own names are known."""
        self.process.stdin.write(line.encode() + b"\n")

    async def expect(self, kind, where=lambda report: True, timeout=15):
        """The next report of that kind for which `where` holds."""
        async def read():
            while True:
                line = await self.process.stdout.readline()
                assert line, f"the script ended before {kind}; it saw {self.seen}"
                report = json.loads(line)
                self.seen.append(report)
                if report["report"] == kind and where(report):
                    return report

        return await asyncio.wait_for(read(), timeout)

    async def settle(self):
        """Until the coordinator has answered everything that was said before."""
        self.type("ws.send({ type: 'ping' })")
        await self.expect("pong")

    def data(self, kind):
        return [report["data"] for report in self.seen if report["report"] == kind]


@check
async def it_authenticates_and_joins(grid):
    async with Script(grid, grid.sign("user-5", [*READER, "admin"])) as script:
        answer = await script.expect("auth_response")
        assert answer["data"]["success"] is True and answer["data"]["user_id"] == "user-5", answer
        await script.expect("connected")
        rooms = {(await script.expect("room_joined"))["data"]["room"] for _ in range(3)}
        assert rooms == {"tasks", "nodes", "analytics"}, rooms
        assert script.data("log")[0] == ["Connected to NeuroGrid"], script.seen


@check
async def without_the_permission_it_leaves_analytics_alone(grid):
    async with Script(grid, grid.sign("user-5", READER)) as script:
        rooms = {(await script.expect("room_joined"))["data"]["room"] for _ in range(2)}
        assert rooms == {"tasks", "nodes"}, rooms
        await script.settle()
        assert len(script.data("room_joined")) == 2 and not script.data("error"), script.seen


@check
async def its_dashboard_is_told_of_a_status(grid):
    async with Script(grid, grid.sign("user-5", READER)) as script:
        await script.expect("room_joined", lambda report: report["data"]["room"] == "nodes")
        grid.start_agent()
        status = await script.expect("updateNodeDashboard")
        assert status["data"]["status"] == "online", status
        line = ["Node status changed:", status["data"]["node_id"], "online"]
        assert line in script.data("log"), script.seen
        await script.expect("node_metrics")


@check
async def its_task_page_is_told_of_a_task(grid):
    grid.command(
        "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", "user-5", "--currency", "USD",
        "--amount", "100.00")
    token = grid.sign("user-5", READER)
    async with Script(grid, token) as script:
        # The agent of the check before is there: it tells of itself.
        await script.expect("node_metrics")
        body = json.dumps({"runner": "selftest", "arguments": {"seconds": 0}, "timeout_seconds": 60})
        status, _, answer = grid.request("/api/v1/tasks", token, "POST", JSON, body)
        assert status == 201, answer
        task = json.loads(answer)["task_id"]
        await script.expect("updateTaskUI", lambda report: report["data"]["status"] == "completed", 30)
        shown = [data["status"] for data in script.data("updateTaskUI") if data["task_id"] == task]
        assert shown[0] == "pending" and "running" in shown and shown[-1] == "completed", shown
        lines = [words[1:] for words in script.data("log") if words[0] == "Task updated:"]
        assert [task, "pending"] in lines and [task, "completed"] in lines, lines


@check
async def its_page_shows_a_notice(grid):
    async with Script(grid, grid.sign("user-5", READER)) as script:
        await script.expect("connected")
        script.type("ws.joinRoom('general')")
        await script.expect("room_joined", lambda report: report["data"]["room"] == "general")
        notice = {"level": "warning", "title": "Scheduled Maintenance", "message": "at two"}
        status, _, answer = grid.request(
            "/api/v1/notifications", grid.sign("root", ["admin"]), "POST", JSON, json.dumps(notice))
        assert status == 201, answer
        shown = await script.expect("showNotification")
        assert shown["data"] == notice, shown


@check
async def it_leaves_a_room_and_a_handler_that_is_off_is_not_called(grid):
    async with Script(grid, grid.sign("user-5", READER)) as script:
        await script.expect("room_joined", lambda report: report["data"]["room"] == "nodes")
        script.type("const seen = (data, message) => report('handler', message.type); ws.on('room_left', seen)")
        script.type("ws.leaveRoom('nodes')")
        left = await script.expect("room_left")
        assert left["data"]["room"] == "nodes", left
        await script.settle()
        assert script.data("handler") == ["room_left"], script.seen
        script.type("ws.off('room_left', seen); ws.leaveRoom('tasks')")
        await script.expect("room_left")
        await script.settle()
        assert script.data("handler") == ["room_left"], script.seen


@check
async def a_handler_that_fails_harms_nobody_else(grid):
    async with Script(grid, grid.sign("user-5", READER)) as script:
        await script.expect("connected")
        script.type("ws.on('pong', () => { throw new Error('on purpose') }); ws.on('pong', () => report('next'))")
        script.type("ws.send({ type: 'ping' })")
        await script.expect("next")
        await script.settle()


@check
async def it_says_goodbye_and_does_not_come_back(grid):
    async with Script(grid, grid.sign("user-5", READER)) as script:
        await script.expect("connected")
        script.type("ws.disconnect()")
        closed = await script.expect("log", lambda report: report["data"][0] == "Connection closed:")
        assert closed["data"][1] == "1000", closed
        script.type("ws.send({ type: 'ping' }); report('attempts', ws.reconnectAttempts)")
        assert (await script.expect("attempts"))["data"] == 0, script.seen
        assert not script.data("wait"), script.seen
        # What is said without a connection is only complained of: the document's queue is a warning.
        assert script.data("warn") == [["Socket not ready, queuing message"]], script.seen


@check
async def it_reconnects_by_itself(grid):
    async with Script(grid, grid.sign("user-5", READER)) as script:
        await script.expect("node_metrics")
        address = grid.address
        grid.coordinator.kill()
        grid.start_coordinator(listen=address)
        await script.expect("auth_response")
        assert script.data("wait"), script.seen
        script.type("report('attempts', ws.reconnectAttempts)")
        assert (await script.expect("attempts"))["data"] == 0, script.seen
        await script.expect("node_metrics", timeout=20)


@check
async def its_waits_double_and_end_after_ten(grid):
    async with Script(grid, grid.sign("user-5", READER), HURRY="1") as script:
        await script.expect("connected")
        address = grid.address
        grid.coordinator.kill()
        try:
            await script.expect("error", lambda report: report["data"] == ["Max reconnection attempts reached"])
        finally:
            grid.start_coordinator(listen=address)
        assert script.data("wait") == [1000 * 2**attempt for attempt in range(10)], script.seen
        assert ["Reconnecting in 512000ms (attempt 10)"] in script.data("log"), script.seen
        assert [words[0] for words in script.data("error")].count("WebSocket error:") == 10, script.seen


@check
async def it_hears_why_it_is_refused(grid):
    async with Script(grid, "garbage") as script:
        refusal = await script.expect("auth_error")
        assert refusal["data"]["code"] == "INVALID_TOKEN", refusal


@check
async def it_hears_when_the_coordinator_goes_and_returns(grid):
    async with Script(grid, grid.sign("user-5", READER)) as script:
        await script.expect("connected")
        address = grid.address
        grid.coordinator.process.terminate()
        gone = await script.expect("error", lambda report: "code" in report["data"])
        assert gone["data"]["code"] == "CONNECTION_FAILED" and gone["data"]["retry_in"] > 0, gone
        closed = await script.expect("log", lambda report: report["data"][0] == "Connection closed:")
        assert closed["data"][1] == "1001", closed
        grid.coordinator.process.wait(15)
        grid.start_coordinator(listen=address)
        await script.expect("auth_response", timeout=30)


# MARK: the samples before the class


def samples(grid, permissions):
    return Script(grid, grid.sign("user123", permissions), "run_neurogrid_samples.js")


@check
async def the_samples_connect_join_and_leave(grid):
    async with samples(grid, [*READER, "admin"]) as page:
        page.type("connect")
        assert (await page.expect("auth_response"))["data"]["user_id"] == "user123", page.seen
        await page.expect("connected")
        assert page.seen[0] == {"report": "log", "data": ["Connected to NeuroGrid"]}, page.seen
        page.type("join")
        assert [(await page.expect("room_joined"))["data"]["room"] for _ in range(3)] == [
            "tasks", "nodes", "analytics"], page.seen
        page.type("leave")
        assert (await page.expect("room_left"))["data"]["room"] == "tasks", page.seen
        assert not page.data("error"), page.seen


@check
async def the_sample_of_analytics_is_for_administrators(grid):
    async with samples(grid, READER) as page:
        page.type("connect")
        await page.expect("connected")
        page.type("join")
        assert (await page.expect("error"))["data"]["code"] == "FORBIDDEN", page.seen
        assert [joined["room"] for joined in page.data("room_joined")] == ["tasks", "nodes"], page.seen


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits()))

"""TriggerX with node's WebSocket client and wscat, and the document's own samples typed into a console."""

import hashlib
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import time

from checks import Checks
from check_authentication import no_limits
from check_qubix_node import Node
from grid import Grid, die_with_parent
from triggerx import TriggerX, call, create_key, is_error

check = Checks("triggerx, node-ws")
OWNER = "user_123"
SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "javascript" / "triggerx_document_samples.js"
# Of the document's four pieces of JavaScript, one behind the other, without spaces at the ends of lines.
DIGEST = "b8d98a776884ae468a215dd3f9c01060e2adddd2695f5cbb49ed71a735ad0121"
PATIENCE = 20


def socket_url(grid, key):
    return f"ws://{grid.address}/api/ws/tasks?api_key={key}"


@check
async def it_subscribes_and_is_told(grid):
    key = create_key(grid, OWNER)
    async with Node("qubix_client.js", socket_url(grid, key)) as client:
        await client.expect("open")
        client.send("SUBSCRIBE", data={"room": f"user:{OWNER}"})
        assert (await client.expect("SUBSCRIBED"))["data"] == {"room": f"user:{OWNER}"}
        status, task = call(grid, "POST", "/api/tasks", key, {"job_id": "node", "task_definition_id": 1})
        assert status == 201, task
        created = await client.expect("TASK_CREATED")
        assert created["data"]["task_id"] == task["task_id"] and created["data"]["user_id"] == OWNER, created
        client.send("no such message")
        assert is_error(await client.expect("ERROR"), "INVALID_MESSAGE")
        client.send("SUBSCRIBE", data={"room": "user:somebody else"})
        assert is_error(await client.expect("ERROR"), "ACCESS_DENIED")


@check
async def the_documents_samples_typed_into_a_console(grid):
    key = create_key(grid, OWNER)
    # As many tasks as the samples' task_id takes, of which the one is in the samples' job.
    while True:
        status, task = call(grid, "POST", "/api/tasks", key, {"job_id": "123", "task_definition_id": 789})
        assert status == 201, task
        if task["task_id"] >= 456:
            break
    async with Node("run_triggerx_samples.js", grid.address, key) as console:
        async def type_in(sample):
            console.process.stdin.write(f"{sample}\n".encode())
            assert await console.line() == ["typed", sample]

        await type_in("connect")
        assert await console.line() == ["WebSocket connected"]
        await type_in("subscribe")
        for room in ("job:123", "task:456", f"user:{OWNER}"):
            name, message = await console.line()
            assert name == "Received message:" and message["type"] == "SUBSCRIBED", message
            assert message["data"]["room"] == room, message
        await type_in("unsubscribe")
        name, message = await console.line()
        assert message["type"] == "UNSUBSCRIBED" and message["data"]["room"] == "job:123", message
        await type_in("handle")
        number = create_and_change(grid, key)
        shown = []
        for _ in range(4):
            name, data = await console.line()
            shown.append((name, data["changes"]))
            assert data["task_id"] == number and data["job_id"] == "samples", data
        assert [name for name, _ in shown] == [
            "New task created:", "Task fee updated:", "Task updated:", "Task status changed:"], shown
        assert shown[1][1] == {"fee": 1} and shown[3][1] == {"status": "running"}, shown


def create_and_change(grid, key):
    status, task = call(grid, "POST", "/api/tasks", key, {"job_id": "samples", "task_definition_id": 789})
    assert status == 201, task
    number = task["task_id"]
    for path, body in [
        (f"{number}/fee", {"fee": 1}), (f"execution/{number}", {"execution_tx_hash": "0x1", "status": "running"}),
    ]:
        status, answer = call(grid, "PUT", f"/api/tasks/{path}", key, body)
        assert status == 200, answer
    return number


@check
def the_samples_are_the_documents(_):
    # What a reader of the document would copy, to the letter.
    lines = SAMPLES.read_text().splitlines()
    assert [line for line in lines if line.startswith("// sample: ")] == [
        "// sample: connect", "// sample: subscribe", "// sample: unsubscribe", "// sample: handle"]
    copied = "".join(line.rstrip() + "\n" for line in lines if not line.startswith("// sample: "))
    assert hashlib.sha256(copied.encode()).hexdigest() == DIGEST


# MARK: what the document types into a shell


def shell(grid, command, key=""):
    """The document's command but for host, port and key, and an environment in which it can run."""
    # Whatever proxy the machine has is for elsewhere.
    environment = {**os.environ, "NODE_PATH": "/usr/share/nodejs", "no_proxy": "*"}
    return {
        "args": command.replace("localhost:9002", grid.address).replace("YOUR_API_KEY", key),
        "shell": True, "env": environment}


class Terminal:
    """A command in a shell with a screen."""

    def __init__(self, command):
        self.command = command

    def __enter__(self):
        self.screen, own = pty.openpty()
        self.text = ""
        self.process = subprocess.Popen(
            **self.command, stdin=own, stdout=own, stderr=own, start_new_session=True, preexec_fn=die_with_parent)
        os.close(own)
        return self

    def __exit__(self, *_):
        # The shell and what it started.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.screen)

    def type(self, text):
        os.write(self.screen, text.encode() + b"\r")

    def shows(self, pattern):
        """Waits until that is on the screen; returns the first group."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.text)):
            left = deadline - time.monotonic()
            assert left > 0 and select.select([self.screen], [], [], left)[0], f"no {pattern}: {self.text!r}"
            try:
                self.text += os.read(self.screen, 65536).decode()
            except OSError:
                raise AssertionError(f"it ended without {pattern}: {self.text!r}") from None
        return found.group(1)

    def hears(self, kind):
        """A message of that type."""
        return json.loads(self.shows(r'< (\{"type":"%s".*?\})\x1b' % kind))


@check
def the_documents_wscat_runs_as_it_stands(grid):
    key = create_key(grid, OWNER)
    command = 'wscat -c "ws://localhost:9002/api/ws/tasks?api_key=YOUR_API_KEY"'
    with Terminal(shell(grid, command, key)) as terminal:
        terminal.shows("(Connected)")
        terminal.type('{"type":"SUBSCRIBE","data":{"room":"user:user_123"}}')
        assert terminal.hears("SUBSCRIBED")["data"] == {"room": f"user:{OWNER}"}
        status, task = call(grid, "POST", "/api/tasks", key, {"job_id": "wscat"})
        assert status == 201, task
        assert terminal.hears("TASK_CREATED")["data"]["task_id"] == task["task_id"]
    with Terminal(shell(grid, command, "nonsense")) as terminal:
        terminal.shows("(error: .*401)")


@check
async def the_documents_curls_run_as_they_stand(grid):
    def answer(command):
        done = subprocess.run(
            **shell(grid, command), capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    key = create_key(grid, OWNER)
    status, task = call(grid, "POST", "/api/tasks", key, {"job_id": "curl"})
    assert status == 201, task
    rooms = ("job:curl", f"task:{task['task_id']}", f"user:{OWNER}")
    deadline = time.monotonic() + PATIENCE
    while (found := answer("curl http://localhost:9002/api/ws/stats")["data"]["total_clients"]) != 0:
        assert time.monotonic() < deadline, f"{found} of the other checks' clients stay"
    async with TriggerX(grid, key) as client:
        for room in rooms:
            await client.subscribe(room)
        assert answer("curl http://localhost:9002/api/ws/stats") == {
            "status": "success",
            "data": {"total_clients": 1, "total_rooms": 3, "rooms": {room: 1 for room in rooms}}}
        health = answer("curl http://localhost:9002/api/ws/health")
        assert abs(health.pop("timestamp") - time.time()) < 60, health
        assert health == {
            "status": "healthy", "websocket": {"active_connections": 1, "active_rooms": 3}}, health


@check
async def it_is_sent_away_when_the_coordinator_stops(grid):
    async with Node("qubix_client.js", socket_url(grid, create_key(grid, OWNER))) as client:
        await client.expect("open")
        client.send("SUBSCRIBE", data={"room": f"user:{OWNER}"})
        await client.expect("SUBSCRIBED")
        grid.coordinator.process.terminate()
        assert (await client.expect("close"))["code"] == 1001


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits()))

"""TriggerX with node's WebSocket client, and the document's own samples typed into a console."""

import pathlib

from checks import Checks
from check_authentication import no_limits
from check_qubix_node import Node
from grid import Grid
from triggerx import call, create_key, is_error

check = Checks("triggerx, node-ws")
OWNER = "user_123"
SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "javascript" / "triggerx_document_samples.js"


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
    # What a reader of the document would copy: every line of its JavaScript is here.
    text = SAMPLES.read_text()
    assert text.count("ws.send(JSON.stringify({") == 4 and text.count("case 'TASK_") == 4, text
    assert [line for line in text.splitlines() if line.startswith("// sample: ")] == [
        "// sample: connect", "// sample: subscribe", "// sample: unsubscribe", "// sample: handle"]


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

"""Agents and coordinators that die without a word, and come back."""

import asyncio
import contextlib
import json
import signal
import time

from checks import Checks
from check_authentication import no_limits
from grid import Grid
from native import Client

check = Checks("liveness")


@contextlib.asynccontextmanager
async def watcher(grid):
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign())
        await client.join("nodes")
        yield client


def nodes(grid):
    return {
        node["name"]: node for node in json.loads(grid.request("/api/v1/nodes", token=grid.sign())[2])["nodes"]
    }


def has_status(node, status):
    return lambda message: message["data"]["node_id"] == node and message["data"]["status"] == status


@check
async def a_killed_agent_is_offline_within_its_lease(grid):
    async with watcher(grid) as client:
        node = (await client.expect("node_metrics"))["data"]["node_id"]
        grid.agents["node-1"].kill()
        killed = time.monotonic()
        event = await client.expect("node_status", timeout=14, where=has_status(node, "offline"))
        took = time.monotonic() - killed
        assert took <= 12, took
        assert event["data"]["previous_status"] == "online", event
        assert event["data"]["metrics"]["gpu_utilization"] is None, event
        assert nodes(grid)["node-1"]["status"] == "offline"
        grid.node = node


@check
async def restarted_with_its_state_it_is_the_same_node(grid):
    async with watcher(grid) as client:
        grid.start_agent("node-1")
        await client.expect("node_status", where=has_status(grid.node, "online"))
        metrics = await client.expect("node_metrics")
        assert metrics["data"]["node_id"] == grid.node, metrics
        assert len(nodes(grid)) == 1, nodes(grid)


@check
async def a_stopped_agent_says_goodbye(grid):
    async with watcher(grid) as client:
        # The terminal's signal, and a script's right behind it.
        grid.agents["node-1"].process.send_signal(signal.SIGINT)
        assert grid.agents["node-1"].stop() == 0
        await client.expect("node_status", timeout=3, where=has_status(grid.node, "offline"))
        grid.start_agent("node-1")
        await client.expect("node_status", where=has_status(grid.node, "online"))


@check
async def a_killed_coordinator_forgets_nobody(grid):
    before = nodes(grid)
    spare = grid.enroll(name="node-2")
    agent = grid.agents["node-1"]
    address = grid.address
    grid.coordinator.kill()
    await asyncio.sleep(1)
    grid.start_coordinator(listen=address)
    async with watcher(grid) as client:
        # By itself: the same process, nothing started again.
        metrics = await client.expect("node_metrics", timeout=15)
        assert metrics["data"]["node_id"] == grid.node, metrics
        assert agent.running
        after = nodes(grid)
        assert set(before) <= set(after), (before, after)
        assert after["node-1"]["node_id"] == grid.node and after["node-1"]["status"] == "online", after
        # A join token outlives it as well.
        grid.start_agent("node-2", join_token=spare)
        await client.expect("node_registered", where=lambda m: m["data"]["name"] == "node-2")


@check
async def a_join_token_is_good_for_one_use(grid):
    token = grid.enroll(name="node-3")
    async with watcher(grid) as client:
        grid.start_agent("node-3", join_token=token)
        await client.expect("node_registered", where=lambda m: m["data"]["name"] == "node-3")
        before = nodes(grid)
        thief = grid.start_agent("thief", join_token=token)
        deadline = time.monotonic() + 10
        while "ENROLMENT_USED" not in thief.log_text() and "used" not in thief.log_text():
            assert time.monotonic() < deadline, thief.log_text()
            await asyncio.sleep(0.05)
        await client.collect(1)
        assert set(nodes(grid)) == set(before)
        thief.stop()


@check
async def a_join_token_from_nowhere_is_refused(grid):
    async with watcher(grid) as client:
        before = set(nodes(grid))
        stranger = grid.start_agent("stranger", join_token="not-a-token-of-ours")
        await client.collect(2)
        assert set(nodes(grid)) == before
        assert stranger.log_text()
        stranger.stop()


@check
async def a_drain_says_goodbye_to_everyone(grid):
    async with watcher(grid) as client:
        started = time.monotonic()
        grid.coordinator.process.send_signal(signal.SIGINT)
        grid.coordinator.process.terminate()
        code, messages = await client.closed()
        assert code in (1001, 1012), code
        (error,) = [message for message in messages if message["type"] == "error"]
        assert error["data"]["code"] == "CONNECTION_FAILED" and error["data"]["message"], error
        # Milliseconds: no less than a second, no more than an agent's longest wait.
        assert isinstance(error["data"]["retry_in"], int) and 1000 <= error["data"]["retry_in"] <= 5000, error
        assert grid.coordinator.process.wait(15) == 0
        assert time.monotonic() - started < 15


if __name__ == "__main__":

    class WithNode(Grid):
        def __enter__(self):
            super().__enter__()
            self.start_agent()
            return self

    check.run(lambda: WithNode(limits=no_limits()))

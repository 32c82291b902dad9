"""GPUs that answer, hang and vanish: the real agent over a fake driver library that plays a scenario."""

import asyncio
import contextlib
import json
import pathlib
import time

from checks import Checks
from check_authentication import no_limits
from grid import Grid
from native import Client, is_percent, is_time, seconds_of

check = Checks("gpus")
LIBRARY = pathlib.Path(".build/fake-nvml/libnvidia-ml.so.1").resolve()
GIB = 2**30
WATTS = 1000

H100 = f"""
driver 550.54.15
gpus 8
set * name NVIDIA H100 80GB HBM3
set * memory {80 * GIB}
set * power_limit {700 * WATTS}
set * slowdown 87
value * utilization linear 0:40 30:95 60:40 repeat 60 noise 3
value * memory_activity step 0:30
value * memory_used step 0:{60 * GIB}
value * temperature linear 0:55 60:70 repeat 60
value * power linear 0:{400 * WATTS} 60:{650 * WATTS} repeat 60 noise 5000
value * sm_clock step 0:1755
value * memory_clock step 0:2619
value * throttle step 0:0
value 3 utilization step 0:0
value 3 power step 0:{70 * WATTS}
"""
HANG_AT = 8
HANGING = H100 + f"hang nvmlDeviceGetPowerUsage 2 {HANG_AT} 60\n"
LOST = H100 + "lost 5 8\n"


class FakeDriver(Grid):
    def start_gpu_agent(self, name, scenario):
        """Starts an agent whose driver plays the scenario from now on; returns when that was."""
        path = self.folder / f"{name}.scenario"
        path.write_text(scenario)
        join_token = self.enroll(name=name)
        started = time.time()
        self.start_agent(
            name,
            join_token=join_token,
            environment={
                "NEUROGRID_NVML_LIBRARY": str(LIBRARY),
                "NEUROGRID_FAKE_NVML_SCENARIO": str(path),
            },
        )
        return started


@contextlib.asynccontextmanager
async def watcher(grid):
    assert LIBRARY.exists(), f"{LIBRARY} is missing: make -C Tests/FakeNVML"
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign())
        await client.join("nodes")
        yield client


def of_node(node):
    return lambda message: message["data"]["node_id"] == node


async def registered(client, name):
    return (await client.expect("node_registered", where=lambda m: m["data"]["name"] == name))["data"]


async def gpu_metrics(client, node):
    """The node's next metrics that tell of its GPUs."""
    while True:
        data = (await client.expect("node_metrics", where=of_node(node)))["data"]
        if data["gpus"] and all(gpu["state"] is not None for gpu in data["gpus"]):
            return data


@check
async def a_node_whose_cards_are_all_rented_is_busy_with_their_task(grid):
    # Before the others: all drivers here show the same cards, and whose cards another node has shown gets no tasks.
    grid.command(
        "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", "renter", "--currency", "USD",
        "--amount", "100.00")
    async with watcher(grid) as client:
        grid.start_gpu_agent("rented", H100)
        node = (await registered(client, "rented"))["node_id"]
        await gpu_metrics(client, node)
        body = {"runner": "selftest", "arguments": {"seconds": 3}, "gpu_count": 8, "timeout_seconds": 60}
        status, _, answer = grid.request(
            "/api/v1/tasks", grid.sign("renter", ["task:submit"]), "POST", {"Content-Type": "application/json"},
            json.dumps(body))
        assert status == 201, answer
        statuses = lambda status: lambda m: of_node(node)(m) and m["data"]["status"] == status
        busy = await client.expect("node_status", where=statuses("busy"))
        data = busy["data"]
        assert busy["room"] == "nodes" and list(data)[:6] == [
            "node_id", "status", "previous_status", "current_task", "updated_at", "metrics"], busy
        assert (data["previous_status"], data["current_task"]) == ("online", json.loads(answer)["task_id"]), data
        assert is_time(data["updated_at"]), data
        metrics = data["metrics"]
        assert list(metrics) == ["gpu_utilization", "memory_usage", "temperature", "power_draw"], metrics
        # Over all eight: the mean, the sum, the highest, the sum.
        assert 7 * 35 / 8 <= metrics["gpu_utilization"] <= 7 * 98 / 8, metrics
        assert metrics["memory_usage"] == 480 and 55 <= metrics["temperature"] <= 70, metrics
        assert 7 * 390 + 70 <= metrics["power_draw"] <= 7 * 660 + 70, metrics
        client.inbox.clear()
        free = (await client.expect("node_status", where=statuses("online"), timeout=30))["data"]
        assert (free["previous_status"], free["current_task"]) == ("busy", None), free
        grid.agents["rented"].stop()


@check
async def eight_devices_with_plausible_values(grid):
    async with watcher(grid) as client:
        grid.start_gpu_agent("h100", H100)
        node = await registered(client, "h100")
        machine = node["specifications"]
        assert machine["gpu"] == "NVIDIA H100 80GB HBM3" and machine["gpu_memory"] == 80, machine
        assert machine["gpu_count"] == 8 and machine["driver_version"] == "550.54.15", machine
        data = await gpu_metrics(client, node["node_id"])
        gpus = data["gpus"]
        assert [gpu["index"] for gpu in gpus] == list(range(8)), gpus
        assert len({gpu["uuid"] for gpu in gpus}) == 8, gpus
        for gpu in gpus:
            assert gpu["state"] == "ok" and gpu["name"] == machine["gpu"], gpu
            assert is_percent(gpu["gpu_utilization"]), gpu
            assert gpu["memory_usage"] == 60 and gpu["memory_total"] == 80, gpu
            assert 55 <= gpu["temperature"] <= 70, gpu
            assert gpu["power_limit"] == 700 and gpu["sm_clock"] == 1755 and gpu["memory_clock"] == 2619, gpu
            busy = gpu["index"] != 3
            assert (35 <= gpu["gpu_utilization"] <= 98) if busy else gpu["gpu_utilization"] == 0, gpu
            assert (390 <= gpu["power_draw"] <= 660) if busy else gpu["power_draw"] == 70, gpu
        mean = sum(gpu["gpu_utilization"] for gpu in gpus) / 8
        assert abs(data["metrics"]["gpu_usage"] - mean) <= 0.01, (data["metrics"], mean)
        assert data["metrics"]["gpu_memory"] == 480, data["metrics"]
        assert is_percent(data["health_score"]), data
        grid.agents["h100"].stop()


@check
async def a_call_that_hangs_harms_nothing_else(grid):
    async with watcher(grid) as client:
        started = grid.start_gpu_agent("hanging", HANGING)
        node = (await registered(client, "hanging"))["node_id"]
        hangs = started + HANG_AT
        before = await gpu_metrics(client, node)
        assert all(gpu["state"] == "ok" for gpu in before["gpus"]), before["gpus"]
        times, stale = [], None
        while time.time() < hangs + 14:
            message = await client.expect("node_metrics", "node_status", where=of_node(node), timeout=5)
            assert message["type"] == "node_metrics" or message["data"]["status"] != "offline", message
            if message["type"] != "node_metrics":
                continue
            data = message["data"]
            times.append(seconds_of(data["timestamp"]))
            assert data["metrics"]["cpu_usage"] is not None and data["metrics"]["ram_usage"] > 0, data
            state = {gpu["index"]: gpu["state"] for gpu in data["gpus"]}
            if stale is None and state[2] in ("stale", "driver_hung"):
                stale = times[-1]
        gaps = [later - earlier for earlier, later in zip(times, times[1:])]
        assert max(gaps) <= 2.5, gaps
        assert stale is not None and stale - hangs <= 3.2, (stale, hangs)
        assert state[2] in ("stale", "driver_hung"), state
        print(f"stale after {stale - hangs:.1f} s, longest gap between samples {max(gaps):.1f} s")
        grid.agents["hanging"].stop()


@check
async def a_card_that_falls_off_the_bus_is_lost_alone(grid):
    async with watcher(grid) as client:
        grid.start_gpu_agent("losing", LOST)
        node = (await registered(client, "losing"))["node_id"]
        before = await gpu_metrics(client, node)
        assert len(before["gpus"]) == 8, before

        async def lost():
            while True:
                data = await gpu_metrics(client, node)
                states = {gpu["index"]: gpu["state"] for gpu in data["gpus"]}
                if states.get(5) != "ok":
                    return states, data

        states, data = await asyncio.wait_for(lost(), 20)
        assert states[5] == "lost", states
        assert len(states) == 8 and all(state == "ok" for index, state in states.items() if index != 5), states
        assert data["health_score"] is not None and data["health_score"] < 100, data
        grid.agents["losing"].stop()


if __name__ == "__main__":
    check.run(lambda: FakeDriver(limits=no_limits()))

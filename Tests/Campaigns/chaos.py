#!/usr/bin/env python3
"""Random kill -9 of the coordinator and of agents while short tasks run.

    .build/venv/bin/python Tests/Campaigns/chaos.py --kills 300 --tasks 1000

NEUROGRID_BIN names the folder of the programs. Prints one line of JSON; ends with 1 unless every acknowledged task ended
exactly once, each completed one was paid once, and nobody's money is missing or too much. Each agent is its host's only
one, as far as it knows: none has a GPU, and each offers the whole machine.
"""

import argparse
import collections
import csv
import decimal
import http.client
import io
import json
import pathlib
import random
import sys
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Clients" / "python"))

from check_authentication import no_limits  # noqa: E402
from grid import Grid  # noqa: E402

CUSTOMER, PROVIDER = "customer", "provider"
ENDED = ("completed", "failed", "cancelled")
DEPOSIT = decimal.Decimal(1_000_000)
AGENTS = 4
KILL_PAUSE_SECONDS = (0.1, 0.8)
# A lease that lasts no longer than the tests' patience, and agents that come back within it.
TASKS = {"lease": "10s"}


class Chaos:
    def __init__(self, grid, options):
        self.grid = grid
        self.options = options
        self.random = random.Random(options.seed)
        self.acknowledged = {}
        self.kills = collections.Counter()
        self.retried_requests = 0
        self.over = threading.Event()
        # A coordinator that is being started again has no address to send to.
        self.coordinator = threading.Lock()

    def call(self, method, path, user=CUSTOMER, permissions=("task:submit", "node:read"), body=None, **headers):
        """One request, sent again until it is answered: the key makes it the same request."""
        token = self.grid.sign(user, permissions, expires_in=7200)
        fields = {"Content-Type": "application/json", **headers} if body is not None else headers
        deadline = time.monotonic() + 60
        while True:
            try:
                status, _, text = self.grid.request(path, token, method, fields, body and json.dumps(body))
                if status < 500:
                    return status, json.loads(text, parse_float=decimal.Decimal)
            except (OSError, http.client.HTTPException):
                pass
            self.retried_requests += 1
            assert time.monotonic() < deadline, f"no answer to {method} {path}"
            time.sleep(0.05)

    def submit_all(self):
        # As long as the kills go on, so that there is always something to kill.
        pause = self.options.kills * sum(KILL_PAUSE_SECONDS) / 2 / self.options.tasks
        for number in range(self.options.tasks):
            time.sleep(self.random.uniform(0, 2 * pause))
            seconds = 1 if self.random.random() < 0.2 else 0
            body = {
                "runner": "selftest", "arguments": {"seconds": seconds}, "timeout_seconds": 60, "attempts": 20,
                "cpu_milli": 250,
            }
            status, task = self.call(
                "POST", "/api/v1/tasks", body=body, **{"Idempotency-Key": f"chaos-{number}-{uuid.uuid4()}"})
            assert status == 201, (status, task)
            assert task["task_id"] not in self.acknowledged, task
            self.acknowledged[task["task_id"]] = None

    def kill_at_random(self):
        for _ in range(self.options.kills):
            time.sleep(self.random.uniform(*KILL_PAUSE_SECONDS))
            if self.random.random() < 0.3:
                self.kills["coordinator"] += 1
                self.grid.coordinator.kill()
                self.grid.start_coordinator(listen=self.grid.address)
            else:
                self.kills["agent"] += 1
                name = f"node-{self.random.randrange(AGENTS)}"
                self.grid.agents[name].kill()
                self.grid.start_agent(name)

    def states(self):
        found, cursor = {}, ""
        while cursor is not None:
            _, page = self.call("GET", f"/api/v1/tasks?limit=1000{cursor}")
            found.update((task["task_id"], task) for task in page["tasks"])
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        return found

    def await_ends(self):
        deadline = time.monotonic() + self.options.patience
        while True:
            found = self.states()
            open_tasks = [task for task in found.values() if task["status"] not in ENDED]
            if not open_tasks or time.monotonic() > deadline:
                return found
            time.sleep(0.5)

    def statement(self, user):
        text = self.grid.command(
            "neurogrid-coordinator", "statement", "--data-dir", str(self.grid.data), "--user", user)[1]
        return list(csv.DictReader(io.StringIO(text)))

    def balance(self, user):
        _, answer = self.call("GET", f"/api/v1/users/{user}/balances", user=user)
        return answer["balances"].get("USD", {"total": 0, "available": 0, "locked": 0})

    def run(self):
        submitting = threading.Thread(target=self.submit_all)
        began = time.monotonic()
        submitting.start()
        self.kill_at_random()
        submitting.join()
        found = self.await_ends()
        return self.verdict(found, time.monotonic() - began)

    def verdict(self, found, seconds):
        broken = []

        def expect(holds, what):
            if not holds:
                broken.append(what)

        lost = [task for task in self.acknowledged if task not in found]
        unended = [task["task_id"] for task in found.values() if task["status"] not in ENDED]
        states = collections.Counter(task["status"] for task in found.values())
        expect(not lost, f"acknowledged and gone: {lost[:3]}")
        expect(not set(found) - set(self.acknowledged), "a task that nobody was told of")
        expect(not unended, f"not ended: {unended[:3]}")
        rows = self.statement(CUSTOMER)
        kinds = collections.defaultdict(collections.Counter)
        for row in rows:
            if row["task_id"]:
                kinds[row["task_id"]][row["kind"]] += 1
        for task in found.values():
            counts = kinds[task["task_id"]]
            expect(counts["hold"] == 1, f"{task['task_id']} was held for {counts['hold']} times")
            paid = counts["payment"]
            # A run of less than a millisecond costs nothing, and nothing is paid for it.
            due = task["status"] == "completed" and decimal.Decimal(task["cost"]["amount"]) > 0
            expect(paid == due, f"{task['task_id']} {task['status']}, paid {paid} times for {task['cost']}")
        customer, provider = self.balance(CUSTOMER), self.balance(PROVIDER)
        cost = sum(decimal.Decimal(task["cost"]["amount"]) for task in found.values() if task["cost"])
        expect(customer["locked"] == 0, f"still locked: {customer['locked']}")
        expect(customer["total"] == DEPOSIT - cost, f"{customer['total']} is not {DEPOSIT} without {cost}")
        fees = -sum(decimal.Decimal(row["locked_change"]) for row in rows if row["kind"] == "fee")
        expect(provider["total"] == cost - fees, f"{provider['total']} is not {cost} without {fees}")
        return {
            "run": "chaos", "tasks": len(self.acknowledged), "kills": dict(self.kills), "states": dict(states),
            "retried_requests": self.retried_requests, "cost": str(cost), "seconds": round(seconds),
        }, broken


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--patience", type=int, default=240, help="seconds after the last kill until all has ended")
    options = parser.parse_args()
    with Grid(limits=no_limits(), tasks=TASKS) as grid:
        grid.command(
            "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", CUSTOMER, "--currency", "USD",
            "--amount", str(DEPOSIT))
        for number in range(AGENTS):
            grid.start_agent(f"node-{number}", owner=PROVIDER, price="0.40")
        chaos = Chaos(grid, options)
        deadline = time.monotonic() + 20
        while chaos.call("GET", "/api/v1/nodes")[1]["nodes"].__len__() < AGENTS:
            assert time.monotonic() < deadline, "the agents do not come"
            time.sleep(0.1)
        result, broken = chaos.run()
    print(json.dumps({**result, "seed": options.seed, "broken": broken[:10]}))
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()

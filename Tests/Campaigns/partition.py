#!/usr/bin/env python3
"""An agent is cut off from its coordinator while its tasks run, in every way in which a link can fail without a word.

    .build/venv/bin/python Tests/Campaigns/partition.py [--scenes down,deaf] [--lease 30] [--rounds 1] [--jobs 4]

The coordinator and two agents stand in network namespaces of their own, linked by pairs of virtual interfaces. Three
tasks run on agent `a`: one that ignores SIGTERM, one that does not, and one that ends well while the link is cut. Each
scene tells what is cut, and how:

    down       the agent's own interface             mute      only what the agent sends
    unplugged  the far end of it                     deaf      only what is sent to the agent
    blackhole  the agent's route                     frozen    as down, and the agent itself is stopped (SIGSTOP)
    stale      as down, while an order lies unread in the stopped agent's socket
    brief      as down, for less time than the agent's own deadline: nothing may happen

Every process that the tasks become is watched from outside, by its pidfd and one monotonic clock. What must hold: no
task has two processes at a time; it begins on `b` only after it has ended on `a`, whose agent ended it by its own
deadline; it is paid once, to whom the result that counts came from; what `a` reports late is refused, told once and
then forgotten; nobody's money is missing.

NEUROGRID_BIN names the folder of the programs. Prints one line of JSON a scene; ends with 1 where anything was broken,
and with 69 where network namespaces cannot be had (`--probe` asks for nothing else).
"""

import argparse
import collections
import concurrent.futures
import csv
import decimal
import io
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Clients" / "python"))

from check_authentication import no_limits  # noqa: E402
from grid import Grid, Program, die_with_parent  # noqa: E402
from namespaces import COORDINATOR, Network, Unavailable  # noqa: E402
from watching import Eyes, Stream, agent_says  # noqa: E402

UNAVAILABLE = 69
CUTS = ("down", "unplugged", "mute", "deaf", "blackhole")
SCENES = (*CUTS, "frozen", "stale", "brief")
CUSTOMER, OWNERS = "customer", {"a": "owner-a", "b": "owner-b"}
DEPOSIT = decimal.Decimal(1000)
ENDED = ("completed", "failed", "cancelled")
REFUSED = "a result does not count: the run is not this node's any more"


class SplitGrid(Grid):
    """A coordinator and agents that reach each other through links which can be cut."""

    def __init__(self, network, lease):
        # The next attempt comes at once: nothing but the lease keeps the two runs of a task apart.
        super().__init__(limits=no_limits(), tasks={"lease": f"{lease}s"}, routing={"retry_base": "1ms"})
        self.network = network
        self.nodes = {}

    def start_coordinator(self, listen=None):
        super().start_coordinator(listen or f"{COORDINATOR}:0")

    def start_node(self, name):
        state, settings = self.folder / f"agent-{name}", self.folder / f"agent-{name}.json5"
        join = [] if state.exists() else ["--join-token", self.enroll(name=name, owner=OWNERS[name], price="40")]
        settings.write_text(json.dumps({"runners": {"witness": {
            "argv": [sys.executable, str(HERE / "witness.py"), str(self.folder), name, "{kind}"],
            "arguments": {"kind": {"type": "choice", "values": ["stubborn", "polite"]}}, "grace": "10m"}}}))
        self.agents[name] = Program(
            "neurogrid-agent",
            ["run", "--coordinator", self.agent_url, "--state-dir", str(state), "--config", str(settings),
             "--log-format", "json", *join],
            self.folder / f"agent-{name}.log", {"NEUROGRID_METRICS_LISTEN": ""},
            prepare=self.network.entering(name))

    def ask(self, method, path, body=None, user=CUSTOMER, permissions=("task:submit", "node:read")):
        status, _, text = self.request(
            path, self.sign(user, permissions), method, {"Content-Type": "application/json"} if body else None,
            body and json.dumps(body))
        assert status < 300, (method, path, status, text)
        return json.loads(text, parse_float=decimal.Decimal)

    def administer(self, method, path):
        return self.ask(method, path, user="root", permissions=("admin",))

    def statuses(self):
        return {node["name"]: node["status"] for node in self.ask("GET", "/api/v1/nodes")["nodes"]}

    def results(self):
        """How many results of runs have counted, were said again and were refused."""
        text = self.request("/metrics", self.sign("root", ("admin",)))[2].decode()
        return {
            outcome: int(float(text.split(f'neurogrid_task_results_total{{outcome="{outcome}"}} ')[1].split()[0]))
            for outcome in ("counted", "repeated", "refused")}

    def statement(self, user):
        text = self.command(
            "neurogrid-coordinator", "statement", "--data-dir", str(self.data), "--user", user)[1]
        return list(csv.DictReader(io.StringIO(text)))

    def balance(self, user):
        answer = self.ask("GET", f"/api/v1/users/{user}/balances", user=user)
        return answer["balances"].get("USD", {"total": 0, "available": 0, "locked": 0})


class Scene:
    """The rounds of one scene on one grid, and what is found broken in them."""

    def __init__(self, grid, options, kind):
        self.grid, self.kind, self.lease = grid, kind, options.lease
        self.eyes, self.stream = Eyes(grid.folder), Stream(grid)
        self.broken = []
        # What each task's runs were on, in order, and what it was to come to on `a`.
        self.wanted = {}
        self.refused = 0
        self.told = 0

    def expect(self, holds, what):
        if not holds:
            self.broken.append(what)

    def until(self, what, condition, seconds=None):
        deadline = time.monotonic() + (seconds or 2 * self.lease + 20)
        while not (found := condition()):
            assert time.monotonic() < deadline, f"{what} does not happen"
            time.sleep(0.01)
        return found

    # What is done.

    def submit(self, kind):
        body = {
            "runner": "witness", "arguments": {"kind": kind}, "timeout_seconds": 600, "cpu_milli": 250,
            "attempts": 10, "price_cap": 100}
        return self.grid.ask("POST", "/api/v1/tasks", body)["task_id"]

    def finish(self, *tasks):
        for task in tasks:
            (self.grid.folder / f"finish-{task}").touch()

    def drain(self, name, drains=True):
        self.grid.administer("POST", f"/api/v1/nodes/{self.grid.nodes[name]}/{'drain' if drains else 'undrain'}")

    def begun(self, task, node):
        return self.eyes.run(task, node)

    def state(self, task):
        return self.grid.ask("GET", f"/api/v1/tasks/{task}")["status"]

    def completed(self, *tasks):
        for task in tasks:
            self.until("its end", lambda task=task: self.state(task) in ENDED)

    def hear_again(self, before):
        """Waits for `a` to come back and for all it has to say."""
        self.until("a's return", lambda: self.grid.statuses()["a"] in ("online", "busy"))
        self.until("the refusals", lambda: self.grid.results()["refused"] >= before["refused"] + self.told)
        self.until("the answers", lambda: self.said(REFUSED) >= self.refused)

    def said(self, message, **fields):
        return len(list(agent_says(self.grid.agents["a"], message, **fields)))

    # The scenes.

    def round(self):
        before = self.grid.results()
        self.drain("b")
        if self.kind == "stale":
            return self.stale(before)
        tasks = {name: self.submit("stubborn" if name == "stubborn" else "polite")
                 for name in ("stubborn", "polite", "finishing")}
        for task in tasks.values():
            self.until("its begin on a", lambda task=task: self.begun(task, "a"))
            self.until("its being told", lambda task=task: self.state(task) == "running")
        self.drain("b", False)
        return self.brief(tasks) if self.kind == "brief" else self.cut_off(tasks, before)

    def cut_off(self, tasks, before):
        network, kind = self.grid.network, "down" if self.kind == "frozen" else self.kind
        since = time.monotonic()
        network.cut(kind, "a")
        if self.kind == "frozen":
            self.grid.agents["a"].process.send_signal(signal.SIGSTOP)
        # Deaf, the agent can say something until its kernel waits for acknowledgements: nothing for long.
        time.sleep(0 if self.kind == "deaf" else 1)
        self.finish(tasks["finishing"])
        first = self.until("its end on a", lambda: self.begun(tasks["finishing"], "a").end)
        # Was it heard all the same, its result counts and nobody else begins.
        self.until(
            "its end or its begin on b",
            lambda: self.begun(tasks["finishing"], "b") or self.state(tasks["finishing"]) in ENDED)
        heard = self.begun(tasks["finishing"], "b") is None
        self.expect(not heard or self.kind == "deaf", "a result came over a link that was cut")
        lost = [tasks["stubborn"], tasks["polite"], *([] if heard else [tasks["finishing"]])]
        for task in lost:
            self.until("its begin on b", lambda task=task: self.begun(task, "b"))
            self.wanted[task] = ["a", "b"]
        if heard:
            self.wanted[tasks["finishing"]] = ["a"]
        self.finish(*tasks.values())
        self.completed(*tasks.values())
        self.refused += len(lost)
        self.told = len(lost)
        self.expect(
            self.grid.results()["refused"] == before["refused"], "something of a's was heard while it was cut off")
        network.heal(kind, "a")
        if self.kind == "frozen":
            self.grid.agents["a"].process.send_signal(signal.SIGCONT)
        self.hear_again(before)
        counted = self.grid.results()["counted"] - before["counted"]
        self.expect(counted == len(tasks), f"{counted} results of {len(tasks)} tasks counted")
        return self.figures(since, tasks, first)

    def figures(self, since, tasks, first):
        """Seconds after the cut, by one clock."""
        figures = {
            "finished_on_a": round(first - since, 3), "heard": self.wanted[tasks["finishing"]] == ["a"]}
        for name in ("polite", "stubborn"):
            here, there = self.begun(tasks[name], "a"), self.begun(tasks[name], "b")
            moved = self.stream.assigned(tasks[name], self.grid.nodes["b"])
            figures[name] = {
                "ended_on_a": round(here.end - since, 3), "assigned_to_b": round(moved - since, 3),
                "began_on_b": round(there.begin - since, 3), "margin": round(there.begin - here.end, 3)}
            if self.kind != "frozen":
                ended = self.said("run ended", run=f"{tasks[name]}/1/0", fault="lease_expired")
                self.expect(ended == 1, f"{name} was not ended for its lease by its agent")
            self.expect(moved > here.end, f"{name} was given away while it ran")
        return figures

    def brief(self, tasks):
        network, since = self.grid.network, time.monotonic()
        network.down("a")
        time.sleep(self.lease / 4)
        network.heal_down("a")
        # For longer than the cut would have had to last.
        time.sleep(max(0, since + 1.2 * self.lease - time.monotonic()))
        for task in tasks.values():
            self.wanted[task] = ["a"]
            self.expect(self.begun(task, "a").end is None, "a short cut ended a run")
        self.finish(*tasks.values())
        self.completed(*tasks.values())
        return {"cut": round(self.lease / 4, 3)}

    def stale(self, before):
        agent, network = self.grid.agents["a"], self.grid.network
        agent.process.send_signal(signal.SIGSTOP)
        since = time.monotonic()
        task = self.submit("polite")
        self.until("its assignment", lambda: self.stream.assigned(task, self.grid.nodes["a"]))
        # The order is sent behind that event.
        time.sleep(0.5)
        network.down("a")
        self.drain("b", False)
        there = self.until("its begin on b", lambda: self.begun(task, "b"))
        self.wanted[task] = ["b"]
        agent.process.send_signal(signal.SIGCONT)
        refused = {"run": f"{task}/1/0", "fault": "lease_expired"}
        self.until("the order's refusal", lambda: self.said("run ended", **refused))
        self.expect(not self.said("run begins", run=f"{task}/1/0"), "an order was obeyed after its lease")
        self.expect(there.end is None, "the run on b was disturbed")
        self.finish(task)
        self.completed(task)
        self.refused += 1
        self.told = 1
        network.heal_down("a")
        self.hear_again(before)
        return {"began_on_b": round(there.begin - since, 3)}

    # What must hold in the end.

    def verdict(self):
        grid = self.grid
        before = grid.results()
        # Whatever it had kept it would say again.
        sessions = self.said("connected")
        grid.agents["a"].stop()
        grid.start_node("a")
        self.until("a's restart", lambda: self.said("connected") > sessions)
        time.sleep(1)
        # One that counted may be said again: the answer to it may have come when the agent had said goodbye.
        after = grid.results()
        self.expect(
            all(after[outcome] == before[outcome] for outcome in ("counted", "refused")),
            f"told again after a restart: {before} became {after}")
        self.expect(self.said(REFUSED) == self.refused, f"{self.said(REFUSED)} refusals, not {self.refused}")
        for task, nodes in self.wanted.items():
            runs = self.eyes.runs(task)
            self.expect([run.node for run in runs] == nodes, f"{task} ran on {[run.node for run in runs]}")
            for earlier, later in zip(runs, runs[1:]):
                self.expect(
                    earlier.end is not None and earlier.end <= later.begin,
                    f"{task} ran twice at a time: until {earlier.end} and from {later.begin}")
        begun = sum(len(list(agent_says(agent, "run begins"))) for agent in grid.agents.values())
        self.expect(begun == len(self.eyes.all()), f"{begun} runs begun, {len(self.eyes.all())} seen")
        self.check_money()

    def check_money(self):
        rows = self.grid.statement(CUSTOMER)
        kinds = collections.defaultdict(collections.Counter)
        for row in rows:
            if row["task_id"]:
                kinds[row["task_id"]][row["kind"]] += 1
        cost, due = decimal.Decimal(0), collections.Counter()
        for task, nodes in self.wanted.items():
            record = self.grid.ask("GET", f"/api/v1/tasks/{task}")
            self.expect(record["status"] == "completed", f"{task} has {record['status']}")
            amount = decimal.Decimal(record["cost"]["amount"])
            # What an agent was too busy to see running for a millisecond costs nothing, and nothing is paid for it.
            self.expect(
                kinds[task]["hold"] == 1 and kinds[task]["payment"] == (amount > 0),
                f"{task} was settled as {kinds[task]} for {amount}")
            cost += amount
            due[nodes[-1]] += amount
        fees = -sum(decimal.Decimal(row["locked_change"]) for row in rows if row["kind"] == "fee")
        customer = self.grid.balance(CUSTOMER)
        self.expect(customer["locked"] == 0, f"still locked: {customer['locked']}")
        self.expect(customer["total"] == DEPOSIT - cost, f"{customer['total']} is not {DEPOSIT} without {cost}")
        earned = {name: decimal.Decimal(self.grid.balance(owner)["total"]) for name, owner in OWNERS.items()}
        self.expect(sum(earned.values()) == cost - fees, f"{earned} is not {cost} without {fees}")
        for name in OWNERS:
            self.expect((earned[name] > 0) == (due[name] > 0), f"{name} earned {earned[name]} of {due[name]}")


def play(options, kind):
    """One scene in this process; its exit status."""
    try:
        network = Network(list(OWNERS))
    except Unavailable as error:
        print(f"partition: not run: {error}", file=sys.stderr)
        return UNAVAILABLE
    if options.probe:
        return 0
    rounds = []
    with SplitGrid(network, options.lease) as grid:
        grid.command(
            "neurogrid-coordinator", "deposit", "--data-dir", str(grid.data), "--user", CUSTOMER, "--currency", "USD",
            "--amount", str(DEPOSIT))
        for name in OWNERS:
            grid.start_node(name)
        scene = Scene(grid, options, kind)
        scene.until("the agents' coming", lambda: list(grid.statuses().values()) == ["online"] * len(OWNERS))
        grid.nodes = {node["name"]: node["node_id"] for node in grid.ask("GET", "/api/v1/nodes")["nodes"]}
        for _ in range(options.rounds):
            rounds.append(scene.round())
        scene.verdict()
        broken = scene.broken
        if broken:
            grid.show_logs()
        scene.eyes.close()
    print(json.dumps({
        "run": "partition", "scene": kind, "lease": options.lease, "refused": scene.refused, "rounds": rounds,
        "broken": broken[:10]}), flush=True)
    return 1 if broken else 0


def play_apart(options, kind):
    """One scene in a process of its own: a namespace is left by ending. Returns (status, what it said)."""
    done = subprocess.run(
        [sys.executable, __file__, "--scene", kind, "--lease", str(options.lease), "--rounds", str(options.rounds)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=die_with_parent, check=False)
    return done.returncode, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", default=",".join(SCENES), help="some of " + ", ".join(SCENES))
    parser.add_argument("--scene", choices=SCENES, help=argparse.SUPPRESS)
    parser.add_argument("--lease", type=int, default=30, help="tasks.lease in seconds, 10 at least")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=4, help="scenes at a time")
    parser.add_argument("--probe", action="store_true", help="only whether namespaces can be had")
    options = parser.parse_args()
    if options.scene or options.probe:
        return play(options, options.scene)
    scenes = options.scenes.split(",")
    if unknown := set(scenes) - set(SCENES):
        parser.error(f"no scene named {', '.join(sorted(unknown))}")
    statuses = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for kind, (status, said) in zip(scenes, pool.map(lambda kind: play_apart(options, kind), scenes)):
            print(said, end="", flush=True)
            print(f"{'ok   ' if status == 0 else 'FAIL '} partition: {kind}", file=sys.stderr)
            statuses.append(status)
    if UNAVAILABLE in statuses:
        return UNAVAILABLE
    return 1 if any(statuses) else 0


if __name__ == "__main__":
    sys.exit(main())

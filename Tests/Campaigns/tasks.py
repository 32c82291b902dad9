#!/usr/bin/env python3
"""What submitted tasks make a whole grid execute: a fuzz of task specifications under strace.

    .build/venv/bin/python Tests/Campaigns/tasks.py --count 1000 --seed 1

Needs strace; NEUROGRID_BIN names the folder of the programs. A real agent, traced with all that it starts, offers runners
of every kind to a real coordinator; specifications come over REST and from neurogridctl, some are cancelled on the way.
Every execve must be a guard, or just the program, words and environment that `runners.py` works out from the submitted
arguments, once for each task that may run; or the docker client's removal of a container. What must be refused must be
refused by its code, with nothing held. Prints one row of a table; ends with 1 where anything else happened.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Clients" / "python"))

import runners  # noqa: E402
import traces  # noqa: E402
from check_authentication import no_limits  # noqa: E402
from grid import BINARIES, Grid, Program  # noqa: E402
from specifications import Generator, Submission, Task  # noqa: E402

CUSTOMER, CAREFUL, PROVIDER = "customer", "careful", "provider"
ENDED = ("completed", "failed", "cancelled")
IN_FLIGHT = 24
GUARD = (b"neurogrid-agent", b"task-guard")
# What reads the GPUs, in a process of its own from the agent's start on.
READER = (b"neurogrid-agent", b"nvml-child")
GUARD_ENVIRONMENT = (b"PATH=/usr/bin:/bin",)
# A busy machine must not look like a lost node.
CONFIGURATION = {"limits": no_limits(), "tasks": {"lease": "60s"}}


class Campaign:
    def __init__(self, grid, count, seed):
        self.grid, self.count = grid, count
        self.folder = grid.folder.resolve() / "host"
        self.state = grid.folder.resolve() / "agent-fuzzed"
        self.trace = grid.folder / "trace"
        self.tasks = {}
        self.agent, self.agent_process = None, None
        self.counts = collections.Counter()
        self.faults = []
        # A task of another account must be able to pass through here.
        os.chmod(grid.folder, 0o711)
        self.folder.mkdir(mode=0o755)
        self.runners = runners.allow_list(self.folder, "nobody" if os.getuid() == 0 else None)
        self.generator = Generator(seed, self.runners)

    def expect(self, holds, what):
        if not holds:
            self.faults.append(what)

    # MARK: the grid

    def start(self):
        for user in (CUSTOMER, CAREFUL):
            self.grid.command(
                "neurogrid-coordinator", "deposit", "--data-dir", str(self.grid.data), "--user", user, "--currency",
                "USD", "--amount", "1000000")
        configuration = self.grid.folder / "agent.json5"
        configuration.write_text(json.dumps({"runners": self.runners}))
        token = self.grid.enroll(name="fuzzed", owner=PROVIDER, price="0.40")
        self.agent = Program(
            shutil.which("strace"),
            [*traces.OPTIONS, "--seccomp-bpf", "-o", str(self.trace), str(BINARIES / "neurogrid-agent"), "run",
             "--config", str(configuration), "--coordinator", self.grid.agent_url, "--state-dir", str(self.state),
             "--join-token", token, "--interval", "1s"],
            self.grid.folder / "agent.log", {"NEUROGRID_METRICS_LISTEN": ""})
        self.grid.agents["strace"] = self.agent
        self.awaits(lambda: self.trace.exists() and self.trace.read_text())
        self.agent_process = int(self.trace.read_text().split()[0])
        self.awaits(lambda: [node["status"] for node in self.call("GET", "/api/v1/nodes")[1]["nodes"]] == ["online"])

    def stop(self):
        """strace ignores SIGTERM, and ends with the last that it traces."""
        os.kill(self.agent_process, signal.SIGTERM)
        try:
            self.agent.process.wait(30)
        except subprocess.TimeoutExpired:
            self.expect(False, "the agent does not stop")

    def kill(self):
        """Whatever has happened: strace's own end would let its agent go on."""
        if self.agent_process and self.agent.running:
            os.kill(self.agent_process, signal.SIGKILL)
            self.agent.process.wait(30)

    def awaits(self, condition, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            if not self.agent.running or time.monotonic() > deadline:
                raise RuntimeError("the agent has ended" if not self.agent.running else "it takes too long")
            time.sleep(0.05)

    def call(self, method, path, user=CUSTOMER, body=None, headers=None):
        token = self.grid.sign(user, ("task:submit", "node:read"), expires_in=7200)
        fields = {"Content-Type": "application/json", **(headers or {})} if body is not None else {}
        sent = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
        sent = sent.encode("utf-8", "surrogatepass") if isinstance(sent, str) else sent
        status, _, text = self.grid.request(path, token, method, fields, sent)
        return status, json.loads(text)

    # MARK: submitting

    def submit(self, submission):
        if submission.codes:
            return self.refused(submission)
        if submission.way == "control":
            found = [self.by_control(submission.tasks[0])]
        elif submission.way == "job":
            status, answer = self.call("POST", "/api/v1/jobs", body={"tasks": [t.body() for t in submission.tasks]})
            found = [task["task_id"] for task in answer["tasks"]] if status == 201 else [None]
        else:
            status, answer = self.call("POST", "/api/v1/tasks", body=submission.tasks[0].body())
            found = [answer.get("task_id")]
        if None in found or len(found) != len(submission.tasks):
            return self.expect(False, f"not taken: {submission} {locals().get('answer')}")
        self.counts["taken"] += len(found)
        self.tasks.update(zip(found, submission.tasks))
        for identifier, task in zip(found, submission.tasks):
            if task.is_cancelled:
                time.sleep(self.generator.random.choice([0, 0, 0.05, 0.3]))
                status, answer = self.call("DELETE", f"/api/v1/tasks/{identifier}")
                late = status == 409 and answer["error"]["code"] == "NOT_CANCELLABLE"
                self.expect(status == 200 or late, f"not cancelled: {status} {answer}")
                task.is_cancelled = status == 200

    def refused(self, submission):
        """By somebody of whom nothing else is asked: what is held or spent shows in the balance."""
        path = "/api/v1/jobs" if submission.way == "job" else "/api/v1/tasks"
        status, answer = self.call("POST", path, CAREFUL, submission.body, submission.headers)
        code = answer.get("error", {}).get("code")
        self.expect(
            400 <= status < 500 and code in submission.codes and answer["error"]["message"],
            f"{status} {answer} for {str(submission)[:500]}")
        _, found = self.call("GET", f"/api/v1/users/{CAREFUL}/balances", CAREFUL)
        self.expect(
            found["balances"]["USD"] == {"total": 1000000, "available": 1000000, "locked": 0},
            f"{found} after {submission}")
        self.counts["refused"] += 1

    def by_control(self, task):
        words = ["submit", "--runner", task.runner, "--timeout", "2m", "--attempts", "1"]
        for name, value in task.arguments.items():
            text = value if isinstance(value, str) else json.dumps(value)
            looks_odd = re.fullmatch(r'-?\d+|true|false|".*"', text, re.DOTALL) is not None
            words.append(f'--arg={name}="{value}"' if isinstance(value, str) and looks_odd else f"--arg={name}={text}")
        if task.cpu_milli:
            words.append(f"--cpu={task.cpu_milli / 1000}")
        if task.job:
            words.append(f"--job={task.job}")
        if task.input is not None:
            file = self.grid.folder / "input.json"
            file.write_text(json.dumps(task.input))
            words.append(f"--input={file}")
        token = self.grid.sign(CUSTOMER, ("task:submit",), expires_in=7200)
        status, said, error = self.grid.command(
            "neurogridctl", "--url", f"http://{self.grid.address}", "--token", token, *words, check=False)
        self.expect(status == 0, f"neurogridctl {words} ended {status}: {error}")
        self.counts["by neurogridctl"] += 1
        return said.split()[-1] if status == 0 else None

    def unfinished(self):
        return len(self.call("GET", "/api/v1/tasks?state=pending,assigned,running&limit=1000")[1]["tasks"])

    def run(self):
        self.start()
        while self.counts["taken"] + self.counts["refused"] < self.count:
            self.submit(self.generator.submission())
            if (self.counts["taken"] + self.counts["refused"]) % 8 == 0:
                self.awaits(lambda: self.unfinished() < IN_FLIGHT, 120)
        self.awaits(lambda: self.unfinished() == 0, 180)
        # After all that they still work.
        last = Task("record", {"text": "the last", "number": 1})
        self.submit(Submission("rest", [last]))
        self.awaits(lambda: self.unfinished() == 0)
        found, cursor = {}, ""
        while cursor is not None:
            _, page = self.call("GET", f"/api/v1/tasks?limit=200{cursor}")
            found.update((task["task_id"], task) for task in page["tasks"])
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        self.expect(set(found) == set(self.tasks), f"{len(found)} tasks are there, {len(self.tasks)} were taken")
        self.expect(self.grid.coordinator.running and self.agent.running, "a program has ended")
        locked = self.call("GET", f"/api/v1/users/{CUSTOMER}/balances")[1]["balances"]["USD"]["locked"]
        self.expect(locked == 0, f"{locked} is still locked")
        self.stop()
        self.judge(found)

    # MARK: judging

    def judge(self, found):
        calls, unread = traces.read(self.trace)
        self.faults += [f"not understood: {line}" for line in unread]
        guards, by_task, containers, removed = 0, collections.defaultdict(list), set(), []
        for call in calls[1:]:
            variables = dict(text.decode().split("=", 1) for text in call.environment)
            if call.words == GUARD and call.path == b"/proc/self/exe" and call.environment == GUARD_ENVIRONMENT:
                guards += 1
            elif variables.get("NEUROGRID_TASK_ID") in self.tasks:
                by_task[variables["NEUROGRID_TASK_ID"]].append(call)
            elif call.words[1:4] == (b"rm", b"--force", b"--volumes"):
                removed.append(call)
            elif call.words[:2] == READER and call.words[2].isdigit() and call.path == b"/proc/self/exe":
                self.counts["reader"] += 1
            else:
                self.expect(False, f"unexpected: {call}")
        for identifier, task in self.tasks.items():
            containers |= self.judge_task(task, found[identifier], by_task[identifier])
        client = str(self.folder / "docker").encode()
        for call in removed:
            name = call.words[4].decode()
            wanted = (client, b"rm", b"--force", b"--volumes", name.encode())
            self.expect(call.words == wanted and call.path == client and name in containers, f"unexpected: {call}")
            containers.discard(name)
        self.expect(not containers, f"not removed: {containers}")
        noted = [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]
        self.counts["execve"] = len(calls) - 1
        self.counts["ran"] = sum(map(len, by_task.values()))
        runs = self.counts["ran"] + len(removed)
        cancelled = sum(task.is_cancelled for task in self.tasks.values())
        self.expect(runs <= guards <= runs + cancelled, f"{guards} guards for {runs} runs, {cancelled} cancelled")
        called = sum(1 for call in [*removed, *(c for one in by_task.values() for c in one)] if call.path == client)
        self.expect(called - cancelled <= len(noted) <= called, f"{len(noted)} calls of the client, traced {called}")

    def judge_task(self, task, found, calls):
        """What came of one task; the container that it made."""
        identifier, fault = found["task_id"], (found["result"] or {}).get("fault")
        told = f"{task} {found['status']} {found['result']} {calls}"[:3000]
        folders = {text[17:-7] for call in calls for text in map(bytes.decode, call.environment)
                   if text.startswith("NEUROGRID_OUTPUT=")}
        run = pathlib.PurePath(folders.pop()).name if len(folders) == 1 else ""
        try:
            program, words = runners.command_line(
                self.runners, task.runner, task.arguments, identifier, run, task.cpu_milli)
        except runners.Unfit:
            self.counts["rejected by the agent"] += not task.is_cancelled
            self.expect(not calls, f"executed though unfit: {told}")
            ended = found["status"] == "cancelled" if task.is_cancelled else fault == "rejected"
            self.expect(ended, f"unfit, not rejected: {told}")
            return set()
        self.expect(len(calls) <= 1 and len(calls) >= (not task.is_cancelled), f"executed {len(calls)} times: {told}")
        for call in calls:
            self.expect(re.fullmatch(re.escape(identifier) + r"\.\d+\.0", run), f"run {run} of {told}")
            self.expect(
                call.path.decode() == program and call.words == tuple(word.encode() for word in words),
                f"wanted {words}: {told}")
            wanted = runners.environment(
                self.runners, task.runner, identifier, f"{self.state}/runs/{run}", f"{self.state}/progress.sock")
            self.expect(
                set(call.environment) == {f"{key}={value}".encode() for key, value in wanted.items()}
                and len(call.environment) == len(wanted), f"wanted {wanted}: {told}")
        if task.is_cancelled:
            self.counts["cancelled"] += 1
            self.expect(found["status"] == "cancelled", told)
        else:
            self.judge_end(task, found, fault, told)
        return {f"neurogrid-{run.replace('.', '-')}"} if task.runner == "docker" and calls else set()

    def judge_end(self, task, found, fault, told):
        wanted = None
        if task.runner in ("absent", "noprogram"):
            wanted = "spawn"
        elif task.runner == "selftest" and task.arguments.get("fail"):
            wanted = "exit_status"
        self.expect(fault == wanted and found["status"] == ("failed" if wanted else "completed"), told)
        if fault is None and task.runner in ("record", "account"):
            wrong = runners.result_fault(self.runners, task.runner, task.arguments, found["result"], task.input)
            self.expect(wrong is None, f"{wrong}: {told}")
        if fault is None and task.runner == "selftest" and "output" in task.arguments:
            self.expect(found["result"]["output"].get("output") == task.arguments["output"], told)


def siege(grid, count, seed):
    """(counts, faults) of so many specifications."""
    campaign = Campaign(grid, count, seed)
    try:
        campaign.run()
    finally:
        campaign.kill()
    return campaign.counts, campaign.faults


def row(counts, seed, faults):
    return (
        f"| {counts['taken'] + counts['refused']} specifications, seed {seed} | {counts['refused']} refused | "
        f"{counts['rejected by the agent']} rejected by the agent | {counts['cancelled']} cancelled | "
        f"{counts['ran']} ran | "
        f"{counts['by neurogridctl']} by neurogridctl | {counts['execve']} execve | {len(faults)} unexpected |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not shutil.which("strace"):
        print("strace is needed", file=sys.stderr)
        return 69
    with Grid(**CONFIGURATION) as grid:
        counts, faults = siege(grid, options.count, options.seed)
    print(row(counts, options.seed, faults))
    for fault in faults[:20]:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""What a campaign sees of tasks without asking the programs under test: their processes, and events as they come."""

import collections
import http.client
import json
import os
import select
import threading
import time


class Run:
    """One process of a task, with the monotonic times between which it can have lived."""

    def __init__(self, task, node, begin):
        self.task, self.node, self.begin = task, node, begin
        self.end = None


def _started(pid, first_line):
    """When a process began, a clock tick early at most; what it said itself, where it is gone already."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            ticks = int(stat.read().rpartition(b")")[2].split()[19])
    except FileNotFoundError:
        return first_line
    asleep = time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    return ticks / os.sysconf("SC_CLK_TCK") - asleep


class Eyes:
    """Looks for the files of `witness.py` and waits for the ends of the processes that made them, by their pidfds."""

    PAUSE_MILLISECONDS = 5

    def __init__(self, folder):
        self.folder = folder
        self.found = {}
        self.poll = select.poll()
        self.alive = {}
        self.is_closed = False
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self):
        while not self.is_closed:
            for path in self.folder.glob("run_*"):
                if path.name not in self.found:
                    self._take(path)
            if not self.alive:
                time.sleep(self.PAUSE_MILLISECONDS / 1000)
            for descriptor, _ in self.poll.poll(self.PAUSE_MILLISECONDS) if self.alive else ():
                self.alive.pop(descriptor).end = time.monotonic()
                self.poll.unregister(descriptor)
                os.close(descriptor)

    def _take(self, path):
        line = path.read_text().partition("\n")[0]
        if not line:
            return
        _, task, node, pid = path.name.split("_")
        run = Run(task, node, _started(int(pid), float(line)))
        try:
            descriptor = os.pidfd_open(int(pid))
        except ProcessLookupError:
            run.end = time.monotonic()
        else:
            self.alive[descriptor] = run
            self.poll.register(descriptor, select.POLLIN)
        self.found[path.name] = run

    def all(self):
        """Every run seen so far."""
        return list(self.found.values())

    def runs(self, task):
        """The runs of a task in the order in which they began."""
        return sorted((run for run in self.all() if run.task == task), key=lambda run: run.begin)

    def run(self, task, node):
        """The first run of a task on a node, or None."""
        return next((run for run in self.runs(task) if run.node == node), None)

    def close(self):
        self.is_closed = True
        self.thread.join()


class Stream:
    """The room `tasks`, read for an administrator as Server-Sent Events; each event with the time at which it came."""

    def __init__(self, grid):
        self.assignments = collections.defaultdict(list)
        connection = http.client.HTTPConnection(*grid.host_and_port)
        connection.request(
            "GET", "/events?rooms=tasks", headers={"Authorization": f"Bearer {grid.sign('root', ('admin',))}"})
        self.response = connection.getresponse()
        assert self.response.status == 200, self.response.status
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while line := self.response.readline():
            if line.startswith(b"data:"):
                event = json.loads(line[5:])
                if event["type"] == "task_assigned":
                    data = event["data"]
                    self.assignments[data["task_id"]].append((data["node_id"], time.monotonic()))

    def assigned(self, task, node):
        """When a task was assigned to a node for the first time, or None."""
        return next((at for where, at in list(self.assignments[task]) if where == node), None)


def agent_says(agent, message, **fields):
    """The lines of an agent's JSON log with that message and those fields."""
    for line in agent.log_text().splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if said.get("message") == message and all(said.get(name) == value for name, value in fields.items()):
            yield said

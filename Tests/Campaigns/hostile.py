"""A siege: hostile sockets of every kind, while honest subscribers go on and readiness is asked for.

Usage: hostile.py [--sockets 1000] [--seconds 30] [--json]. Starts its own coordinator; NEUROGRID_BIN names the folder
of the programs (`neurogrid-load` among them). Prints one row of a table; ends with 1 where a bound was broken:
resident memory grows at most 64 MiB, the subscribers' p99 at most doubles, every look at /readyz finds 200, and no
delivery is lost, doubled or altered.
"""

import argparse
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Clients" / "python"))

from grid import BINARIES, Grid  # noqa: E402

GROWTH_LIMIT = 64 << 20
# A p99 below this is noise of the machine, not the server's; so is the growth up to it.
QUIET_MILLISECONDS = 5.0
# Nothing of an address's own limits: all attackers and honest clients come from one.
# All come from one address, and every reading is told: the more there is to do, the more shows.
WITHOUT_ADDRESS_LIMITS = {
    "connections_per_ip_per_minute": 0, "connections_per_ip": 0, "broadcast": {"nodes": "0s"},
}


def pin_apart(grid):
    """The coordinator on the first processor, whoever measures or attacks it on the others: an attacker's own work is
    not what is measured. Does nothing where there is one processor only."""
    processors = sorted(os.sched_getaffinity(0))
    if len(processors) < 2:
        return
    for thread in os.listdir(f"/proc/{grid.coordinator.process.pid}/task"):
        os.sched_setaffinity(int(thread), processors[:1])
    os.sched_setaffinity(0, processors[1:])


class Watch:
    """Looks at the coordinator's memory and readiness until it is told to stop."""

    def __init__(self, grid):
        self.grid = grid
        self.pid = grid.coordinator.process.pid
        self.highest = self.resident()
        self.looks = 0
        self.red = []
        self.slowest = 0.0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def resident(self):
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def _run(self):
        while not self.ended.wait(0.1):
            self.highest = max(self.highest, self.resident())
            began = time.monotonic()
            try:
                connection = http.client.HTTPConnection(*self.grid.host_and_port, timeout=5)
                connection.request("GET", "/readyz")
                status = connection.getresponse().status
                connection.close()
            except OSError as error:
                status = repr(error)
            self.looks += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
            if status != 200:
                self.red.append(status)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def honest(grid, seconds, agents=20, subscribers=20, rate=10):
    """The latency that honest subscribers see of agents that send so many samples a second, each."""
    run = subprocess.run(
        [str(BINARIES / "neurogrid-load"), "nodes", "--target", grid.address, "--data-dir", str(grid.data),
         "--token", grid.mint(), "--agents", str(agents), "--subscribers", str(subscribers), "--rate", str(rate),
         "--pid", str(grid.coordinator.process.pid), "--measure", f"{seconds}s"],
        capture_output=True, text=True, timeout=seconds + 150, stdin=subprocess.DEVNULL)
    if run.returncode != 0:
        raise AssertionError(f"the honest run failed: {run.stderr.strip()} {run.stdout.strip()}")
    return json.loads(run.stdout)


def siege(grid, sockets, seconds, seconds_before=None):
    """One siege of a running grid: what was measured, and the bounds that were broken."""
    before = honest(grid, seconds_before or seconds)
    token = grid.mint("attacker", "node:read")
    attackers = subprocess.Popen(
        ["nice", "-n", "19", sys.executable, str(HERE / "attacks.py"), grid.address, str(sockets), token],
        stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    try:
        with Watch(grid) as watch:
            resident = watch.highest
            if attackers.stdout.readline() != "ready\n":
                raise AssertionError("the attackers did not begin")
            during = honest(grid, seconds)
        attackers.send_signal(signal.SIGTERM)
        met = json.loads(attackers.communicate(timeout=60)[0])
    finally:
        attackers.kill()
        attackers.wait()
    result = {
        "run": "hostile", "sockets": sockets, "kinds": met["kinds"], "seconds": seconds,
        "rss_before_bytes": resident, "rss_growth_bytes": watch.highest - resident,
        "p99_before_ms": before["measured"]["latency_us"]["p99"] / 1000,
        "p99_during_ms": during["measured"]["latency_us"]["p99"] / 1000,
        "server_cpu_share_before": before["measured"]["server_cpu_share"],
        "server_cpu_share_during": during["measured"]["server_cpu_share"],
        "lost": during["lost"], "duplicate": during["duplicate"], "altered": during["altered"],
        "looks": watch.looks, "red": len(watch.red), "slowest_look_ms": watch.slowest * 1000, "met": met["seen"],
    }
    return result, broken_bounds(result, met["faults"], watch.red)


def broken_bounds(result, faults, red):
    broken = []
    if faults:
        broken.append(f"the attackers themselves failed: {faults}")
    if result["rss_growth_bytes"] > GROWTH_LIMIT:
        broken.append(f"resident memory grew by {result['rss_growth_bytes'] >> 20} MiB")
    if result["p99_during_ms"] > max(2 * result["p99_before_ms"], QUIET_MILLISECONDS):
        broken.append(f"p99 went from {result['p99_before_ms']:.2f} ms to {result['p99_during_ms']:.2f} ms")
    if red or result["looks"] == 0:
        broken.append(f"/readyz: {red[:5]} in {result['looks']} looks")
    return broken


HEADS = ["sockets", "kinds", "RSS before MB", "grew MB", "p99 before ms", "p99 during ms", "CPU before", "CPU during",
         "/readyz: looks", "not 200", "slowest ms", "connections", "faults"]


def row(result):
    cells = [
        f"{result['sockets']:,}", result["kinds"], f"{result['rss_before_bytes'] / 1e6:.1f}",
        f"{result['rss_growth_bytes'] / 1e6:.1f}", f"{result['p99_before_ms']:.2f}", f"{result['p99_during_ms']:.2f}",
        f"{result['server_cpu_share_before']:.2f}", f"{result['server_cpu_share_during']:.2f}", result["looks"],
        result["red"], f"{result['slowest_look_ms']:.0f}", f"{result['met'].get('connections', 0):,}",
        result["lost"] + result["duplicate"] + result["altered"],
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--json", action="store_true", help="the figures instead of the row")
    options = parser.parse_args()
    with Grid(limits=WITHOUT_ADDRESS_LIMITS) as grid:
        pin_apart(grid)
        result, broken = siege(grid, options.sockets, options.seconds)
    if options.json:
        print(json.dumps(result))
    else:
        print("| " + " | ".join(HEADS) + " |\n" + "|---" * len(HEADS) + "|\n" + row(result))
    for sentence in broken:
        print(f"hostile: {sentence}", file=sys.stderr)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()

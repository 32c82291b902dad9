"""What the agent says of this machine, against psutil's own reading of it over the very same time."""

import asyncio
import bisect
import multiprocessing
import os
import pathlib
import socket
import threading
import time

import psutil
from checks import Checks
from check_authentication import no_limits
from grid import Grid
from native import Client, seconds_of

check = Checks("readings")
GIB = 2**30
MIB = 2**20
SAMPLES = 8


def physical(kind):
    """The names under /sys/class that stand for hardware."""
    return {path.name for path in pathlib.Path(f"/sys/class/{kind}").iterdir() if (path / "device").exists()}


class Recorder(threading.Thread):
    """Reads the machine's counters twenty times a second, so that they can be told for any moment between."""

    def __init__(self):
        super().__init__(daemon=True)
        self.times, self.rows = [], []
        self.stopped = threading.Event()
        self.networks, self.disks = physical("net"), physical("block")

    def run(self):
        while not self.stopped.wait(0.05):
            row = self.read()
            self.times.append(time.time())
            self.rows.append(row)

    def read(self):
        cpu = psutil.cpu_times()
        total = sum(cpu) - getattr(cpu, "guest", 0) - getattr(cpu, "guest_nice", 0)
        networks = psutil.net_io_counters(pernic=True)
        disks = psutil.disk_io_counters(perdisk=True) or {}
        memory = psutil.virtual_memory()
        return (
            total - cpu.idle - cpu.iowait,
            total,
            sum(networks[name].bytes_recv for name in self.networks if name in networks),
            sum(networks[name].bytes_sent for name in self.networks if name in networks),
            sum(disks[name].read_bytes for name in self.disks if name in disks),
            sum(disks[name].write_bytes for name in self.disks if name in disks),
            memory.total - memory.available,
        )

    def at(self, moment):
        """The counters at that moment, interpolated."""
        index = bisect.bisect_left(self.times, moment)
        assert 0 < index < len(self.times), "the moment was not recorded"
        before, after = self.rows[index - 1], self.rows[index]
        share = (moment - self.times[index - 1]) / (self.times[index] - self.times[index - 1])
        return [low + (high - low) * share for low, high in zip(before, after)]


def _spin(end):
    while time.monotonic() < end:
        pass


def _write(folder, end):
    """Writes about 8 MB a second to the disk itself and reads it back."""
    path = pathlib.Path(folder) / "traffic"
    block = os.urandom(2 * MIB)
    while time.monotonic() < end:
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        os.write(descriptor, block)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
        path.read_bytes()
        time.sleep(0.2)


def _talk(end):
    """Sends about 200 kB a second to an address reserved for documentation, which no network carries further."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
        while time.monotonic() < end:
            try:
                talker.sendto(b"x" * 1000, ("192.0.2.1", 9))
            except OSError:
                return
            time.sleep(0.005)


def within(ours, theirs, share, slack):
    return abs(ours - theirs) <= max(share * theirs, slack)


@check
async def a_busy_machine(grid):
    recorder = Recorder()
    recorder.start()
    end = time.monotonic() + SAMPLES + 6
    # Beside the product and not below it: nothing that it reads depends on who caused it.
    work = [
        multiprocessing.Process(target=_spin, args=(end,), daemon=True),
        multiprocessing.Process(target=_write, args=(str(pathlib.Path.cwd() / ".build"), end), daemon=True),
        multiprocessing.Process(target=_talk, args=(end,), daemon=True),
    ]
    for process in work:
        process.start()
    try:
        async with Client(grid.url) as client:
            await client.authenticate(grid.sign())
            await client.join("nodes")
            events = [await client.expect("node_metrics", timeout=15) for _ in range(SAMPLES + 2)]
        await asyncio.sleep(0.2)
    finally:
        recorder.stopped.set()
        for process in work:
            process.kill()
        pathlib.Path(".build/traffic").unlink(missing_ok=True)
    samples = [event["data"] for event in events[1:]]
    moments = [seconds_of(sample["timestamp"]) for sample in samples]
    start, finish = recorder.at(moments[0]), recorder.at(moments[-1])
    theirs = [after - before for before, after in zip(start, finish)]
    later = [sample["metrics"] for sample in samples[1:]]

    ours = sum(sample["cpu_usage"] for sample in later) / len(later)
    reference = 100 * theirs[0] / theirs[1]
    print(f"cpu_usage {ours:.1f} %, psutil {reference:.1f} %")
    assert abs(ours - reference) <= 10

    for sample, moment in zip(later, moments[1:]):
        reference = recorder.at(moment)[6] / GIB
        assert within(sample["ram_usage"], reference, 0.05, 0.02), (sample["ram_usage"], reference)
    print(f"ram_usage {later[-1]['ram_usage']} GB, psutil {finish[6] / GIB:.2f} GB")

    totals = {
        "bytes_in": (sum(sample["network_io"]["bytes_in"] or 0 for sample in later), theirs[2], 10_000),
        "bytes_out": (sum(sample["network_io"]["bytes_out"] or 0 for sample in later), theirs[3], 10_000),
        "read_mb": (sum(sample["disk_io"]["read_mb"] or 0 for sample in later), theirs[4] / MIB, 1),
        "write_mb": (sum(sample["disk_io"]["write_mb"] or 0 for sample in later), theirs[5] / MIB, 1),
    }
    for name, (mine, reference, slack) in totals.items():
        print(f"{name} {mine:.1f}, psutil {reference:.1f}")
        assert within(mine, reference, 0.10, slack), (name, mine, reference)


if __name__ == "__main__":

    class WithNode(Grid):
        def __enter__(self):
            super().__enter__()
            self.start_agent()
            return self

    check.run(lambda: WithNode(limits=no_limits()))

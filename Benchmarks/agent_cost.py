"""What a running agent costs, its children included, as Markdown: agent_cost.py PID SECONDS PROGRAM"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SETTLE_SECONDS = 3
STEP_SECONDS = 5


def family(pid):
    """The process and everything it started."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def processor_seconds(pid):
    """Time on a processor, of all threads, in nanosecond steps: /proc/PID/stat's ticks are too coarse here."""
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def rollup(pid, key):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"no {key} of {pid}")


def stripped_bytes(program):
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "stripped"
        shutil.copy(program, copy)
        subprocess.run(["strip", str(copy)], check=True)
        return copy.stat().st_size


def libraries(program):
    lines = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.split()[0].rpartition("/")[2] for line in lines]


def main():
    pid, seconds, program = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    time.sleep(SETTLE_SECONDS)
    processes = family(pid)
    began, before = time.monotonic(), {process: processor_seconds(process) for process in processes}
    highest = 0
    while time.monotonic() < began + seconds:
        time.sleep(min(STEP_SECONDS, max(0.0, began + seconds - time.monotonic())))
        highest = max(highest, sum(rollup(process, "Pss") for process in processes))
    elapsed = time.monotonic() - began
    spent = {process: processor_seconds(process) - before[process] for process in processes}
    assert family(pid) == processes, "a process of the agent came or went"
    print("\n### Agent at 1 s with 8 GPUs\n\n| | Agent | NVML's process | Together |\n|---|---|---|---|")
    shares = [100 * spent[process] / elapsed for process in processes]
    print("| processor, % of one | " + " | ".join(f"{share:.3f}" for share in shares + [sum(shares)]) + " |")
    for key in ("Pss", "Private_Dirty", "Rss"):
        sizes = [rollup(process, key) / 1e6 for process in processes]
        print(f"| {key}, MB | " + " | ".join(f"{size:.1f}" for size in sizes + [sum(sizes)]) + " |")
    print(f"\nHighest summed Pss {highest / 1e6:.1f} MB over {elapsed:.0f} s.")
    print(f"The program has {stripped_bytes(program) / 1e6:.1f} MB stripped; its shared libraries:")
    print(", ".join(libraries(program)) + ".")


main()

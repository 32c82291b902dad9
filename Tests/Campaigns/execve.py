"""What tasks make a host execute: a fuzz of task specifications under strace.

Usage: execve.py [--count 400] [--seed 1] [--json]. Needs strace; NEUROGRID_BIN names the folder of `runner-child`, which
plays the agent. Three runners are allow-listed; their tasks bring made-up arguments, full of what a shell, an option
parser or a template would fall for. Every execve that the kernel saw must be the guard, or a runner's program with just
the words that follow from its template and the arguments of a task that was let through, each as often as such tasks
were. Prints one row of a table; ends with 1 where anything else was executed, or too little was tried.
"""

import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import traces

GUARD = (b"neurogrid-agent", b"task-guard")
SELFTEST = ("seconds", "steps", "seed", "rounds", "fail", "output")


def text(value):
    """An argument as a word holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def expected(runner, arguments):
    """The words that a task's arguments make, worked out here from what docs/runners.md says."""
    given = {name: text(value) for name, value in arguments}
    if runner == "echo":
        words = ["/bin/echo", "--text=" + given["text"], given["word"], "n" + given["number"],
                 given["flag"] + given["text"]]
    elif runner == "command":
        words = [given["program"]]
        number = 1
        while f"argument_{number}" in given:
            words.append(given[f"argument_{number}"])
            number += 1
    else:
        words = ["neurogrid-agent", "selftest"] + [f"--{name}={given[name]}" for name in SELFTEST if name in given]
    return tuple(word.encode() for word in words)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    strace = shutil.which("strace")
    if not strace:
        print("strace is needed", file=sys.stderr)
        return 69
    child = pathlib.Path(os.environ.get("NEUROGRID_BIN", ".build/debug")) / "runner-child"
    with tempfile.TemporaryDirectory(prefix="ng-") as folder:
        trace = pathlib.Path(folder, "trace")
        run = subprocess.run(
            [strace, *traces.OPTIONS, "-o", trace, child.resolve(), "fuzz", folder, str(options.seed),
             str(options.count)], capture_output=True, check=False)
        tasks = [json.loads(line) for line in run.stdout.splitlines()]
        calls, unread = traces.read(trace)
    faults = [f"not understood: {line}" for line in unread]
    if run.returncode != 0 or len(tasks) != options.count:
        faults.append(f"{len(tasks)} of {options.count} tasks, status {run.returncode}: {run.stderr[-500:]!r}")
    wanted = collections.Counter(
        expected(task["runner"], task["arguments"]) for task in tasks if task["fault"] != "rejected")
    # The first is the program under test itself.
    got = collections.Counter(words for _, words, _, _ in calls[1:] if words != GUARD)
    guards = sum(1 for _, words, _, _ in calls[1:] if words == GUARD)
    for words, count in sorted((got - wanted).items()):
        faults.append(f"executed {count} times though nobody asked: {words}")
    for words, count in sorted((wanted - got).items()):
        faults.append(f"not executed {count} times: {words}")
    for path, words, _, _ in calls[1:]:
        own = words == GUARD or words[:2] == (b"neurogrid-agent", b"selftest")
        if path != (b"/proc/self/exe" if own else words[0]):
            faults.append(f"{path} executed as {words}")
    if guards != sum(wanted.values()):
        faults.append(f"{guards} guards for {sum(wanted.values())} runs")
    run_count, rejected = sum(wanted.values()), len(tasks) - sum(wanted.values())
    if min(run_count, rejected) < options.count // 10:
        faults.append(f"only {run_count} ran and {rejected} were rejected: the fuzz shows little")
    if options.json:
        print(json.dumps({"tasks": len(tasks), "ran": run_count, "rejected": rejected, "faults": faults}))
    else:
        print(f"| {len(tasks)} specifications | {run_count} run | {rejected} rejected | "
              f"{len(calls) - 1} execve | {len(faults)} unexpected |")
        for fault in faults[:20]:
            print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""The program of a task that can be watched: it leaves a file of its own, named by its task, node and process, with the
monotonic time of each moment at which it lived, and ends well once it is told to.

    witness.py FOLDER NODE KIND

It ends when FOLDER/finish-TASK is there; as KIND `stubborn` it ignores SIGTERM.
"""

import json
import os
import pathlib
import signal
import sys
import time

PAUSE_SECONDS = 0.01
LEAST_SECONDS = 0.5


def main():
    folder, node, kind = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    if kind == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    task = os.environ["NEUROGRID_TASK_ID"]
    began = time.monotonic()
    with open(folder / f"run_{task}_{node}_{os.getpid()}", "w", buffering=1) as lines:
        while True:
            now = time.monotonic()
            lines.write(f"{now}\n")
            if now - began >= LEAST_SECONDS and (folder / f"finish-{task}").exists():
                break
            time.sleep(PAUSE_SECONDS)
    pathlib.Path(os.environ["NEUROGRID_OUTPUT"]).write_text(json.dumps({"node": node}))


if __name__ == "__main__":
    main()

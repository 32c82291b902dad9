"""Tells how far a task is, from within it. Standard library alone: this file may be copied into a task.

    from neurogrid.progress import Progress, tell
    tell(5, stage="load")
    for batch in Progress(batches, desc="train"): ...      # wherever tqdm is called so, this can be
"""

import json
import os
import socket
import time


def tell(percent, stage=None, message=None, eta_seconds=None):
    """Tells 0 to 100 percent, and seconds to the end; does nothing where no agent listens, as when run by hand.

    Raises `ValueError` for what the agent refuses, `OSError` where it does not answer within 2 s.
    """
    line = {"percent": percent, "stage": stage, "message": message, "eta_seconds": eta_seconds}
    path = os.environ.get("NEUROGRID_PROGRESS_SOCKET")
    if not path:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(2)
        sender.bind("")  # An address of its own, picked by the kernel, so that the agent can answer.
        sender.sendto(json.dumps({key: value for key, value in line.items() if value is not None}).encode(), path)
        answer = sender.recv(512).decode()
    if answer != "ok":
        raise ValueError(answer)


class Progress:
    """Is called as tqdm is: around an iterable, or with `total` and `update`. Tells every whole percent."""

    def __init__(self, iterable=None, desc=None, total=None, **_):
        self.iterable, self.desc, self.n, self.told, self.started = iterable, desc, 0, -1, time.monotonic()
        self.total = total if total is not None or not hasattr(iterable, "__len__") else len(iterable)

    def update(self, n=1):
        """So many more of `total` are done."""
        self.n += n
        percent = min(100, int(100 * self.n / self.total)) if self.total else 0
        if percent > self.told:
            self.told = percent
            left = (time.monotonic() - self.started) * (self.total - self.n) / self.n if self.n and self.total else None
            tell(percent, self.desc, f"{self.n}/{self.total or '?'}", None if left is None else max(0, left))

    def set_description(self, desc=None, refresh=True):
        """Names what is being done from now on."""
        self.desc, self.told = desc, self.told - 1 if refresh else self.told
        self.update(0)

    def close(self):
        """Nothing is held open."""

    def __iter__(self):
        self.update(0)
        for item in self.iterable:
            yield item
            self.update()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

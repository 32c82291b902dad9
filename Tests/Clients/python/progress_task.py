"""A task that tells its progress with the library. Argument: where the library is installed."""

import os
import sys
import time

sys.path.insert(0, sys.argv[1])

from neurogrid.progress import Progress, tell  # noqa: E402

tell(0, stage="load", message="reading", eta_seconds=3)
for _ in Progress(range(200), desc="train"):
    # Longer, in all, than the agent keeps progress to itself: 500 ms.
    time.sleep(0.01)
with Progress(total=4, desc="save") as bar:
    for _ in range(2):
        bar.update(2)
try:
    tell(101)
except ValueError as refusal:
    print("refused:", refusal)
else:
    sys.exit("101 percent was taken")
path = os.environ.pop("NEUROGRID_PROGRESS_SOCKET")
tell(5)
assert path

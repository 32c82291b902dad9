"""A few made-up task specifications against a whole grid under strace: what the kernel sees is what was asked for."""

import pathlib
import sys

from checks import Checks
from grid import Grid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Campaigns"))

import tasks  # noqa: E402

check = Checks("execve")
SEED = 1


@check
def forty_specifications_execute_what_they_may(grid):
    counts, faults = tasks.siege(grid, 40, SEED)
    print(tasks.row(counts, SEED, faults))
    assert not faults, "\n".join(faults[:10])
    # A fuzz that lets nothing through, or everything, shows little.
    assert counts["ran"] >= 10 and counts["refused"] >= 4 and counts["rejected by the agent"] >= 2, counts


if __name__ == "__main__":
    check.run(lambda: Grid(**tasks.CONFIGURATION))

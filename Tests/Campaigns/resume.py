#!/usr/bin/env python3
"""The long form of check_resume: random disconnects and kill -9 of the coordinator under a load of notifications.

    .build/venv/bin/python Tests/Campaigns/resume.py --disconnects 200 --kills 20

Prints one line. Ends with 1 if anything promised was lost, doubled or misplaced.
"""

import argparse
import asyncio
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Clients" / "python"))

from check_authentication import no_limits  # noqa: E402
from grid import Grid  # noqa: E402
from resuming import Run  # noqa: E402


async def campaign(grid, options):
    async with Run(grid, readers=options.readers, senders=options.senders, longest_absence=options.absence) as run:
        kills = sorted(random.sample(range(1, options.disconnects), options.kills))
        for goal in [*kills, options.disconnects]:
            await run.disconnect(goal - run.disconnects)
            run.fail_early()
            if run.kills < options.kills:
                await run.kill()
        await run.until_quiet()
        return run.verdict()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--disconnects", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--senders", type=int, default=3)
    parser.add_argument("--absence", type=float, default=0.4, help="seconds a reader stays away at most")
    parser.add_argument("--loops", type=int, default=0, help="the coordinator's loops, 0 for one a core")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not 0 <= options.kills < options.disconnects:
        parser.error("there are more disconnects than kills")
    random.seed(options.seed)
    with Grid(limits=no_limits(), loops=options.loops) as grid:
        print(f"resume: seed {options.seed}: {asyncio.run(campaign(grid, options))}")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as failure:
        print(f"resume: FAILED: {failure}")
        sys.exit(1)

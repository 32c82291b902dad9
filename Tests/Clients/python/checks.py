"""Named checks, run one after the other; the script fails if one of them does."""

import asyncio
import inspect
import sys
import traceback


# The longest check that says nothing of it waits for two leases.
PATIENCE = 60


class Checks:
    def __init__(self, title, patience=PATIENCE):
        self.title = title
        self.patience = patience
        self.functions = []

    def __call__(self, function):
        """Registers a check; its name is what it says."""
        self.functions.append(function)
        return function

    def within(self, seconds):
        """Registers a check that may take so long."""
        def register(function):
            function.seconds = seconds
            return self(function)
        return register

    def run(self, make_grid):
        """Runs all checks against one grid and ends the process."""
        failures = 0
        with make_grid() as grid:
            for function in self.functions:
                name = function.__name__.replace("_", " ")
                try:
                    result = function(grid)
                    if inspect.isawaitable(result):
                        asyncio.run(_bounded(result, getattr(function, "seconds", self.patience)))
                    print(f"ok    {self.title}: {name}", flush=True)
                except Exception:
                    failures += 1
                    print(f"FAIL  {self.title}: {name}\n{traceback.format_exc()}", flush=True)
            if failures:
                grid.show_logs()
        print(f"{self.title}: {len(self.functions) - failures} of {len(self.functions)} checks passed", flush=True)
        sys.exit(1 if failures else 0)


async def _bounded(check, seconds):
    # No check may hang.
    await asyncio.wait_for(check, seconds)

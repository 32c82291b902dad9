"""What the checks of the Python library share: where it is, and a diary of what a client tells.

Nothing here imports the library before a check has said which: `Installed` puts an installed one in its path.
"""

import asyncio
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
LIBRARY = ROOT / "Clients" / "python"
SOURCES = LIBRARY / "src"
JSON = {"Content-Type": "application/json"}
# Impatient, and as often as it likes: a restarting coordinator refuses more attempts than eight in no time.
QUICK = {"reconnect_delay": 0.1, "connections_per_minute": 0, "connect_options": {"proxy": None}}


class Installed:
    """The library, installed by pip in a folder of its own as an application installs it, with no network."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ng-py-"))
        self.site = self.folder / "site"
        # A build writes into the sources it builds: so a copy is built.
        copy = self.folder / "source"
        shutil.copytree(LIBRARY, copy, ignore=shutil.ignore_patterns("*.egg-info", "build", "__pycache__"))
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
             "--disable-pip-version-check", "--target", str(self.site), str(copy)], check=True)
        sys.path.insert(0, str(self.site))

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def quick(**more):
    from neurogrid import Settings

    return Settings(**{**QUICK, **more})


async def notify(grid, title):
    body = json.dumps({"title": title, "message": "to all"})
    status, _, answer = await asyncio.to_thread(
        grid.request, "/api/v1/notifications", grid.sign("root", ["admin"]), "POST", JSON, body)
    assert status == 201, (status, answer)
    return json.loads(answer)


def restart(grid):
    """As after a power cut. On this thread: the process would die with another one."""
    address = grid.address
    grid.coordinator.kill()
    grid.start_coordinator(address)


class Diary:
    """Everything a client tells."""

    def __init__(self, client):
        self.events = []
        self.changed = asyncio.Event()
        client.on("*", self.write)

    def write(self, event):
        self.events.append(event)
        self.changed.set()

    def of(self, *types):
        return [event for event in self.events if event.type in types]

    async def until(self, holds, patience=100):
        async def wait():
            while not (found := holds()):
                self.changed.clear()
                await self.changed.wait()
            return found

        try:
            return await asyncio.wait_for(wait(), patience)
        except TimeoutError:
            raise AssertionError([event.type for event in self.events]) from None

    async def expect(self, type, where=lambda event: True):
        return (await self.until(lambda: [event for event in self.of(type) if where(event)]))[0]

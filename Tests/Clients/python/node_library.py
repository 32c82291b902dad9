"""Runs node's tests of the JavaScript library beside a grid, and does to the grid what they ask for."""

import asyncio
import contextlib
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from websockets.exceptions import ConnectionClosed

from grid import die_with_parent
from publisher import Publisher

ROOT = pathlib.Path(__file__).resolve().parents[3]
LIBRARY = ROOT / "Clients" / "javascript"
TESTS = ROOT / "Tests" / "Clients" / "javascript" / "library"
# Where Debian has what the tests, and only they, need beside node.
PACKAGES = pathlib.Path("/usr/share/nodejs")
PEERS = ["ws", "react", "react-test-renderer", "typescript", "@types/node"]


class Project:
    """A folder that has the library installed as an application's would: a copy, with its peers beside it."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ng-js-"))
        modules = self.folder / "node_modules"
        shutil.copytree(LIBRARY, modules / "@neurogrid" / "client")
        for name in PEERS:
            if (PACKAGES / name).exists():
                (modules / name).parent.mkdir(parents=True, exist_ok=True)
                (modules / name).symlink_to(PACKAGES / name)
        shutil.copytree(TESTS, self.folder / "tests")
        (self.folder / "package.json").write_text('{"type": "module"}')
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, command, patience=120, **environment):
        """Runs a command there; returns (status, what it said). It dies with this script."""
        process = self.start(command, **environment)
        try:
            said, _ = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            end(process)
            said, _ = process.communicate()
        return process.returncode, said

    def start(self, command, **environment):
        return subprocess.Popen(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, preexec_fn=die_with_parent, start_new_session=True,
            env={**os.environ, "NODE_PATH": str(PACKAGES), **environment},
        )


def end(process):
    """Ends what `Project.start` started, with the processes that node's runner has for each file."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


class Flood:
    """Nodes that send more than a slow reader takes, until they are told to stop."""

    def __init__(self, grid, nodes):
        self.publishers = [Publisher(grid, f"flood-{number}-{time.time()}") for number in range(nodes)]
        self.running = True
        self.failure = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        async def all_of_them():
            await asyncio.gather(*(self._one(it) for it in self.publishers))

        try:
            asyncio.run(all_of_them())
        except Exception as failure:  # Told by `stop`: nobody looks at a thread.
            self.failure = failure

    async def _one(self, publisher):
        # The coordinator may go first.
        with contextlib.suppress(ConnectionClosed):
            async with publisher:
                while self.running:
                    await publisher.sample()
                    await asyncio.sleep(0.01)

    def stop(self):
        self.running = False
        self.thread.join(60)
        if self.failure:
            raise self.failure


class Control:
    """A grid under the control of a test in another process: POST {"operation": …} to `url`."""

    def __init__(self, grid):
        self.grid = grid
        self.flood = None
        control = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                wish = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = control.answer(wish)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def answer(self, wish):
        try:
            return 200, getattr(self, "do_" + wish.pop("operation"))(**wish) or {}
        except Exception as error:  # Whatever it is, the test is to hear of it.
            return 500, {"error": repr(error)}

    def do_where(self):
        return {"url": self.grid.url, "address": self.grid.address}

    def do_token(self, user="user-1", permissions=("task:submit", "node:read"), expires_in=3600):
        return {"token": self.grid.sign(user, permissions, expires_in)}

    def do_notify(self, title):
        status, _, answer = self.grid.request(
            "/api/v1/notifications", token=self.grid.sign("root", ["admin"]), method="POST",
            body=json.dumps({"title": title, "message": "to all"}), headers={"Content-Type": "application/json"})
        assert status == 201, (status, answer)
        return json.loads(answer)

    def do_broadcast(self, **event):
        """To NeuroGraph's clients."""
        status, _, answer = self.grid.request(
            "/api/v1/websocket/broadcast", token=self.grid.sign("speaker", ["broadcast"]), method="POST",
            body=json.dumps(event), headers={"Content-Type": "application/json"})
        assert status == 200, (status, answer)
        return json.loads(answer)

    def do_neurograph(self):
        """Its statistics."""
        return json.loads(self.grid.request("/api/v1/websocket/status", token=self.grid.sign())[2])

    def do_agent(self, name, price=None):
        self.grid.start_agent(name, interval="200ms", price=price)

    def do_submit(self, user, seconds):
        """A job of one task that takes so long, paid for."""
        self.grid.command(
            "neurogrid-coordinator", "deposit", "--data-dir", str(self.grid.data), "--user", user,
            "--currency", "USD", "--amount", "100.00")
        body = {"runner": "selftest", "arguments": {"seconds": seconds, "steps": 5}, "timeout_seconds": 60}
        status, _, answer = self.grid.request(
            "/api/v1/tasks", token=self.grid.sign(user, ["task:submit"]), method="POST", body=json.dumps(body),
            headers={"Content-Type": "application/json"})
        assert status == 201, (status, answer)
        return json.loads(answer)

    def do_nodes(self):
        return json.loads(self.grid.request("/api/v1/nodes", token=self.grid.sign())[2])

    def do_kill(self):
        """As in a power cut, and back on the same port and data."""
        address = self.grid.address
        self.grid.coordinator.kill()
        self.grid.start_coordinator(address)

    def do_drain(self):
        """As an operator would stop it, and back on the same port and data."""
        address = self.grid.address
        assert self.grid.coordinator.stop(60) == 0
        self.grid.start_coordinator(address)

    def do_flood(self, nodes=3):
        self.flood = Flood(self.grid, nodes)

    def do_ebb(self):
        flood, self.flood = self.flood, None
        flood.stop()

    def do_log(self, pattern):
        return {"found": re.findall(pattern, self.grid.coordinator.log_text())}

    def serve(self, process, patience):
        """Answers until the process has ended, or is ended after so many seconds; returns (status, what it said).

        On the calling thread: what it starts would die with another one.
        """
        said = []

        def listen():
            said.append(process.stdout.read())
            process.wait()
            self.server.shutdown()

        # A test that asks for ever would otherwise never tell what it had done until then.
        limit = threading.Timer(patience, end, [process])
        limit.start()
        listener = threading.Thread(target=listen)
        listener.start()
        self.server.serve_forever(poll_interval=0.05)
        limit.cancel()
        listener.join()
        self.server.server_close()
        if self.flood:
            self.do_ebb()
        return process.returncode, said[0]


def passed(output):
    """How many of node's tests passed, and how many there were."""
    figures = dict(re.findall(r"^# (tests|pass) (\d+)$", output, re.MULTILINE))
    return int(figures.get("pass", 0)), int(figures.get("tests", 0))

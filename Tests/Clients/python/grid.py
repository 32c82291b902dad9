"""A grid for the checks: the real programs on free ports of loopback, with everything in a temporary folder.

Nothing here knows the programs beyond their documented commands. Processes die with the script that started them.
"""

import ctypes
import http.client
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import jwt

BINARIES = pathlib.Path(os.environ.get("NEUROGRID_BIN", ".build/debug")).resolve()
PR_SET_PDEATHSIG = 1


def die_with_parent():
    """For a child to call before it becomes another program."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Program:
    """One running daemon and its log. `prepare` is called in the new process before it becomes the program."""

    def __init__(self, name, arguments, log, environment=None, prepare=None):
        def begin():
            die_with_parent()
            if prepare is not None:
                prepare()

        self.name = name
        self.log = pathlib.Path(log)
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                [str(BINARIES / name), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
                preexec_fn=begin,
            )

    @property
    def running(self):
        return self.process.poll() is None

    def kill(self):
        """As a power cut would: no signal handler runs."""
        if self.running:
            self.process.kill()
        self.process.wait()

    def stop(self, timeout=10):
        """As an operator would. Returns the exit status, or None where it had to be killed."""
        if not self.running:
            return self.process.returncode
        self.process.terminate()
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def log_text(self):
        return self.log.read_text(errors="replace")


class Grid:
    """A coordinator with its data directory, and any number of agents."""

    def __init__(self, **configuration):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ng-"))
        self.data = self.folder / "data"
        self.secret = secrets.token_urlsafe(48)
        secret_file = self.folder / "secret"
        secret_file.touch(mode=0o600)
        secret_file.write_text(self.secret)
        self.configuration = {"auth": {"jwt": {"algorithms": ["HS256"], "secret_file": str(secret_file)}}}
        self.configuration.update(configuration)
        self.configuration_file = self.folder / "coordinator.json5"
        self.coordinator = None
        self.address = None
        self.agents = {}

    def __enter__(self):
        try:
            self.start_coordinator()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, error, trace):
        for program in [*self.agents.values(), self.coordinator]:
            if program is not None:
                program.stop()
        if kind is not None:
            self.show_logs()
        shutil.rmtree(self.folder, ignore_errors=True)

    def show_logs(self):
        for log in sorted(self.folder.glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()[-25:]
            print(f"--- {log.name}\n" + "\n".join(lines), file=sys.stderr)

    @property
    def host_and_port(self):
        host, _, port = self.address.rpartition(":")
        return host, int(port)

    @property
    def url(self):
        return f"ws://{self.address}/ws"

    @property
    def agent_url(self):
        return f"ws://{self.address}"

    def start_coordinator(self, listen=None):
        """Starts it, on a free port unless told, and waits until it says that it listens."""
        self.configuration_file.write_text(json.dumps(self.configuration))
        log = self.folder / "coordinator.log"
        already_said = len(log.read_text(errors="replace")) if log.exists() else 0
        self.coordinator = Program(
            "neurogrid-coordinator",
            ["serve", "--config", str(self.configuration_file), "--listen", listen or "127.0.0.1:0",
             "--data-dir", str(self.data)],
            log,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            said = re.search(r"listening on ([0-9.]+:[0-9]+)", self.coordinator.log_text()[already_said:])
            if said:
                self.address = said.group(1)
                return
            if not self.coordinator.running:
                break
            time.sleep(0.02)
        self.show_logs()
        raise RuntimeError("the coordinator does not listen")

    def command(self, name, *arguments, check=True):
        """Runs a program to its end and returns (status, stdout, stderr)."""
        done = subprocess.run(
            [str(BINARIES / name), *arguments], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"{name} {' '.join(arguments)} ended {done.returncode}: {done.stderr}")
        return done.returncode, done.stdout.strip(), done.stderr.strip()

    def enroll(
        self, name="node-1", owner="owner-1", region="eu-west-1", city="Dublin", country="Ireland", price=None
    ):
        """A join token, good for one use."""
        return self.command(
            "neurogrid-coordinator", "enroll", "--data-dir", str(self.data), "--owner", owner, "--name", name,
            "--region", region, "--city", city, "--country", country,
            *([] if price is None else ["--price-per-hour", price]),
        )[1]

    def mint(self, user="user-1", permissions="task:submit,node:read"):
        """A token as an operator mints it."""
        return self.command(
            "neurogrid-coordinator", "token", "--data-dir", str(self.data), "--user", user,
            "--permissions", permissions,
        )[1]

    def sign(self, user="user-1", permissions=("task:submit", "node:read"), expires_in=3600, key=None, algorithm="HS256"):
        """A token as a third party with the shared secret signs it."""
        claims = {"sub": user, "permissions": list(permissions), "exp": int(time.time()) + expires_in}
        return jwt.encode(claims, self.secret if key is None else key, algorithm=algorithm)

    def start_agent(self, name="node-1", join_token=None, environment=None, interval="1s", **enrolment):
        """Starts an agent with the state directory of that name; enrols it first unless told how to join."""
        state = self.folder / f"agent-{name}"
        if join_token is None and not state.exists():
            join_token = self.enroll(name=name, **enrolment)
        join = ["--join-token", join_token] if join_token else []
        quiet = {"NEUROGRID_METRICS_LISTEN": ""}
        self.agents[name] = Program(
            "neurogrid-agent",
            ["run", "--coordinator", self.agent_url, "--state-dir", str(state), "--interval", interval, *join],
            self.folder / f"agent-{name}.log",
            {**quiet, **(environment or {})},
        )
        return self.agents[name]

    def request(self, path, token=None, method="GET", headers=None, body=None):
        """One HTTP request; returns (status, headers, body)."""
        connection = http.client.HTTPConnection(*self.host_and_port, timeout=60)
        try:
            sent = dict(headers or {})
            if token is not None:
                sent["Authorization"] = f"Bearer {token}"
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            body = response.read()
            return response.status, {key.lower(): value for key, value in response.getheaders()}, body
        finally:
            connection.close()

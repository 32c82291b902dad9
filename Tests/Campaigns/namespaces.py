"""A small network of this process's own: it stands in the coordinator's namespace, each agent in another, and a pair of
virtual interfaces links them. Nothing of it is seen outside, and all of it goes when the last of these processes does.

Needs the right to make network namespaces (root, as a rule) and the program `ip` of iproute2.
"""

import ctypes
import os
import shutil
import subprocess

CLONE_NEWNET = 0x40000000
# Where agents reach the coordinator, whichever link they come by.
COORDINATOR = "10.77.0.1"
# An address that no interface has: what is sent to it is on the wire, and nobody takes it.
NOBODY = "02:00:00:00:00:fe"


class Unavailable(Exception):
    """There can be no such network here."""


class IPFault(Exception):
    """The program `ip` would not do it."""


def _call(name, *arguments):
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def enter(namespace):
    """Takes the calling thread into a network namespace, and what it starts with it."""
    _call("setns", namespace, CLONE_NEWNET)


def _make():
    """Makes a namespace and stays in it; its descriptor keeps it alive."""
    _call("unshare", CLONE_NEWNET)
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class Network:
    """The coordinator's namespace, which this process enters for good, and one for each agent.

    To be made before there is a second thread. Raises Unavailable where this machine does not let it.
    """

    def __init__(self, agents):
        self.ip = shutil.which("ip", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin")
        if self.ip is None:
            raise Unavailable("there is no program 'ip': install iproute2 (make deps)")
        self.numbers = {name: number for number, name in enumerate(agents, start=1)}
        try:
            self.namespaces = {name: _make() for name in agents}
            self.home = _make()
            self._ip("link", "add", "trial", "type", "veth")
        except (OSError, IPFault) as error:
            raise Unavailable(f"network namespaces cannot be had here, root is needed: {error}") from error
        # What goes wrong from here on is no want of rights.
        self._ip("link", "del", "trial")
        self._ip("link", "set", "lo", "up")
        self._ip("address", "add", f"{COORDINATOR}/32", "dev", "lo")
        for name in agents:
            self._join(name)

    def _ip(self, *words, within=None):
        prepare = None if within is None else lambda: enter(self.namespaces[within])
        done = subprocess.run(
            [self.ip, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            preexec_fn=prepare)
        if done.returncode != 0:
            raise IPFault(f"ip {' '.join(words)}: {done.stderr.strip()}")

    def _join(self, name):
        """Links an agent's namespace: `uplink` on its side, `to-NUMBER` on ours."""
        number = self.numbers[name]
        self._ip(
            "link", "add", "uplink", "type", "veth", "peer", "name", f"to-{number}", "netns", str(os.getpid()),
            within=name)
        self._ip("address", "add", f"10.77.{number}.1/30", "dev", f"to-{number}")
        self._ip("link", "set", f"to-{number}", "up")
        self._ip("link", "set", "lo", "up", within=name)
        self._ip("address", "add", f"10.77.{number}.2/30", "dev", "uplink", within=name)
        self._up(name)

    def _up(self, name):
        self._ip("link", "set", "uplink", "up", within=name)
        self._ip("route", "replace", "default", "via", f"10.77.{self.numbers[name]}.1", within=name)

    def entering(self, name):
        """What a child of this process is to call before it becomes an agent's program."""
        return lambda: enter(self.namespaces[name])

    # Each cut and its healing. No side is told of it: what is on its way is lost, and connections stay as they are.

    def down(self, name):
        """The agent's own interface goes down: its routes go with it."""
        self._ip("link", "set", "uplink", "down", within=name)

    def heal_down(self, name):
        self._up(name)

    def unplugged(self, name):
        """The far end goes down: the agent sends into nothing, and nothing comes."""
        self._ip("link", "set", f"to-{self.numbers[name]}", "down")

    def heal_unplugged(self, name):
        self._ip("link", "set", f"to-{self.numbers[name]}", "up")

    def mute(self, name):
        """What the agent sends is lost; what is sent to it arrives."""
        self._ip(
            "neighbour", "replace", f"10.77.{self.numbers[name]}.1", "lladdr", NOBODY, "nud", "permanent",
            "dev", "uplink", within=name)

    def heal_mute(self, name):
        self._ip("neighbour", "del", f"10.77.{self.numbers[name]}.1", "dev", "uplink", within=name)

    def deaf(self, name):
        """What is sent to the agent is lost; what it sends arrives."""
        number = self.numbers[name]
        self._ip(
            "neighbour", "replace", f"10.77.{number}.2", "lladdr", NOBODY, "nud", "permanent", "dev", f"to-{number}")

    def heal_deaf(self, name):
        number = self.numbers[name]
        self._ip("neighbour", "del", f"10.77.{number}.2", "dev", f"to-{number}")

    def blackhole(self, name):
        """The agent has no way to the coordinator any more, while the link stands."""
        self._ip("route", "add", "blackhole", f"{COORDINATOR}/32", within=name)

    def heal_blackhole(self, name):
        self._ip("route", "del", "blackhole", f"{COORDINATOR}/32", within=name)

    def cut(self, kind, name):
        """Cuts an agent off, in one of the ways above."""
        getattr(self, kind)(name)

    def heal(self, kind, name):
        """Makes that cut undone."""
        getattr(self, f"heal_{kind}")(name)

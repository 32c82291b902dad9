"""The programs' own commands: help, mistakes, configuration, and what they say about them."""

import json
import stat
import time

from checks import Checks
from check_authentication import no_limits
from grid import BINARIES, Grid

check = Checks("commands")
PROGRAMS = {
    "neurogrid-coordinator": ["serve", "token", "enroll", "deposit", "statement"],
    "neurogrid-agent": ["run", "scan"],
    "neurogridctl": [
        "nodes", "node", "watch", "notify", "submit", "tasks", "task", "cancel", "logs", "why", "jobs", "job",
        "balances", "drain", "undrain", "quarantine", "release", "trust",
    ],
}


def mistaken(grid, name, *arguments, naming=()):
    """The command is refused with status 64 and one clear line that names what is wrong."""
    status, output, error = grid.command(name, *arguments, check=False)
    assert status == 64, (arguments, status, output, error)
    assert len(error.splitlines()) == 1, (arguments, error)
    for word in naming:
        assert word in error, (word, error)
    return error


@check
def everything_answers_help(grid):
    for name, commands in PROGRAMS.items():
        status, output, _ = grid.command(name, "--help")
        assert status == 0 and all(command in output for command in commands), (name, output)
        for command in commands:
            status, output, _ = grid.command(name, command, "--help")
            assert status == 0 and "--" in output, (name, command, output)


@check
def mistakes_exit_64_with_one_line(grid):
    for name, commands in PROGRAMS.items():
        mistaken(grid, name, "nonsense", naming=["nonsense"])
        for command in commands:
            mistaken(grid, name, command, "--nonsense", naming=["--nonsense"])
    mistaken(grid, "neurogrid-coordinator", "serve", "--listen", "nowhere", naming=["nowhere"])
    mistaken(grid, "neurogrid-coordinator", "serve", "--listen", "127.0.0.1:99999", naming=["99999"])
    mistaken(grid, "neurogrid-agent", "run", "--interval", "yesterday", naming=["interval", "yesterday"])
    mistaken(grid, "neurogrid-agent", "run", "--interval", "1ms", naming=["interval"])
    mistaken(grid, "neurogrid-coordinator", "token", "--user", "u", "--permissions", "everything",
             naming=["everything"])
    mistaken(grid, "neurogrid-coordinator", "token", "--data-dir", str(grid.data), "--user", "u",
             "--permissions", "admin", "--ttl", "soon", naming=["soon"])


@check
def a_configuration_fault_names_key_value_and_line(grid):
    cases = [
        ('{\n  listen: "127.0.0.1:0",\n  colour: "red",\n}', ["colour", "red", ":3"]),
        ('{\n  limits: {\n    rooms_per_connection: -1,\n  },\n}', ["rooms_per_connection", "-1", ":3"]),
        ('{\n  limits: {\n    message_bytes: "many",\n  },\n}', ["message_bytes", "many", ":3"]),
        ('{\n  store: "postgresql://x",\n}', ["store", ":2"]),
        ('{\n  listen: \n', [":"]),
    ]
    for number, (text, naming) in enumerate(cases):
        path = grid.folder / f"wrong-{number}.json5"
        path.write_text(text)
        mistaken(grid, "neurogrid-coordinator", "serve", "--config", str(path), "--listen", "127.0.0.1:0",
                 "--data-dir", str(grid.folder / "other"), naming=[path.name, *naming])
    mistaken(grid, "neurogrid-coordinator", "serve", "--config", str(grid.folder / "absent.json5"),
             naming=["absent.json5"])


@check
def a_second_coordinator_on_the_same_data_is_refused(grid):
    status, _, error = grid.command(
        "neurogrid-coordinator", "serve", "--listen", "127.0.0.1:0", "--data-dir", str(grid.data), check=False
    )
    assert status not in (0, None) and error and "Fatal" not in error, (status, error)
    assert grid.request("/healthz")[0] == 200


@check
def tokens_and_enrolments_work_without_a_running_coordinator(grid):
    grid.coordinator.stop()
    token = grid.mint("user-3", "node:read")
    join_token = grid.enroll(name="later")
    grid.start_coordinator()
    assert grid.request("/api/v1/nodes", token=token)[0] == 200
    grid.start_agent("later", join_token=join_token)
    deadline = time.monotonic() + 60
    while b'"later"' not in grid.request("/api/v1/nodes", token=token)[2]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@check
def secrets_are_the_owners_alone(grid):
    for path in grid.data.iterdir():
        mode = stat.S_IMODE(path.stat().st_mode)
        if path.name.startswith(("jwt.key", "control.sock")):
            assert mode == 0o600, (path, oct(mode))
    state = grid.folder / "agent-later"
    for path in [grid.data, state]:
        assert not stat.S_IMODE(path.stat().st_mode) & 0o007, (path, oct(path.stat().st_mode))


@check
def an_agent_that_may_not_join_says_so(grid):
    status, _, error = grid.command(
        "neurogrid-agent", "run", "--coordinator", f"ws://{grid.address}", "--state-dir", str(grid.folder / "empty"),
        check=False,
    )
    assert status not in (0, None) and "join-token" in error and "crashed" not in error, (status, error)


@check
def a_scan_tells_of_this_machine(grid):
    status, output, _ = grid.command("neurogrid-agent", "scan", check=False)
    assert status in (0, 1, 2) and "verdict" in output, (status, output)
    status, output, _ = grid.command("neurogrid-agent", "scan", "--json", check=False)
    assert status in (0, 1, 2) and isinstance(json.loads(output), dict), (status, output)


@check
def the_agent_links_no_foundation_beyond_its_essentials(_):
    program = (BINARIES / "neurogrid-agent").read_bytes()
    assert b"libFoundation.so" not in program
    assert b"libicu" not in program and b"lib_FoundationICU" not in program


if __name__ == "__main__":
    # With the secret that the coordinator draws for itself.
    check.run(lambda: Grid(limits=no_limits(), auth={}))

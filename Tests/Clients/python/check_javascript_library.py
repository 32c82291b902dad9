"""The JavaScript client library: its own tests under node, against the real coordinator and against scripted peers."""

import re

from check_authentication import no_limits
from checks import Checks
from grid import Grid
from node_library import Control, LIBRARY, PACKAGES, Project, passed

check = Checks("javascript library", patience=150)
# So that nobody waits for readings.
OFTEN = {"health": {"sample_interval": "200ms"}}
NODE = ["node", "--test", "--test-reporter=tap"]


def run(file, grid=None, patience=240):
    """Runs a file of node's tests, with a grid to play with where one is given."""
    with Project() as project:
        command = [*NODE, f"tests/{file}"]
        if grid is None:
            status, said = project.run(command, patience)
        else:
            control = Control(grid)
            status, said = control.serve(project.start(command, NEUROGRID_CONTROL=control.url), patience)
    good, all_of_them = passed(said)
    assert status == 0 and good == all_of_them > 0, f"{good} of {all_of_them}, status {status}\n{said}"
    print(f"      {file}: {good} tests", flush=True)


@check
def a_connection_comes_back_waits_paces_and_keeps(_):
    run("link.test.mjs")


@check
def rooms_are_taken_up_where_they_were_left(_):
    run("rooms.test.mjs")


@check
def the_native_client_against_the_coordinator(grid):
    run("native.test.mjs", grid)


@check
def documented_limits_are_kept(_):
    # The documented figures, but for connections: the tests of one minute come from one address.
    with Grid(limits={"connections_per_ip_per_minute": 0, "connections_per_ip": 0}) as grid:
        run("limits.test.mjs", grid)


@check
def the_qubix_client_against_its_document(_):
    run("qubix.test.mjs")


@check
def the_qubix_client_its_hooks_and_samples_against_the_coordinator(_):
    with Grid(limits=no_limits(), **OFTEN) as grid:
        run("qubix_live.test.mjs", grid)


@check
def the_neurograph_client_against_its_document(_):
    run("neurograph.test.mjs")


@check
def the_hooks_under_react(_):
    run("react.test.mjs")


@check
def the_types_hold_and_are_complete(_):
    with Project() as project:
        status, said = project.run(["node", str(PACKAGES / "typescript/lib/tsc.js"), "-p", "tests/types"])
        assert status == 0, said
        # What must not compile is marked so: a checker that sees nothing would fail on each mark.
        marks = len(re.findall(r"@ts-expect-error", (project.folder / "tests/types/usage.ts").read_text()))
        assert marks >= 5, marks
        exported = "import('@neurogrid/client').then((m) => console.log(Object.keys(m).join(' ')))"
        status, said = project.run(["node", "-e", exported])
        assert status == 0, said
        types = (LIBRARY / "src/index.d.ts").read_text()
        missing = [name for name in said.split() if not re.search(rf"\b{name}\b", types)]
        assert not missing, missing


@check
def the_documents_neurograph_samples_have_types(_):
    with Project() as project:
        compiler = ["node", str(PACKAGES / "typescript/lib/tsc.js"), "-p", "tests/types/neurograph.json"]
        status, said = project.run(compiler)
        assert status == 0, said
        for name, right, wrong in [
            ("neurograph_client.ts", "info.reason", "info.reasons"),
            ("neurograph_overview.ts", "autoReconnect", "reconnect"),
        ]:
            file = project.folder / "tests" / "documents" / name
            sample = file.read_text()
            file.write_text(sample.replace(right, wrong))
            status, said = project.run(compiler)
            assert status != 0 and wrong.split(".")[-1] in said, said
            file.write_text(sample)


@check
def the_examples_of_its_readme_run(grid):
    run("readme.test.mjs", grid)


if __name__ == "__main__":
    check.run(lambda: Grid(
        limits={**no_limits(), "slow_conflate_bytes": 64 << 10, "slow_deadline": "3s"}, **OFTEN))

"""API keys: made, listed and taken back while a coordinator runs, while none does, and over its crashes."""

import csv
import io
import re
import sqlite3

from checks import Checks
from grid import Grid

check = Checks("api keys")

KEY = re.compile(r"ngk_[A-Za-z0-9_-]{43}")


def api_key(grid, verb, *arguments, check=True):
    return grid.command(
        "neurogrid-coordinator", "api-key", verb, "--data-dir", str(grid.data), *arguments, check=check)


def create(grid, *arguments):
    key = api_key(grid, "create", *arguments)[1]
    assert KEY.fullmatch(key), f"more or less than a key: {key!r}"
    return key


def listed(grid, *arguments):
    return list(csv.DictReader(io.StringIO(api_key(grid, "list", *arguments)[1])))


def named(grid, name):
    found = [row for row in listed(grid) if row["name"] == name]
    assert len(found) == 1, found
    return found[0]


@check
def a_key_is_shown_once_and_listed_without_itself(grid):
    key = create(grid, "--user", "anna", "--name", "build, nightly", "--rate-per-minute", "60")
    assert create(grid, "--user", "anna") != key
    row = named(grid, "build, nightly")
    assert row["user"] == "anna" and row["rate_per_minute"] == "60", row
    assert row["created_at"].endswith("Z") and not row["last_used_at"] and not row["revoked_at"], row
    assert [other["rate_per_minute"] for other in listed(grid) if not other["name"]] == ["600"]
    assert not KEY.search(api_key(grid, "list")[1])
    assert len(listed(grid, "--user", "anna")) == 2 and not listed(grid, "--user", "berta")


@check
def it_is_taken_back_by_its_name_or_itself(grid):
    first, second = create(grid, "--user", "clara", "--name", "first"), create(grid, "--user", "clara", "--name", "second")
    identifier = named(grid, "first")["id"]
    assert api_key(grid, "revoke", identifier)[1] == f"revoked {identifier}"
    assert api_key(grid, "revoke", second)[1] == f"revoked {named(grid, 'second')['id']}"
    at = named(grid, "first")["revoked_at"]
    assert at and named(grid, "second")["revoked_at"]
    # Once more is no error, and does not change when it was.
    assert api_key(grid, "revoke", first)[1] == f"revoked {identifier}"
    assert named(grid, "first")["revoked_at"] == at


@check
def it_survives_a_crash_and_works_offline(grid):
    kept = create(grid, "--user", "dora", "--name", "kept")
    create(grid, "--user", "dora", "--name", "gone")
    api_key(grid, "revoke", named(grid, "gone")["id"])
    before = listed(grid)
    grid.coordinator.kill()
    assert listed(grid) == before, "acknowledged, so it is on disk"
    offline = create(grid, "--user", "emil", "--name", "offline")
    api_key(grid, "revoke", kept)
    grid.start_coordinator()
    after = listed(grid)
    assert [row["id"] for row in after[:len(before)]] == [row["id"] for row in before]
    assert named(grid, "kept")["revoked_at"] and not named(grid, "offline")["revoked_at"]
    assert api_key(grid, "revoke", offline)[1].startswith("revoked ")


@check
def what_is_wrong_is_said(grid):
    key = create(grid, "--user", "fritz")
    nobodys = "00000000-0000-4000-8000-000000000000"
    for arguments, status, words in [
        (["create"], 64, "--user"),
        (["create", "--user", "f", "--rate-per-minute", "-1"], 64, "--rate-per-minute"),
        (["create", "--user", "f", "--name", "n" * 129], 64, "--name"),
        (["create", "--user", ""], 69, "user is empty"),
        (["revoke"], 64, "ID_OR_KEY"),
        (["revoke", "fritz"], 64, "neither an identifier nor an API key"),
        (["revoke", key[:-1]], 64, "neither an identifier nor an API key"),
        (["revoke", nobodys], 69, "no such API key"),
    ]:
        ended, out, error = api_key(grid, *arguments, check=False)
        assert ended == status and not out and words in error, (arguments, ended, out, error)
        assert key[4:-1] not in error, "a key was repeated"


@check
def nobody_finds_a_key_on_the_disk_or_in_the_log(grid):
    keys = [create(grid, "--user", "greta", "--name", "canary") for _ in range(3)]
    api_key(grid, "revoke", keys[0])
    grid.coordinator.stop()
    written = b"".join(path.read_bytes() for path in grid.data.iterdir() if path.is_file())
    log = grid.coordinator.log_text()
    for key in keys:
        assert key[4:].encode() not in written and key not in log
    assert log.count("api_key_created") >= 3 and "api_key_revoked" in log, log[-2000:]
    base = sqlite3.connect(f"file:{grid.data / 'neurogrid.db'}?mode=ro", uri=True)
    kinds = [kind for (kind,) in base.execute("SELECT kind FROM audit WHERE user = 'greta' ORDER BY sequence")]
    base.close()
    assert kinds == ["api_key_created"] * 3 + ["api_key_revoked"], kinds
    grid.start_coordinator()


def make_grid():
    return Grid(loops=2)


if __name__ == "__main__":
    check.run(make_grid)

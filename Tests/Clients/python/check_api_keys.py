"""API keys: made, listed and taken back while a coordinator runs, while none does, and over its crashes."""

import contextlib
import csv
import datetime
import io
import json
import re
import sqlite3

from checks import Checks
from grid import Grid
from triggerx import TriggerX, call, is_error
from websockets.exceptions import ConnectionClosed, InvalidStatus

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


def moment(text):
    return datetime.datetime.fromisoformat(text)


@check
def a_key_has_the_term_it_was_made_with_or_none(grid):
    create(grid, "--user", "hanna", "--name", "a day", "--ttl", "24h")
    create(grid, "--user", "hanna", "--name", "endless")
    grid.coordinator.kill()
    offline = create(grid, "--user", "hanna", "--name", "an hour, offline", "--ttl", "1h")
    grid.start_coordinator()
    for name, seconds in [("a day", 86400), ("an hour, offline", 3600)]:
        row = named(grid, name)
        assert (moment(row["expires_at"]) - moment(row["created_at"])).total_seconds() == seconds, row
        assert not row["revoked_at"], row
    assert not named(grid, "endless")["expires_at"]
    assert call(grid, "POST", "/api/tasks", offline, {"job_id": "in time"})[0] == 201
    # What has a term can be taken back before.
    api_key(grid, "revoke", offline)
    assert call(grid, "POST", "/api/tasks", offline, {"job_id": "in time"})[0] == 401


async def let_in_for_a_while(grid, stack):
    """Two sessions of a key that has served a request too; its name, itself and they."""
    for seconds in (2, 8, 30):
        name = f"{seconds} s"
        key = create(grid, "--user", "ida", "--name", name, "--ttl", name.replace(" ", ""))
        # A machine that was held up comes too late.
        with contextlib.suppress(InvalidStatus, ConnectionClosed):
            clients = [await stack.enter_async_context(TriggerX(grid, key, by)) for by in ("query", "header")]
            await clients[0].subscribe("user:ida")
            if call(grid, "POST", "/api/tasks", key, {"job_id": "ida's"})[0] == 201:
                return name, key, clients
    raise AssertionError("no key was good for as long as its term")


@check.within(120)
async def a_key_ends_with_its_term_and_so_do_its_sessions(grid):
    async with contextlib.AsyncExitStack() as stack:
        other = await stack.enter_async_context(TriggerX(grid, create(grid, "--user", "ida", "--ttl", "1h")))
        name, key, clients = await let_in_for_a_while(grid, stack)
        for client in clients:
            assert await client.closed(40) == 1008
            errors = client.of_type("ERROR")
            assert len(errors) == 1 and is_error(errors[0], "AUTHENTICATION_FAILED"), client.inbox
            assert client.inbox[-1] is errors[0], "nothing comes behind it"
            assert errors[0]["timestamp"] >= named(grid, name)["expires_at"], "its whole term"
        await refused_like_a_stranger(grid, key)
        await other.settle()
        assert not other.inbox, other.inbox
    # It stays so over a crash, and an operator sees why.
    grid.coordinator.kill()
    grid.start_coordinator()
    await refused_like_a_stranger(grid, key)
    assert not named(grid, name)["revoked_at"] and named(grid, name)["last_used_at"]


async def refused_like_a_stranger(grid, key):
    told = []
    for shown in (key, "ngk_" + "A" * 43):
        for by in ("query", "header"):
            try:
                async with TriggerX(grid, shown, by):
                    raise AssertionError("the connection was accepted")
            except InvalidStatus as refusal:
                told.append((refusal.response.status_code, json.loads(refusal.response.body)))
        told.append(call(grid, "POST", "/api/tasks", shown, {"job_id": "j"}))
    for status, body in told:
        assert status == 401 and is_error(body, "INVALID_API_KEY"), (status, body)
        assert body["data"]["message"] == "Invalid API key", body


@check
def what_is_wrong_is_said(grid):
    key = create(grid, "--user", "fritz")
    nobodys = "00000000-0000-4000-8000-000000000000"
    for arguments, status, words in [
        (["create"], 64, "--user"),
        (["create", "--user", "f", "--rate-per-minute", "-1"], 64, "--rate-per-minute"),
        (["create", "--user", "f", "--name", "n" * 129], 64, "--name"),
        (["create", "--user", "f", "--ttl", "0s"], 64, "--ttl"),
        (["create", "--user", "f", "--ttl", "367d"], 64, "--ttl"),
        (["create", "--user", "f", "--ttl", "60"], 64, "--ttl"),
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

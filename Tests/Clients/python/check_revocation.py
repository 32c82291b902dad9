"""Tokens taken back: refused at once everywhere, their sessions closed, and that for good."""

import asyncio
import time

from checks import Checks
from grid import Grid
from native import Client

check = Checks("revocation")


def make_grid():
    return Grid(
        loops=2,
        limits={"connections_per_ip_per_minute": 0, "connections_per_ip": 0, "messages_per_connection_per_minute": 0})


def revoke(grid, *arguments, check=True):
    return grid.command(
        "neurogrid-coordinator", "token", "revoke", "--data-dir", str(grid.data), *arguments, check=check)


def claims(token):
    import jwt

    return jwt.decode(token, options={"verify_signature": False})


async def ended_by_revocation(client, began):
    code, messages = await client.closed()
    assert code == 1008, code
    error = [message for message in messages if message["type"] == "auth_error"]
    assert error and error[0]["data"]["code"] == "INVALID_TOKEN", messages
    assert time.monotonic() - began < 5, "later than 5 s"


@check
async def every_token_of_a_user(grid):
    tokens = [grid.mint("anna"), grid.mint("anna", "admin")]
    # As a third party signs them: without a time of issue.
    tokens.append(grid.sign("anna"))
    bystander = grid.mint("berta")
    assert grid.request("/api/v1/nodes", token=tokens[0])[0] == 200
    clients = [Client(grid.url) for _ in range(4)]
    for client, token in zip(clients, [*tokens, bystander]):
        await client.__aenter__()
        await client.authenticate(token)
    await clients[0].join("nodes")
    began = time.monotonic()
    revoke(grid, "--user", "anna")
    for token in tokens:
        assert grid.request("/api/v1/nodes", token=token)[0] == 401
    for client in clients[:3]:
        await ended_by_revocation(client, began)
    assert await clients[3].is_alive()
    assert grid.request("/api/v1/nodes", token=bystander)[0] == 200
    async with Client(grid.url) as late:
        await late.send("authenticate", token=tokens[1])
        assert (await late.expect("auth_error"))["data"]["code"] == "INVALID_TOKEN"
        # Another second, another token.
        await asyncio.sleep(1.1)
        assert await late.authenticate(grid.mint("anna"))
    await clients[3].__aexit__()


@check
async def one_token_by_its_name(grid):
    lost, kept = grid.mint("clara"), grid.mint("clara")
    assert claims(lost)["jti"] != claims(kept)["jti"]
    async with Client(grid.url) as thief, Client(grid.url) as owner:
        await thief.authenticate(lost)
        await owner.authenticate(kept)
        began = time.monotonic()
        revoke(grid, "--id", claims(lost)["jti"])
        await ended_by_revocation(thief, began)
        assert await owner.is_alive()
    assert grid.request("/api/v1/nodes", token=lost)[0] == 401
    assert grid.request("/api/v1/nodes", token=kept)[0] == 200


@check
def it_survives_a_crash_and_works_offline(grid):
    by_user, by_name, bystander = grid.mint("dora"), grid.mint("emil"), grid.mint("fritz")
    revoke(grid, "--user", "dora")
    grid.coordinator.kill()
    revoke(grid, "--id", claims(by_name)["jti"])
    grid.start_coordinator()
    assert grid.request("/api/v1/nodes", token=by_user)[0] == 401
    assert grid.request("/api/v1/nodes", token=by_name)[0] == 401
    assert grid.request("/api/v1/nodes", token=bystander)[0] == 200


@check
def the_command_says_what_it_lacks(grid):
    for arguments in [[], ["--user", "a", "--id", "b"]]:
        status, out, error = revoke(grid, *arguments, check=False)
        assert status == 64 and not out and "--user or --id" in error, (status, out, error)
    assert revoke(grid, "--user", "nobody")[1] == "revoked"


@check
def an_offline_token_keeps_to_the_configuration(grid):
    auth = {"jwt": {**grid.configuration["auth"]["jwt"], "issuer": "grid", "audience": "clients"}}
    with Grid(auth=auth) as strict:
        strict.coordinator.stop()
        token = strict.command(
            "neurogrid-coordinator", "token", "--data-dir", str(strict.data), "--config",
            str(strict.configuration_file), "--user", "u", "--permissions", "node:read")[1]
        assert claims(token)["iss"] == "grid" and claims(token)["aud"] == "clients", claims(token)
        strict.start_coordinator()
        assert strict.request("/api/v1/nodes", token=token)[0] == 200


if __name__ == "__main__":
    check.run(make_grid)

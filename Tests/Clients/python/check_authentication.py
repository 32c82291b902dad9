"""Who gets in: tokens good and bad, and what is told to whom."""

import asyncio
import base64
import hashlib
import hmac
import json
import time

import jwt
from checks import Checks
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from grid import Grid
from native import Client, is_time, is_uuid, seconds_of

check = Checks("authentication")

_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_public_pem = _key.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def no_limits():
    return {
        "connections_per_ip_per_minute": 0,
        "connections_per_ip": 0,
        "messages_per_connection_per_minute": 0,
    }


def part(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(**more):
    return {"sub": "mallory", "permissions": ["admin"], "exp": int(time.time()) + 600, **more}


def forged(header, key, digest=hashlib.sha256, body=None):
    """A token that no library would make."""
    signed = f"{part(header)}.{part(body or claims())}"
    return f"{signed}.{part(hmac.new(key, signed.encode(), digest).digest())}"


async def refuses(grid, token):
    async with Client(grid.url) as client:
        await client.send("authenticate", token=token)
        # The document's own words: one code and one message, whatever is wrong with a token.
        assert await client.receive() == {
            "type": "auth_error",
            "data": {
                "code": "INVALID_TOKEN", "message": "JWT token is invalid or expired", "action": "redirect_to_login",
            },
        }


@check
async def a_good_token_is_welcomed_as_documented(grid):
    async with Client(grid.url) as client:
        await client.send("authenticate", token=grid.sign("user-7", ["task:submit", "node:read", "analytics:read"]))
        # In that order, and nothing before it.
        response, connected = await client.receive(), await client.receive()
        assert (response["type"], connected["type"]) == ("auth_response", "connected"), (response, connected)
        assert response["success"] is True and response["data"]["success"] is True, response
        assert response["data"]["user_id"] == "user-7", response
        assert is_uuid(response["data"]["session_id"]), response
        assert sorted(response["data"]["permissions"]) == ["analytics:read", "node:read", "task:submit"], response
        assert is_uuid(connected["data"]["connection_id"]), connected
        said = connected["data"]["server_time"]
        assert is_time(said) and abs(seconds_of(said) - time.time()) < 10, connected
        assert connected["data"]["api_version"] == "1.0.0", connected


@check
async def the_documents_own_address_is_served(grid):
    async with Client(f"ws://localhost:{grid.host_and_port[1]}/ws") as client:
        await client.authenticate(grid.sign())


@check
async def who_says_nothing_is_told_so_and_sent_away(grid):
    async with Client(grid.url) as client, Client(grid.url) as talker:
        # Saying something else does not help, nor does a token that is no good.
        await talker.send_raw('{"type":"ping"}')
        await talker.expect("pong")
        await talker.send("authenticate", token="garbage")
        await talker.expect("auth_error")
        for each in (client, talker):
            code, messages = await each.closed(timeout=20)
            assert code == 1008, code
            (told,) = messages
            assert told["type"] == "auth_error" and told["data"]["code"] == "AUTH_TIMEOUT", told
            assert told["data"]["action"] == "authenticate" and told["data"]["message"], told


@check
async def a_session_ends_with_its_token(grid):
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign(expires_in=3))
        code, messages = await client.closed(timeout=20)
        assert code == 1008, code
        (told,) = messages
        assert told["type"] == "auth_error" and told["data"]["code"] == "TOKEN_EXPIRED", told
        assert told["data"]["action"] == "redirect_to_login" and told["data"]["message"], told


@check
async def a_token_of_the_operators_command_works_twice(grid):
    token = grid.mint("user-8", "node:read,admin")
    for _ in range(2):
        async with Client(grid.url) as client:
            response, _ = await client.authenticate(token)
            assert "admin" in response["data"]["permissions"], response


@check
async def a_newer_token_takes_the_place_of_an_older_one(grid):
    async with Client(grid.url) as client:
        response, connected = await client.authenticate(grid.sign("user-9", expires_in=4))
        await client.join("nodes")
        await client.send("authenticate", token=grid.sign("user-9", expires_in=600))
        renewed = await client.expect("auth_response", "auth_error", "error")
        assert renewed["type"] == "auth_response" and renewed["data"] == response["data"], renewed
        # Whoever cannot take its place leaves everything as it was.
        for token, code in (
            (grid.sign("user-10", expires_in=900), "ALREADY_AUTHENTICATED"),
            (grid.sign("user-9", expires_in=60), "ALREADY_AUTHENTICATED"),
            (grid.sign("user-9", ("admin",), expires_in=900), "ALREADY_AUTHENTICATED"),
            (grid.sign("user-9", expires_in=-30), "INVALID_TOKEN"),
        ):
            await client.send("authenticate", token=token)
            await client.refused(code, "error", "auth_error")
        await asyncio.sleep(10)
        assert await client.is_alive()
        await client.send("leave_room", room="nodes")
        await client.expect("room_left")


@check
async def an_expired_token(grid):
    await refuses(grid, grid.sign(expires_in=-30))


@check
async def a_token_without_an_end(grid):
    await refuses(grid, jwt.encode({"sub": "mallory", "permissions": ["admin"]}, grid.secret, algorithm="HS256"))


@check
async def an_unsigned_token(grid):
    await refuses(grid, f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims())}.")
    await refuses(grid, f"{part({'alg': 'NONE', 'typ': 'JWT'})}.{part(claims())}.")
    await refuses(grid, f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims())}.{part(b'x' * 32)}")


@check
async def another_key(grid):
    await refuses(grid, grid.sign(key="another secret, long enough to be one, but not ours"))


@check
async def another_algorithm(grid):
    await refuses(grid, grid.sign(algorithm="HS512"))
    await refuses(grid, grid.sign(key=_key, algorithm="RS256"))


@check
async def a_changed_body(grid):
    header, _, signature = grid.sign().split(".")
    await refuses(grid, f"{header}.{part(claims())}.{signature}")


@check
async def plain_garbage(grid):
    for token in ["", ".", "..", "a.b.c", "not a token", "é" * 100, "A" * 4000, grid.sign() + ".x"]:
        await refuses(grid, token)


@check
async def behind_a_bad_token_a_good_one_may_come(grid):
    async with Client(grid.url) as client:
        for _ in range(3):
            await client.send("authenticate", token="garbage")
            await client.expect("auth_error")
        await client.authenticate(grid.sign())
        await client.join("nodes")


@check
async def a_token_of_another_type_is_no_token(grid):
    for token in [None, 5, [], {}, True]:
        async with Client(grid.url) as client:
            await client.send("authenticate", token=token)
            answer = await client.expect("auth_error", "error")
            assert answer["data"]["code"] in ("INVALID_MESSAGE", "INVALID_TOKEN"), answer


@check
async def nothing_is_told_before_authentication(grid):
    async with Client(grid.url) as client:
        for kind in ("join_room", "leave_room"):
            await client.send(kind, room="general")
            await client.refused("NOT_AUTHENTICATED", "error", "room_left")
        status, _, answer = grid.request(
            "/api/v1/notifications", grid.sign("root", ["admin"]), "POST", {"Content-Type": "application/json"},
            json.dumps({"title": "for members", "message": "only"}))
        assert status == 201, answer
        await client.authenticate(grid.sign())
        assert not client.inbox, client.inbox
        await client.join("nodes")


@check
async def authenticating_twice_changes_nothing(grid):
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign("user-1", ["node:read"]))
        await client.send("authenticate", token=grid.sign("root", ["admin"]))
        answer = await client.expect("error", "auth_error", "auth_response")
        assert answer["type"] != "auth_response", answer
        await client.send("join_room", room="analytics")
        await client.refused("FORBIDDEN")


@check
async def with_a_public_key_only_its_own_signatures_count(_):
    limits = no_limits()
    with Grid(limits=limits) as grid:
        pem = grid.folder / "public.pem"
        pem.write_bytes(_public_pem)
        grid.coordinator.stop()
        grid.configuration["auth"] = {"jwt": {"algorithms": ["RS256"], "public_key_file": str(pem)}}
        grid.start_coordinator()
        async with Client(grid.url) as client:
            await client.authenticate(grid.sign(key=_key, algorithm="RS256"))
        await refuses(grid, grid.sign(key=_other_key, algorithm="RS256"))
        # The public key, which everybody knows, taken for a shared secret.
        await refuses(grid, forged({"alg": "HS256", "typ": "JWT"}, _public_pem))
        await refuses(grid, forged({"alg": "RS256", "typ": "JWT"}, _public_pem))


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits()))

"""Rooms, permissions, filters, and every way to ask wrongly."""

import asyncio
import contextlib
import json
import uuid

from checks import Checks
from check_authentication import no_limits
from grid import Grid
from native import Client

check = Checks("rooms")
NODES = {"node-eu": "eu-west-1", "node-us": "us-east-1"}


class TwoRegions(Grid):
    """One node in each of two regions, both online before the first check."""

    def __enter__(self):
        super().__enter__()
        for name, region in NODES.items():
            self.start_agent(name, region=region, owner=f"owner-{name}")
        return self

    async def ids(self):
        """The nodes' ids by name, once both are online."""
        async with Client(self.url) as client:
            await client.authenticate(self.sign())
            await client.join("nodes")
            seen = set()
            while len(seen) < len(NODES):
                seen.add((await client.expect("node_metrics"))["data"]["node_id"])
        listed = json.loads(self.request("/api/v1/nodes", token=self.sign())[2])["nodes"]
        return {node["name"]: node["node_id"] for node in listed}


@contextlib.asynccontextmanager
async def joined(grid, permissions=("task:submit", "node:read"), user="user-1"):
    async with Client(grid.url) as client:
        await client.authenticate(grid.sign(user, permissions))
        yield client


async def subjects(client, room, filters, seconds=3.2):
    """The nodes whose metrics arrive within that time."""
    await client.join(room, filters)
    messages = await client.collect(seconds)
    return {message["data"]["node_id"] for message in messages if message["type"] == "node_metrics"}


@check
async def join_and_leave(grid):
    async with joined(grid) as client:
        for room in ["tasks", "nodes", "general", "user_updates", "alerts", "topology", "predictions"]:
            await client.join(room)
        await client.join("nodes")
        await client.send("leave_room", room="nodes")
        left = await client.expect("room_left")
        assert left["data"]["room"] == "nodes", left
        await client.collect(0.5)
        assert not [m for m in await client.collect(2.5) if m["type"] == "node_metrics"]
        await client.send("leave_room", room="nodes")
        await client.refused("NOT_IN_ROOM")


@check
async def an_event_names_its_room_and_its_place(grid):
    async with joined(grid) as client:
        await client.join("nodes")
        offsets = []
        for _ in range(4):
            event = await client.expect("node_metrics")
            assert event["room"] == "nodes", event
            assert isinstance(event["epoch"], int) and 0 < event["epoch"] < 2**53, event
            offsets.append(event["offset"])
        assert offsets == sorted(set(offsets)), offsets


@check
async def analytics_and_logs_are_for_administrators(grid):
    async with joined(grid, ("task:submit", "node:read", "analytics:read")) as client:
        for room in ["analytics", "logs"]:
            await client.send("join_room", room=room)
            await client.refused("FORBIDDEN")
    async with joined(grid, ("admin",)) as client:
        for room in ["analytics", "logs", "nodes", "tasks"]:
            await client.join(room)


@check
async def rooms_need_their_permission(grid):
    async with joined(grid, ("task:submit",)) as client:
        await client.send("join_room", room="nodes")
        await client.refused("FORBIDDEN")
        await client.join("tasks")
    async with joined(grid, ()) as client:
        await client.send("join_room", room="tasks")
        await client.refused("FORBIDDEN")
        for room in ["general", "user_updates"]:
            await client.join(room)


@check
async def unknown_rooms(grid):
    async with joined(grid) as client:
        for room in ["nonsense", "node:", "node:not-a-uuid", "Nodes"]:
            await client.send("join_room", room=room)
            await client.refused("UNKNOWN_ROOM")
        for room in ["", "x" * 1000, "node:" + "x" * 1000, "nodes\u0000"]:
            await client.send("join_room", room=room)
            answer = await client.expect("error", "room_joined")
            assert answer["data"].get("code") in ("UNKNOWN_ROOM", "INVALID_MESSAGE"), answer
        await client.send("leave_room", room="nonsense")
        answer = await client.expect("error")
        assert answer["data"]["code"] in ("UNKNOWN_ROOM", "NOT_IN_ROOM"), answer


@check
async def a_room_of_one_node(grid):
    ids = await grid.ids()
    async with joined(grid) as client:
        assert await subjects(client, f"node:{ids['node-eu']}", None) == {ids["node-eu"]}


@check
async def an_event_of_several_rooms_comes_once(grid):
    ids = await grid.ids()
    async with joined(grid) as client:
        await client.join("nodes")
        for node in ids.values():
            await client.join(f"node:{node}")
        await client.join("nodes", {"regions": ["eu-west-1"]})
        places = []
        while len(places) < 6:
            event = await client.expect("node_metrics")
            assert event["room"] == "nodes", event
            places.append(event["offset"])
        assert places == sorted(set(places)), places


@check
async def absent_and_foreign_entities_look_the_same(grid):
    async with joined(grid) as client:
        answers = set()
        for room in [f"task:{uuid.uuid4()}", f"task:{uuid.uuid4()}", "job:somebody-elses"]:
            await client.send("join_room", room=room)
            answer = await client.expect("error", "room_joined")
            assert answer["type"] == "error", answer
            answers.add(answer["data"]["code"])
        assert len(answers) == 1, answers


@check
async def filter_by_region(grid):
    ids = await grid.ids()
    async with joined(grid) as client:
        assert await subjects(client, "nodes", {"regions": ["eu-west-1"]}) == {ids["node-eu"]}
    async with joined(grid) as client:
        assert await subjects(client, "nodes", {"regions": ["us-east-1", "eu-west-1"]}) == set(ids.values())
    async with joined(grid) as client:
        assert await subjects(client, "nodes", {"regions": ["mars"]}) == set()


@check
async def filter_by_node(grid):
    ids = await grid.ids()
    async with joined(grid) as client:
        assert await subjects(client, "nodes", {"node_ids": [ids["node-us"]]}) == {ids["node-us"]}


@check
async def filter_by_status(grid):
    ids = await grid.ids()
    async with joined(grid) as client:
        assert await subjects(client, "nodes", {"status": ["offline"]}) == set()
    async with joined(grid) as client:
        assert await subjects(client, "nodes", {"status": ["online", "busy"]}) == set(ids.values())


@check
async def filters_are_joined_by_and(grid):
    ids = await grid.ids()
    async with joined(grid) as client:
        filters = {"regions": ["eu-west-1"], "node_ids": [ids["node-us"]]}
        assert await subjects(client, "nodes", filters) == set()


@check
async def joining_again_replaces_the_filter(grid):
    ids = await grid.ids()
    async with joined(grid) as client:
        assert await subjects(client, "nodes", {"regions": ["eu-west-1"]}) == {ids["node-eu"]}
        await client.join("nodes", {"regions": ["us-east-1"]})
        await client.collect(0.3)
        messages = await client.collect(2.5)
        assert {m["data"]["node_id"] for m in messages if m["type"] == "node_metrics"} == {ids["node-us"]}


@check
async def filter_by_user(grid):
    async with joined(grid, user="user-1") as client:
        await client.join("tasks", {"user_id": "user-1", "status": ["pending", "running"]})
        for stranger in ["user-2", "owner-node-eu"]:
            await client.send("join_room", room="tasks", filters={"user_id": stranger})
            await client.refused("FORBIDDEN")
    async with joined(grid, ("admin",)) as client:
        await client.join("tasks", {"user_id": "user-2"})


@check
async def wrong_filters(grid):
    async with joined(grid) as client:
        for filters in [
            {"colour": ["red"]}, {"regions": 5}, {"regions": [5]}, {"node_ids": ["not-a-uuid"]}, {"user_id": 5},
            {"status": [None]}, {"regions": {}}, [],
        ]:
            await client.send("join_room", room="nodes", filters=filters)
            answer = await client.expect("error", "room_joined")
            assert answer["type"] == "error", (filters, answer)
            assert answer["data"]["code"] in ("INVALID_FILTER", "INVALID_MESSAGE"), (filters, answer)
        await client.send("join_room", room="nodes", filters={"colour": ["red"]})
        await client.refused("INVALID_FILTER")


@check
async def a_resume_brings_what_was_logged_and_names_what_was_not(grid):
    async with joined(grid) as client:
        await client.join("nodes")
        event = await client.expect("node_metrics")
        missed = await client.expect("node_metrics")
    # Readings that nobody looks at are not logged.
    await asyncio.sleep(2.5)
    since = {"epoch": event["epoch"], "offset": event["offset"]}
    async with joined(grid) as client:
        answer = (await client.join("nodes", since=since))["data"]
        assert answer["recovered"] is False and answer["gap"]["cause"] == "unlogged", answer
        assert answer["gap"]["from"] == since and answer["gap"]["to"]["offset"] >= missed["offset"], answer
        assert (answer["epoch"], answer["offset"]) == (event["epoch"], event["offset"]), answer
        assert await client.expect("node_metrics") == missed
    async with joined(grid) as client:
        answer = (await client.join("nodes", since={**since, "epoch": event["epoch"] ^ 1}))["data"]
        assert answer["recovered"] is False and answer["gap"]["cause"] == "epoch_changed", answer
    async with joined(grid) as client:
        assert "recovered" not in (await client.join("nodes"))["data"]


@check
async def malformed_messages_are_answered_and_the_connection_stays(grid):
    async with joined(grid) as client:
        for raw in ["", "{", "nonsense", "[]", "null", "5", '"text"', "{}", '{"type":5}', '{"type":null,"data":{}}',
                    '{"data":{}}', '{"type":"join_room","data":{"room":7}}', '{"type":"join_room","data":[]}',
                    '{"type":"join_room"}', '{"type":"leave_room","data":{"room":{}}}',
                    '{"type":"join_room","data":{"room":"nodes","since":"yesterday"}}',
                    '{"type":"ping"} trailing', '{"type":"ping",}', '{"type":"join_room","data":' + "[" * 100]:
            await client.send_raw(raw)
            answer = await client.expect("error", "room_joined", "pong")
            assert answer["type"] == "error", (raw, answer)
            assert answer["data"]["code"] == "INVALID_MESSAGE", (raw, answer)
        assert await client.is_alive()


@check
async def unknown_and_foreign_types(grid):
    async with joined(grid) as client:
        for kind in ["nonsense", "", "node_status", "auth_response", "task_update", "JOIN_ROOM", "x" * 300]:
            await client.send(kind)
            answer = await client.expect("error")
            assert answer["data"]["code"] == "UNKNOWN_TYPE", (kind, answer)
        assert await client.is_alive()


@check
async def unknown_keys_are_ignored(grid):
    async with joined(grid) as client:
        await client.send_raw(json.dumps({"id": 7, "type": "join_room", "data": {"room": "general", "colour": "red"}}))
        await client.expect("room_joined")
        await client.send_raw('{"data":{"r\\u006fom":"us\\u0065r_updates"},"type":"join\\u005froom"}')
        await client.expect("room_joined")


@check
async def a_binary_message_is_refused(grid):
    async with joined(grid) as client:
        await client.send_raw(b'{"type":"ping"}')
        try:
            answer = await client.receive()
            assert answer["type"] == "error" and answer["data"]["code"] == "INVALID_MESSAGE", answer
        except Exception as ending:
            assert getattr(getattr(ending, "rcvd", None), "code", None) == 1003, ending


@check
async def ping_is_answered_by_pong(grid):
    async with joined(grid) as client:
        assert await client.is_alive()
        pong = await client.socket.ping()
        await pong


if __name__ == "__main__":
    check.run(lambda: TwoRegions(limits={**no_limits(), "rooms_per_connection": 0}))

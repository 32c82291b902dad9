"""EyeNet's WebSocket events, sentence by sentence, with python-socketio and nothing but that document.

Most checks run three times: over WebSocket alone, over long-polling alone, and from the latter to the former.
"""

import asyncio
import json
import os
import time

import aiohttp
import socketio
from check_authentication import no_limits
from checks import Checks
from eyenet import EyeNet
from grid import Grid
from native import is_percent, is_uuid
from publisher import Publisher

check = Checks("eyenet")
TRANSPORTS = {"websocket": ["websocket"], "polling": ["polling"], "upgrade": ["polling", "websocket"]}
WATCHER = ["node:read"]


def token(grid, permissions=WATCHER, user="anna", **claims):
    return grid.sign(user, permissions, **claims)


def over_every_transport(function):
    """Registers the check once a way of travelling, each with its name."""
    for way, transports in TRANSPORTS.items():
        def one(grid, transports=transports):
            return function(grid, lambda **options: EyeNet(grid, **{"token": token(grid), "transports": transports,
                                                                   **options}))
        one.__name__ = f"{function.__name__}_over_{way}"
        check(one)
    return function


@over_every_transport
async def a_devices_metrics_come_to_who_subscribed(grid, client):
    async with Publisher(grid, "metrics") as node, client() as watcher, client() as other:
        await watcher.subscribe("device", node.node)
        await node.sample()
        event = await watcher.expect("device:metrics")
        data = event["data"]
        assert data["deviceId"] == node.node, data
        assert set(data["metrics"]) == {"cpu", "memory", "bandwidth"}, data
        assert is_percent(data["metrics"]["cpu"]) and set(data["metrics"]["bandwidth"]) == {"in", "out"}, data
        await other.settle()
        assert not other.inbox, other.inbox


check.run(lambda: Grid(limits=no_limits()))

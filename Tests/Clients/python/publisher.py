"""A driver in an agent's place, written from docs/protocol-agent.md: it samples as fast as a check wants events."""

import asyncio
import base64
import json
import time
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.asyncio.client import connect

PROTOCOL = "neurogrid.agent.v1"
GPUS = 64


def specifications():
    return {
        "gpus": [
            {"index": index, "uuid": f"GPU-{uuid.UUID(int=index)}", "name": "Checked GPU",
             "pci_bus_id": f"00000000:{index:02x}:00.0"}
            for index in range(GPUS)
        ],
        "hostname": "publisher",
    }


class Publisher:
    """One node's agent; its events are some 16 KiB each, so that readers fall behind soon."""

    def __init__(self, grid, name):
        self.grid = grid
        self.join_token = grid.enroll(name=name)
        self.key = Ed25519PrivateKey.generate()
        self.number = 0
        self.node = None
        self.socket = None

    async def __aenter__(self):
        self.socket = await connect(
            f"ws://{self.grid.address}/agent", subprotocols=[PROTOCOL], proxy=None, compression=None, close_timeout=1
        )
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        await self.say(
            type="hello", protocol=1, join_token=self.join_token, public_key=base64.b64encode(public).decode(),
            stream=str(uuid.uuid4()), specifications=specifications(), agent_version="1",
        )
        challenge = await self.hear("challenge")
        self.node = challenge["node"]
        signed = (
            PROTOCOL.encode() + uuid.UUID(challenge["coordinator"]).bytes + base64.b64decode(challenge["nonce"])
            + uuid.UUID(self.node).bytes
        )
        await self.say(type="proof", signature=base64.b64encode(self.key.sign(signed)).decode())
        await self.hear("welcome")
        return self

    async def __aexit__(self, *_):
        await self.say(type="goodbye", reason="checked")
        await self.socket.close()

    async def say(self, **message):
        await self.socket.send(json.dumps(message))

    async def hear(self, kind):
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.recv(), 60))
            assert message["type"] != "refused", message
            if message["type"] == kind:
                return message

    async def sample(self, interval_ms=100, gpus=None, **host):
        """Sends one sample: a node_metrics for everybody who looks. `gpus` and `host` have further readings."""
        self.number += 1
        await self.say(
            type="sample", seq=self.number, taken_at_ms=int(time.time() * 1000), interval_ms=interval_ms,
            host={"cpu_percent": 1.5, **host},
            gpus={"index": list(range(GPUS)), "utilization_percent": [self.number % 100] * GPUS,
                  "temperature_celsius": [60] * GPUS, "power_milliwatts": [300000] * GPUS, **(gpus or {})},
        )

    def vanish(self):
        """Ends without a word, as if its machine were gone."""
        self.socket.transport.abort()

    async def keep_sampling(self, seconds=0.02, **host):
        """Samples until it is cancelled."""
        while True:
            await self.sample(**host)
            await asyncio.sleep(seconds)

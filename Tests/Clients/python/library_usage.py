"""Looked at by mypy, never run: what an application with types writes, and what it must not be allowed to."""

from neurogrid import Channel, Event, LinkSettings, NeuroGridWebSocket, NeurographWSClient, Position, Refusal, Settings
from neurogrid.progress import Progress, tell


async def token() -> str:
    return "token"


async def native(url: str) -> int:
    client = NeuroGridWebSocket(url, token, Settings(max_rooms=5, heartbeat_interval=10.0))

    @client.on("node_metrics")
    async def hear(event: Event) -> None:
        print(event.data["node_id"], event.room)

    async with client:
        try:
            joined = await client.join("nodes", regions=["eu-west-1"])
        except Refusal as refusal:
            print(refusal.code, refusal.subject)
            raise
        place: Position | None = client.position("nodes")
        if place is not None:
            await client.join("general", since=Position(place.epoch, place.offset))
        async for event in client.events("node_metrics", room="nodes"):
            print(event.position, joined)
            break
    # Each of these is a mistake that is to be seen.
    NeuroGridWebSocket(url)  # type: ignore[call-arg]
    Settings(max_rooms="five")  # type: ignore[arg-type]
    await client.join("general", since=7)  # type: ignore[arg-type]
    client.send(5)  # type: ignore[arg-type]
    return client.state  # type: ignore[return-value]


async def neurograph(url: str) -> None:
    client = NeurographWSClient(url=url, token="jwt", auto_reconnect=True, debug=True, settings=LinkSettings())
    client.subscribe(Channel.METRICS, lambda data: print(data["data"]))
    client.subscribe(["signals", "logs"], lambda data: None)
    info = await client.connect()
    print(info["client_id"], client.channels)
    client.subscribe(Channel.METRICS)  # type: ignore[call-arg]
    Channel.METRIX  # type: ignore[attr-defined]
    await client.run_forever()


def task() -> list[int]:
    tell(5, stage="load", message="reading", eta_seconds=3)
    tell("five")  # type: ignore[arg-type]
    return [number for number in Progress(range(3), desc="train")]

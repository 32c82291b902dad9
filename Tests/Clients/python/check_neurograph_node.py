"""NeuroGraph with node's WebSocket client: the document's own browser sample, and a client that comes back."""

from checks import Checks
from check_authentication import no_limits
from check_neurograph import say
from check_qubix_node import Node
from grid import Grid
from neurograph import kind

check = Checks("neurograph, node-ws")


class Client(Node):
    async def expect(self, *kinds):
        while kind(message := await self.line()) not in kinds:
            pass
        return message


def address(grid, **query):
    return f"ws://{grid.address}/ws?" + "&".join(f"{key}={value}" for key, value in query.items())


@check
async def the_documents_browser_sample(grid):
    async with Node("run_neurograph_browser.js", grid.address) as page:
        assert await page.line() == ["Connected"]
        name, message = await page.line()
        assert name == "Received:" and message["type"] == "connected" and message["user_id"] is None, message
        name, message = await page.line()
        assert message["type"] == "subscribed" and message["channels"] == ["metrics"], message
        name, message = await page.line()
        assert name == "Received:" and message["event_type"] == "system_metrics", message
        assert set(message["data"]) == {"cpu_percent", "memory_mb", "events_per_sec", "total_tokens"}, message


@check
async def the_documents_lines_typed_into_wscat(grid):
    # Whoever types is slower than three seconds: the greeting comes by itself.
    async with Client("qubix_client.js", f"ws://{grid.address}/ws") as console:
        await console.expect("open")
        assert (await console.expect("connected"))["user_id"] is None
        console.process.stdin.write(b'{"type": "subscribe", "channels": ["metrics"]}\n{"type": "ping"}\n')
        assert (await console.expect("subscribed"))["channels"] == ["metrics"]
        await console.expect("pong")


@check
async def it_subscribes_drops_and_comes_back(grid):
    token = grid.sign("anna")
    async with Client("qubix_client.js", address(grid, token=token)) as client:
        await client.expect("open")
        info = await client.expect("connected")
        assert info["user_id"] == "anna", info
        client.send("subscribe", channels=["signals"])
        await client.expect("subscribed")
        say(grid, "signals", 1)
        assert (await client.line())["data"] == {"number": 1}
    say(grid, "signals", 2)
    async with Client("qubix_client.js", address(grid, token=token, client_id=info["client_id"])) as client:
        await client.expect("open")
        assert (await client.expect("connected"))["client_id"] == info["client_id"]
        assert (await client.line())["data"] == {"number": 2}
        client.send("no such message")
        assert (await client.expect("error"))["code"] == "UNKNOWN_TYPE"
        client.send("get_subscriptions")
        assert (await client.expect("subscriptions"))["channels"] == ["signals"]


@check
async def it_is_sent_away_when_the_coordinator_stops(grid):
    async with Client("qubix_client.js", address(grid, token=grid.sign())) as client:
        await client.expect("open")
        await client.expect("connected")
        grid.coordinator.process.terminate()
        assert (await client.expect("close"))["code"] == 1001


if __name__ == "__main__":
    check.run(lambda: Grid(limits=no_limits(), dev=True, neurograph={"metrics_interval": "500ms"}))

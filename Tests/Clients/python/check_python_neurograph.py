"""The Python client of NeuroGraph: the document's samples as they stand, and the rest against a peer that plays it."""

import ast
import asyncio
import contextlib
import inspect
import io
import logging
import pathlib
import re
import sys

from check_python_peer import NoGrid
from checks import Checks
from neurograph_peer import METRICS, NeurographPeer, TIME
from python_library import Diary, SOURCES

sys.path.insert(0, str(SOURCES))

from neurogrid import Channel, Disconnected, LinkSettings, NeurographWSClient  # noqa: E402

check = Checks("python neurograph", patience=150)
HERE = pathlib.Path(__file__).resolve().parent
SIGNAL = {"severity": "warning"}


def impatient(**more):
    return LinkSettings(**{"reconnect_delay": 0.02, "messages_per_minute": 0, "connections_per_minute": 0, **more})


@contextlib.asynccontextmanager
async def meeting(settings=None, **more):
    async with NeurographPeer() as peer:
        client = NeurographWSClient(url=peer.url, token="a token", settings=settings or impatient(), **more)
        diary = Diary(client)
        await client.connect()
        try:
            yield peer, client, diary
        finally:
            await client.disconnect()


class Screen(io.StringIO):
    """What a sample prints, to be awaited."""

    async def until(self, text):
        async with asyncio.timeout(100):
            while text not in self.getvalue():
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def sample(file, address, token=None, **names):
    """Runs a sample of the document, of which only host, port and token are replaced, until it is left."""
    text = (HERE / file).read_text().replace("localhost:8000", address)
    if token:
        text = re.sub(r'"[a-z-]*jwt-token"', f'"{token}"', text)
    code = compile(text, file, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert code.co_flags & inspect.CO_COROUTINE, "it awaits"
    screen = Screen()
    with contextlib.redirect_stdout(screen):
        running = asyncio.create_task(eval(code, names))
        yield screen
        await names["client"].disconnect()
        # The sample stays until its client is told to go.
        await asyncio.wait_for(running, 50)


@check
async def the_document_s_sample(_):
    async with NeurographPeer() as peer, sample("neurograph_document_client.py", peer.address) as screen:
        guest = await peer.come(0, lambda guest: len(guest.channels) == 2)
        assert guest.token == "your-jwt-token"
        await guest.tell("signals", "alert_new", SIGNAL)
        await screen.until("Signal: ")
    event = {"channel": "signals", "timestamp": TIME, "event_type": "alert_new", "data": SIGNAL}
    assert screen.getvalue() == f"Metrics: {METRICS}\nSignal: {event}\n", screen.getvalue()


@check
async def the_document_s_overview(_):
    names = {"NeurographWSClient": NeurographWSClient}
    async with NeurographPeer() as peer, sample("neurograph_document_overview.py", peer.address, **names) as screen:
        assert (await peer.come(0)).token == "jwt-token"
        await screen.until("system_metrics")
    assert str(METRICS) in screen.getvalue(), screen.getvalue()


@check
async def it_comes_back_under_its_id_in_its_channels(_):
    async with meeting() as (peer, client, diary):
        heard = []
        client.subscribe([Channel.SIGNALS, "actions"], lambda event: heard.append(event["data"]))
        guest = await peer.come(0, lambda guest: len(guest.channels) == 2)
        assert guest.asked_id is None and client.client_id == guest.client_id
        await guest.tell("signals", "alert_new", {"number": 1})
        await diary.expect("alert_new")
        guest.cut()
        guest = await peer.come(1, lambda guest: len(guest.channels) == 2)
        assert guest.asked_id == "client-0" and guest.token == "a token", guest.asked_id
        await guest.say("buffer_overflow", dropped=3)
        await guest.tell("actions", "task_created", {"number": 5})
        await guest.tell("logs", "log", {"number": 6})
        await diary.expect("task_created")
        assert (await diary.expect("buffer_overflow")).data["dropped"] == 3
        assert heard == [{"number": 1}, {"number": 5}], heard
        assert [event.data["client_id"] for event in diary.of("connected")] == ["client-0"] * 2


@check
async def handlers_share_a_subscription_and_the_last_one_ends_it(_):
    async with meeting() as (peer, client, diary):
        def one(_):
            raise RuntimeError("a handler's own mistake keeps nobody else from hearing")

        heard = []
        client.subscribe("logs", one)
        client.subscribe("logs", heard.append)
        guest = await peer.come(0, lambda guest: guest.channels)
        await guest.tell("logs", "log", {"message": "hello"})
        await diary.expect("log")
        assert len(heard) == 1, heard
        client.unsubscribe("logs", one)
        assert client.channels == ["logs"]
        client.unsubscribe("logs", heard.append)
        await diary.expect("unsubscribed")
        assert guest.heard == [
            {"type": "subscribe", "channels": ["logs"]}, {"type": "unsubscribe", "channels": ["logs"]}], guest.heard


@check
async def it_asks_for_subscriptions_and_signs_of_life(_):
    async with meeting(settings=impatient(heartbeat_interval=0.05)) as (peer, client, diary):
        client.subscribe("status", lambda _: None)
        client.get_subscriptions()
        assert (await diary.expect("subscriptions")).data["channels"] == ["status"]
        await diary.expect("pong")
        client.subscribe("nosuch", lambda _: None)
        assert "nosuch" in (await diary.expect("error")).data["message"]
        assert len(peer.guests) == 1


@check
async def an_iterator_reads_one_event_after_the_other(_):
    async with meeting() as (peer, client, _):
        async with client.events("system_metrics") as events:
            client.subscribe(Channel.METRICS, lambda _: None)
            event = await asyncio.wait_for(anext(events), 100)
        assert (event.room, event.data) == ("metrics", METRICS), event


@check
async def it_writes_what_it_sees_where_it_is_told_to(_):
    logger = logging.getLogger("neurogrid.neurograph")
    level = logger.level
    for debug in (True, False):
        lines = []
        handler = logging.Handler()
        handler.emit = lambda record, lines=lines: lines.append(record.getMessage())
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        try:
            async with meeting(debug=debug):
                pass
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
        assert any("'type': 'connected'" in line for line in lines) == debug, lines
        assert bool(lines) == debug, lines


@check
async def without_auto_reconnect_it_stays_away(_):
    async with meeting(auto_reconnect=False) as (peer, client, diary):
        running = asyncio.create_task(client.run_forever())
        (await peer.come(0)).cut()
        down = await diary.expect("disconnected")
        assert down.data["will_return"] is False, down
        try:
            await asyncio.wait_for(running, 100)
            raise AssertionError("it is still there")
        except Disconnected as ending:
            assert ending.code == 1006, ending


if __name__ == "__main__":
    check.run(NoGrid)

"""Notifications under load while connections break and the coordinator is killed: who was promised what, and who got it.

A sender counts a notification as promised once its request was answered 201, and repeats the request under the same
Idempotency-Key until it is. A reader remembers the position of the last event and comes back with it. Afterwards every
reader must have had every promised notification exactly once, where the answer said it stands, and nothing else.
"""

import asyncio
import http.client
import json
import random
import time

from websockets.exceptions import ConnectionClosed, InvalidHandshake

from native import Client

BROKEN = (ConnectionClosed, InvalidHandshake, OSError, asyncio.TimeoutError, EOFError)


class Sender:
    def __init__(self, run, number):
        self.run = run
        self.number = number
        self.repeated = 0

    async def send(self, sequence):
        key = f"sender-{self.number}-{sequence}"
        body = {"title": key, "message": "m" * random.randrange(1, 400), "level": "info"}
        while True:
            try:
                status, answer = await asyncio.to_thread(self.run.post, body, key)
                if status == 201:
                    break
                assert status == 503, (status, answer)
            except (*BROKEN, ValueError, http.client.HTTPException):
                pass
            self.repeated += 1
            await asyncio.sleep(0.05)
        assert key not in self.run.promised
        self.run.promised[key] = (answer["epoch"], answer["offset"], answer["notification_id"])

    async def go_on(self):
        sequence = 0
        while not self.run.is_over:
            sequence += 1
            await self.send(sequence)
            await asyncio.sleep(random.random() * 0.02)


class Reader:
    def __init__(self, run, number):
        self.run = run
        self.number = number
        self.position = None
        self.events = []
        self.client = None
        self.resumes = 0
        self.replayed = 0
        self.slowest = 0.0

    async def come(self):
        """One connection, from the answer to its end."""
        started = time.monotonic()
        async with Client(self.run.grid.url, compression=random.choice([None, "deflate"])) as client:
            await client.authenticate(self.run.reader_token)
            if self.position is None:
                answer = (await client.join("general"))["data"]
                self.position = {"epoch": answer["epoch"], "offset": answer["offset"]}
                assert answer["offset"] == 0, answer
            else:
                answer = (await client.join("general", since=self.position))["data"]
                assert answer["recovered"] is True and "gap" not in answer, answer
                assert {key: answer[key] for key in ("epoch", "offset")} == self.position, (answer, self.position)
                self.resumes += 1
                self.slowest = max(self.slowest, time.monotonic() - started)
            self.client = client
            promised = len(self.run.promised)
            while True:
                message = client.inbox.pop(0) if client.inbox else await client.receive(0.5)
                if message["type"] != "system_notification":
                    assert message["type"] in ("error", "resume_ticket", "conflated"), message
                    continue
                self.take(message)
                if message["offset"] <= promised:
                    self.replayed += 1

    def take(self, message):
        assert message["room"] == "general" and message["epoch"] == self.position["epoch"], message
        assert message["offset"] == self.position["offset"] + 1, (message["offset"], self.position)
        self.position["offset"] = message["offset"]
        self.events.append((message["data"]["title"], message["offset"], message["data"]["notification_id"]))

    async def go_on(self):
        while not (self.run.has_promised_all and len(self.events) >= len(self.run.promised)):
            try:
                await self.come()
            except BROKEN:
                self.client = None
                await asyncio.sleep(random.random() * self.run.longest_absence)

    def cut(self):
        """Breaks the connection without a word. Returns whether there was one."""
        client, self.client = self.client, None
        if client is None:
            return False
        client.socket.transport.abort()
        return True


class Run:
    """Readers and senders on one grid."""

    def __init__(self, grid, readers=4, senders=3, longest_absence=0.4):
        self.grid = grid
        self.promised = {}
        # The senders are to end, and have ended.
        self.is_over = False
        self.has_promised_all = False
        self.longest_absence = longest_absence
        self.admin_token = grid.sign("root", ["admin"], expires_in=7200)
        self.reader_token = grid.sign("reader", [], expires_in=7200)
        self.readers = [Reader(self, number) for number in range(readers)]
        self.senders = [Sender(self, number) for number in range(senders)]
        self.disconnects = 0
        self.kills = 0

    def post(self, body, key):
        status, _, answer = self.grid.request(
            "/api/v1/notifications", token=self.admin_token, method="POST", body=json.dumps(body),
            headers={"Content-Type": "application/json", "Idempotency-Key": key})
        return status, json.loads(answer)

    async def disconnect(self, count):
        """Cuts random readers until so many connections were broken."""
        goal = self.disconnects + count
        while self.disconnects < goal:
            await asyncio.sleep(random.random() * 0.12)
            self.fail_early()
            if random.choice(self.readers).cut():
                self.disconnects += 1

    async def kill(self):
        """The coordinator dies as in a power cut, and is started again on the same data directory and port."""
        address = self.grid.address
        self.grid.coordinator.kill()
        self.kills += 1
        # On this thread: the process would die with another one.
        self.grid.start_coordinator(address)

    async def until_quiet(self):
        """Lets the senders end and the readers catch up."""
        self.is_over = True
        readers, senders = self.tasks[:len(self.readers)], self.tasks[len(self.readers):]
        await asyncio.gather(*senders)
        self.has_promised_all = True
        await asyncio.gather(*readers)
        self.tasks = []

    async def __aenter__(self):
        self.started = time.monotonic()
        # Readers first: each is to see the log from its beginning.
        self.tasks = [asyncio.create_task(reader.go_on()) for reader in self.readers]
        while not all(reader.client for reader in self.readers):
            self.fail_early()
            await asyncio.sleep(0.01)
        self.tasks += [asyncio.create_task(sender.go_on()) for sender in self.senders]
        return self

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def fail_early(self):
        """Raises what one of them ran into."""
        for task in self.tasks:
            if task.done():
                task.result()

    def verdict(self):
        """Compares what was promised with what each reader had; returns the summary line, or raises."""
        lost = double = misplaced = unpromised = 0
        for reader in self.readers:
            seen = {}
            for title, offset, identifier in reader.events:
                double += title in seen
                seen[title] = (offset, identifier)
            lost += len(self.promised.keys() - seen.keys())
            unpromised += len(seen.keys() - self.promised.keys())
            for title, (epoch, offset, identifier) in self.promised.items():
                misplaced += seen.get(title, (offset, identifier)) != (offset, identifier)
                misplaced += epoch != reader.position["epoch"]
        offsets = sorted(offset for _, offset, _ in self.promised.values())
        assert offsets == list(range(1, len(offsets) + 1)), "the promised offsets have holes"
        line = (
            f"{self.disconnects} disconnects, {self.kills} kills -9; {len(self.promised)} notifications promised, "
            f"{sum(sender.repeated for sender in self.senders)} requests repeated; {len(self.readers)} readers, "
            f"{sum(reader.resumes for reader in self.readers)} resumes, all whole, "
            f"{sum(reader.replayed for reader in self.readers)} events replayed; "
            f"lost {lost}, double {double}, misplaced {misplaced}, unpromised {unpromised}; "
            f"slowest answer to a resume {max(reader.slowest for reader in self.readers) * 1000:.0f} ms; "
            f"{time.monotonic() - self.started:.0f} s"
        )
        assert lost == double == misplaced == unpromised == 0, line
        return line

"""A bounded first-in-first-out between tasks that can be told to hurry."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Buffer(AsyncIterator[T], Generic[T]):
    """Whoever puts waits while it is full; whoever takes waits while it is empty."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._changed = asyncio.Event()
        self._hurrying = 0
        self.is_open = True

    @property
    def waiting(self) -> int:
        """How many are in it."""
        return len(self._items)

    async def put(self, item: T) -> None:
        """Waits for room; what is put into a closed one is dropped."""
        while self.is_open and not self._hurrying and len(self._items) >= self._capacity:
            await self._change()
        self.put_now(item)

    def put_now(self, item: T) -> None:
        """Beyond the bound, where it must be."""
        if self.is_open:
            self._items.append(item)
            self._changed.set()

    def close(self) -> None:
        """Takes nothing more; what is in it can still be taken."""
        self.is_open = False
        self._changed.set()

    @contextmanager
    def hurrying(self) -> Iterator[None]:
        """Meanwhile there is no bound: somebody waits for what can only come behind what is put here."""
        self._hurrying += 1
        self._changed.set()
        try:
            yield
        finally:
            self._hurrying -= 1

    async def __anext__(self) -> T:
        while not self._items:
            if not self.is_open:
                raise StopAsyncIteration
            await self._change()
        item = self._items.popleft()
        self._changed.set()
        return item

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

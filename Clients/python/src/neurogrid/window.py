"""At most so many of something in any span of a length."""

from collections import deque


class SlidingWindow:
    """Keeps the moments of the latest ones. Moments and spans are in seconds of any one clock."""

    def __init__(self, limit: int, span: float) -> None:
        """`limit` 0 is no limit."""
        self.limit = limit
        self.span = span
        self._moments: deque[float] = deque()

    def wait(self, now: float, reserve: int = 0) -> float:
        """How long to wait until one more is allowed, and `reserve` of the limit is left to others behind it; 0 is
        now."""
        if self.limit == 0:
            return 0.0
        while self._moments and self._moments[0] <= now - self.span:
            self._moments.popleft()
        surplus = len(self._moments) - (self.limit - reserve)
        return 0.0 if surplus < 0 else self._moments[surplus] + self.span - now

    def count(self, now: float) -> None:
        """One happens now."""
        if self.limit:
            self._moments.append(now)

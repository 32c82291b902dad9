"""How long to wait before the next attempt."""

import random
from collections.abc import Callable


class Backoff:
    """Exponential waits with full jitter, so that clients which lost the same coordinator do not return together."""

    def __init__(
        self, base: float = 1.0, cap: float = 30.0, uniform: Callable[[], float] = random.random
    ) -> None:
        """`base` is the longest first wait and `cap` the longest of all, in seconds; `uniform` draws from [0, 1)."""
        self.base = base
        self.cap = cap
        self.attempts = 0
        self._uniform = uniform

    def next(self) -> float:
        """Counts an attempt and returns the wait before it, in seconds."""
        # Beyond 2^30 the power says nothing that the cap does not.
        ceiling = min(self.cap, self.base * float(2 ** min(self.attempts, 30)))
        self.attempts += 1
        return self._uniform() * ceiling

    def skip(self) -> None:
        """Counts an attempt whose wait somebody else has named."""
        self.attempts += 1

    def reset(self) -> None:
        """An attempt has succeeded."""
        self.attempts = 0

"""Who the client is to the coordinator."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime

from .errors import Refusal
from .messages import Data, TokenSource
from .token import current_token, expiry_of

logger = logging.getLogger("neurogrid")


class Session:
    """Authenticates each connection, tells a newer token in place before the old one expires, and knows when coming
    back is of no use."""

    def __init__(
        self, token: TokenSource, refresh_before: float, ask: Callable[[Data], None], renew: Callable[[str], None],
        retry: Callable[[str], None],
    ) -> None:
        """`refresh_before` are seconds; `ask` sends a message, `renew` makes another connection at once, `retry`
        after a while."""
        self.token = token
        self.refusal: Refusal | None = None
        self.is_ready = False
        self.is_asking = False
        #: The coordinator's clock less ours, in seconds.
        self.clock_skew = 0.0
        self._refresh_before = refresh_before
        self._ask_coordinator = ask
        self._renew = renew
        self._retry = retry
        self._is_renewing = False
        self._asking: asyncio.Task[None] | None = None
        self._refreshing: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """A connection is open."""
        self.ask()

    def end(self) -> None:
        """The connection is gone."""
        self.is_ready = self.is_asking = self._is_renewing = False
        if self._asking:
            self._asking.cancel()
        if self._refreshing:
            self._refreshing.cancel()

    def replace_token(self, token: TokenSource | None = None, is_open: bool = True) -> None:
        """Another token from the application; without one the same is told again."""
        self.token = token or self.token
        self.refusal = None
        self._is_renewing = self.is_ready
        if is_open:
            self.ask()

    def ask(self) -> None:
        """Authenticates."""
        self.is_asking = True
        if self._asking:
            self._asking.cancel()
        self._asking = asyncio.create_task(self._ask())

    def accepted(self) -> bool:
        """`auth_response` came. Returns whether the connection is ready only now."""
        is_first = not self.is_ready
        self.is_ready, self.is_asking, self._is_renewing = True, False, False
        return is_first

    def connected(self, data: Data) -> None:
        """`connected` came."""
        self.clock_skew = seconds_of(data["server_time"]) - time.time()

    def refused(self, data: Data) -> None:
        """`auth_error` came. What gets tokens may get a better one; a fixed one is refused once and for all."""
        self.is_asking = False
        if data["code"] != "AUTH_TIMEOUT" and not callable(self.token):
            self.refusal = Refusal(data["code"], data["message"])

    def failed(self, data: Data) -> bool:
        """`error` came. Returns whether it is about authentication: a coordinator that takes no token in place."""
        if data["code"] != "ALREADY_AUTHENTICATED" or not self._is_renewing:
            return False
        self.is_asking = self._is_renewing = False
        self._renew("another token")
        return True

    async def _ask(self) -> None:
        try:
            token = await current_token(self.token)
        except Exception:
            # Whatever the application's own function raises: a session goes on with the token it has.
            logger.exception("no token")
            self.is_asking = False
            if not self.is_ready:
                self._retry("no token")
            return
        self._refresh_in_time(expiry_of(token))
        self._ask_coordinator({"type": "authenticate", "data": {"token": token}})

    def _refresh_in_time(self, expiry: float | None) -> None:
        if self._refreshing:
            self._refreshing.cancel()
        if not callable(self.token) or expiry is None:
            return
        # The coordinator's clock says when it is over.
        left = expiry - self.clock_skew - time.time()
        # A token shorter-lived than the lead is replaced half-way.
        delay = left - self._refresh_before if left > self._refresh_before else left / 2
        if delay > 0:
            self._refreshing = asyncio.get_running_loop().call_later(delay, self.replace_token)


def seconds_of(time: str) -> float:
    """A documented time as seconds since 1970."""
    return datetime.fromisoformat(time).timestamp()

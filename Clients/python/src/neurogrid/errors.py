"""What can go wrong for good. What passes by itself is told as an event."""

import asyncio


class NeuroGridError(Exception):
    """All errors of this package."""


class Refusal(NeuroGridError):
    """The coordinator refused something."""

    def __init__(self, code: str, message: str, subject: str | None = None) -> None:
        """`code` as in docs/protocol.md; `subject` is what was refused: a room."""
        super().__init__(f"{subject}: {message} ({code})" if subject else f"{message} ({code})")
        self.code = code
        self.subject = subject


class Disconnected(NeuroGridError):
    """The connection ended for good before what was asked for came."""

    def __init__(self, code: int, reason: str) -> None:
        """`code` is the WebSocket's close code, 1006 where none came."""
        super().__init__(f"disconnected: {code} {reason}".rstrip())
        self.code = code
        self.reason = reason


def ended(running: "asyncio.Task[None]") -> None:
    """A client's task is over. How a connection ends, its events tell; what nobody expected must not pass unseen."""
    error = None if running.cancelled() else running.exception()
    if error is not None and not isinstance(error, NeuroGridError):
        running.get_loop().call_exception_handler({"message": "a client failed", "exception": error, "task": running})

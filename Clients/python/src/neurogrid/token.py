"""JSON Web Tokens as a client sees them."""

import base64
import inspect
import json

from .messages import TokenSource


async def current_token(source: TokenSource) -> str:
    """The token of a source."""
    token = source() if callable(source) else source
    return await token if inspect.isawaitable(token) else token


def expiry_of(token: str) -> float | None:
    """When a token expires, in seconds since 1970; `None` where it does not say so legibly.

    Nothing is verified here: the coordinator does that.
    """
    try:
        claims = token.split(".")[1]
        expiry = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
    except (IndexError, KeyError, TypeError, ValueError):
        return None
    return float(expiry) if isinstance(expiry, int | float) else None

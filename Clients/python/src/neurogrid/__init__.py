"""Asyncio clients of the NeuroGrid coordinator. `neurogrid.progress` is for use inside tasks."""

from .client import NeuroGridWebSocket, Settings
from .dispatch import Stream
from .errors import Disconnected, NeuroGridError, Refusal
from .link import LinkSettings
from .messages import Event, Position
from .neurograph import Channel, NeurographWSClient

__all__ = [
    "Channel",
    "Disconnected",
    "Event",
    "LinkSettings",
    "NeuroGridError",
    "NeuroGridWebSocket",
    "NeurographWSClient",
    "Position",
    "Refusal",
    "Settings",
    "Stream",
]

"""The NeuroGraph client under the name that its document imports it by."""

from neurogrid.neurograph import Channel, NeurographWSClient

__all__ = ["Channel", "NeurographWSClient"]

"""Socket.IO v5 over an Engine.IO session: namespaces, and packets made whole."""

from typing_extensions import disjoint_base

from sioc.testing._engine import EngineSession

@disjoint_base
class Session(EngineSession):
    """One connection with its namespaces."""

    def deliver(self, namespace: bytes, frames: bytes) -> bool:
        """Send frames to the client if it has joined a namespace.

        Args:
            namespace: The name; empty for the root.
            frames: Complete WebSocket frames.

        Returns:
            Whether they were sent.
        """

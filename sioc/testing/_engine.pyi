"""An Engine.IO v4 session over one WebSocket, the server's side."""

from picows import WSListener
from typing_extensions import disjoint_base

from sioc.testing._hub import Hub

@disjoint_base
class EngineSession(WSListener):
    """One WebSocket connection: handshake, heartbeat, messages, closing.

    Args:
        hub: What it shares with the other sessions.
        base64: Whether attachments travel as text.
    """

    def __init__(self, hub: Hub, base64: bool) -> None: ...
    @property
    def base64(self) -> bool:
        """Whether attachments travel as text."""

    def abort(self) -> None:
        """Close the TCP connection at once."""

"""What the peer does with each event."""

from typing import final

from sioc.testing._session import Session

@final
class PeerSession(Session):
    """One client of the peer."""

"""What a WebSocket connection has left over from its handshake, let go of."""

from asyncio import BufferedProtocol
from typing import final

@final
class Settled:
    """What stands for a future whose outcome nobody will ask for."""

    def done(self) -> bool:
        """Return True: nothing is to be set."""

def trim(protocol: BufferedProtocol) -> None:
    """Make a connection small; its handshake is over, and all went well.

    Args:
        protocol: picows' WSProtocol, whose wait_disconnected() nobody calls any more.
    """

"""The options, the counters and the sessions of one peer."""

import asyncio
from typing import final

from sioc.testing._peer import PeerSession
from sioc.testing.server import Stats

@final
class Hub:
    """What all connections of one peer share.

    Args:
        ping_interval: Seconds from a pong to the next ping.
        ping_timeout: Seconds that a client has to answer a ping.
        connect_timeout: Seconds that a client has to join its first namespace.
        delay: Seconds before acks and echoes.
        max_payload: Bytes of one WebSocket message.
        namespaces: The names that may be joined; None allows all.
    """

    def __init__(
        self,
        *,
        ping_interval: float,
        ping_timeout: float,
        connect_timeout: float,
        delay: float,
        max_payload: int,
        namespaces: frozenset[bytes] | None,
    ) -> None: ...
    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop it serves on; None before `open`."""

    @property
    def ping_interval(self) -> float:
        """Seconds."""

    @property
    def ping_timeout(self) -> float:
        """Seconds."""

    @property
    def connect_timeout(self) -> float:
        """Seconds."""

    @property
    def delay(self) -> float:
        """Seconds."""

    @property
    def max_payload(self) -> int:
        """Bytes."""

    @property
    def namespaces(self) -> frozenset[bytes] | None:
        """The names that may be joined."""

    @property
    def sessions(self) -> set[PeerSession]:
        """The open sessions."""

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take sessions from now on.

        Args:
            loop: The loop they live on.
        """

    def close(self) -> None:
        """Take no more sessions."""

    def stats(self) -> Stats:
        """Count what arrived since the peer was made."""

    async def abort_sessions(self) -> None:
        """Abort all sessions and wait until the last is gone."""

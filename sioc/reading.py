"""Reading little at a time, where much would be delivered at once."""

from __future__ import annotations

import asyncio

# Bytes of one read: some 1,000 of the smallest events.
MOST = 16_384


class SmallReads(asyncio.BufferedProtocol):
    """Stand before a protocol, and let each read bring little.

    What a read has brought is delivered whole, and picows doubles its buffer whenever a
    read has filled it, without end: a kernel that holds megabytes hands them over at
    once. Reading that is paused from time to time is to bring no more than a pause can
    bound.

    Args:
        protocol: What reads.
    """

    def __init__(self, protocol: asyncio.BufferedProtocol) -> None:
        self._protocol = protocol
        self.buffer_updated = protocol.buffer_updated  # type: ignore[method-assign]
        self.pause_writing = protocol.pause_writing  # type: ignore[method-assign]
        self.resume_writing = protocol.resume_writing  # type: ignore[method-assign]

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where the next bytes go: the beginning of the protocol's buffer."""
        return memoryview(self._protocol.get_buffer(sizehint))[:MOST]

    def eof_received(self) -> bool | None:
        """Tell the protocol that the peer sends no more."""
        return self._protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the protocol of the end."""
        self._protocol.connection_lost(exc)

"""WebSocket over a Unix domain socket, which picows takes for a TCP one."""

from __future__ import annotations

from typing import Any

from picows.picows import WSProtocol  # type: ignore[attr-defined]


class UnixProtocol(WSProtocol):  # type: ignore[misc]
    """picows' protocol, on a transport whose socket has no TCP options."""

    def connection_made(self, transport: Any) -> None:
        """Take the connection and send the handshake."""
        super().connection_made(UnixTransport(transport))


class UnixTransport:
    """A loop's transport, but for its socket.

    Args:
        transport: The transport that does it all.
    """

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the transport knows of itself."""
        value = self._transport.get_extra_info(name, default)
        return UnixSocket(value) if name == "socket" else value


class UnixSocket:
    """A socket, for somebody who sets the options of TCP and asks for them.

    Args:
        sock: The socket.
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def fileno(self) -> int:
        """Return the descriptor."""
        number: int = self._sock.fileno()
        return number

    def setsockopt(self, level: int, option: int, value: int) -> None:
        """Do nothing: what picows sets is of TCP."""

    def getsockopt(self, level: int, option: int) -> int:
        """Return 0: picows asks only to log."""
        return 0

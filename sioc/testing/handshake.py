"""The HTTP side of the peer: what a client gets that it does not serve.

The order of the checks, their codes and their messages are the reference server's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from picows import WSUpgradeResponse

if TYPE_CHECKING:
    from typing import Final

__all__ = ["refusal"]

_UNKNOWN_TRANSPORT: Final = (0, "Transport unknown")
_UNKNOWN_SESSION: Final = (1, "Session ID unknown")
_BAD_REQUEST: Final = (3, "Bad request")
_UNSUPPORTED_VERSION: Final = (5, "Unsupported protocol version")


def refusal(query: Mapping[str, str], upgrading: bool) -> WSUpgradeResponse | None:
    """Check the parameters of a handshake.

    Args:
        query: The parameters of the request's URL.
        upgrading: Whether the request asks for an upgrade of its connection.

    Returns:
        The HTTP 400 response to send, or None if the client may connect.
    """
    if query.get("transport") != "websocket":
        code, message = _UNKNOWN_TRANSPORT
    elif "sid" in query:
        # Nothing to upgrade: every session here begins as a WebSocket.
        code, message = _UNKNOWN_SESSION
    elif not upgrading:
        code, message = _BAD_REQUEST
    elif query.get("EIO") != "4":
        code, message = _UNSUPPORTED_VERSION
    else:
        return None
    response: WSUpgradeResponse = WSUpgradeResponse.create_error_response(
        400,
        msgspec.json.encode({"code": code, "message": message}),
        {"Content-Type": "application/json"},
    )
    return response

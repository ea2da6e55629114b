"""Details of the end of a connection: the second argument of `disconnect`, `close`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class DisconnectDetails(msgspec.Struct, frozen=True):
    """What is known of the end of a connection.

    Attributes:
        description: What happened, in words.
        context: Where a WebSocket was closed, `code` and `reason` (RFC 6455 section
            7.4; 1006 stands for no close frame at all); where the server broke the
            protocol or a polling request failed, `error`, the ParseError, LimitError
            or TransportError; where HTTP refused it, its `status`, `headers`, `body`.

    Example:
        >>> @socket.on("disconnect")
        ... def lost(reason, details):
        ...     print(reason, details.description if details else "")
    """

    description: str
    context: Mapping[str, Any] = {}

"""sioc: a fast Socket.IO client for asyncio. docs/index.md has the guide."""

from sioc import _build as _build
from sioc import parsers, sync
from sioc._emitter import EventEmitter
from sioc._encoder import Prepared, prepare
from sioc._packet import Packet, PacketType
from sioc.client import io, run
from sioc.declarations import incoming, outgoing
from sioc.details import DisconnectDetails
from sioc.events import Events
from sioc.exceptions import (
    AckTimeoutError,
    BufferFullError,
    ConnectError,
    DisconnectedError,
    LimitError,
    ParseError,
    ReservedEventError,
    SocketIOError,
    TransportError,
    UnsupportedServerError,
    ValidationError,
)
from sioc.hooks import Hooks, PacketInfo
from sioc.limits import Limits
from sioc.manager import Manager
from sioc.socket import Socket
from sioc.stats import Stats
from sioc.stream import Event, Stream

__version__ = "0.1.0.dev0"

protocol = 5
"""The revision of the Socket.IO protocol spoken."""

__all__ = [
    "AckTimeoutError",
    "BufferFullError",
    "ConnectError",
    "DisconnectDetails",
    "DisconnectedError",
    "Event",
    "EventEmitter",
    "Events",
    "Hooks",
    "LimitError",
    "Limits",
    "Manager",
    "Packet",
    "PacketInfo",
    "PacketType",
    "ParseError",
    "Prepared",
    "ReservedEventError",
    "Socket",
    "SocketIOError",
    "Stats",
    "Stream",
    "TransportError",
    "UnsupportedServerError",
    "ValidationError",
    "incoming",
    "io",
    "outgoing",
    "parsers",
    "prepare",
    "protocol",
    "run",
    "sync",
]

"""Types for code that uses sioc: options, listeners, and what they are given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypedDict

from .exceptions import ConnectError

if TYPE_CHECKING:
    from ssl import SSLContext

    from ._packet import Packet
    from .hooks import Hooks
    from .limits import Limits

__all__ = [
    "AckCallback",
    "Auth",
    "AuthData",
    "DecHook",
    "DisconnectReason",
    "EncHook",
    "ExceptionHandler",
    "FactoryOptions",
    "HeaderData",
    "Headers",
    "Listener",
    "ManagerOptions",
    "Options",
    "PacketDecoder",
    "PacketEncoder",
    "Parser",
    "Query",
    "QueryData",
    "RetryOnReject",
    "SocketOptions",
    "TransportName",
]

Listener: TypeAlias = Callable[..., object]
"""A function or coroutine function that an event is given to."""

AckCallback: TypeAlias = Callable[..., object]
"""`fn(*args)`, or `fn(err, *args)` where a timeout applies."""

ExceptionHandler: TypeAlias = Callable[[BaseException, dict[str, Any]], object]
"""`fn(exc, context)`: told of an exception in a listener; context names both."""

RetryOnReject: TypeAlias = Callable[[ConnectError], bool]
"""`fn(err)`: True tries again although the server has refused."""

AuthData: TypeAlias = Mapping[str, Any]
"""Payload of the CONNECT packet: whatever JSON can carry."""

Auth: TypeAlias = (
    AuthData | Callable[[], AuthData | None] | Callable[[], Awaitable[AuthData | None]]
)
"""The payload, or a function or coroutine function asked for it at every attempt."""

QueryData: TypeAlias = Mapping[str, str | int | float]
"""Parameters of the request's URL."""

Query: TypeAlias = (
    QueryData | Callable[[], QueryData] | Callable[[], Awaitable[QueryData]]
)
"""Parameters, or a function or coroutine function asked for them at every attempt."""

HeaderData: TypeAlias = Mapping[str, str]
"""Request headers: tokens to printable ASCII."""

Headers: TypeAlias = (
    HeaderData | Callable[[], HeaderData] | Callable[[], Awaitable[HeaderData]]
)
"""Headers, or a function or coroutine function asked for them at every attempt."""

EncHook: TypeAlias = Callable[[Any], object]
"""`fn(value)`: returns what can be encoded for a value that cannot."""

DecHook: TypeAlias = Callable[[type, Any], object]
"""`fn(type, value)`: returns a value of a type of the program's own."""


class PacketEncoder(Protocol):
    """What the `Encoder` of a parser makes."""

    def encode(self, packet: Packet, /) -> Sequence[str | bytes]:
        """Return the messages of a packet: str for text, bytes for binary ones."""


class PacketDecoder(Protocol):
    """What the `Decoder` of a parser makes: an emitter of `decoded(packet)`."""

    def on(self, event: str, fn: Callable[..., object], /) -> object:
        """Call a function at each event of that name."""

    def add(self, chunk: Any, /) -> object:
        """Take a message, str or bytes; emit `decoded` when a packet is complete."""

    def destroy(self) -> object:
        """Forget a packet that is not complete."""


class Parser(Protocol):
    """A parser: `Encoder` and `Decoder` are called once per Manager."""

    @property
    def Encoder(self) -> Callable[[], PacketEncoder]:  # noqa: N802
        """Make an encoder."""

    @property
    def Decoder(self) -> Callable[[], PacketDecoder]:  # noqa: N802
        """Make a decoder."""


TransportName: TypeAlias = Literal["websocket"]
"""The transports of this version."""

DisconnectReason: TypeAlias = Literal[
    "io server disconnect",
    "io client disconnect",
    "ping timeout",
    "transport close",
    "transport error",
    "parse error",
    "forced close",
]
"""First argument of `disconnect` and `close`; the last one is the Manager's own."""


class FactoryOptions(TypedDict, total=False):
    """Options of `io()` alone.

    Attributes:
        force_new: Make a Manager of its own; default False.
        multiplex: Share the Manager of the origin and path; default True.
    """

    force_new: bool
    multiplex: bool


class SocketOptions(TypedDict, total=False):
    """Options of one namespace.

    Attributes:
        auth: Payload of the CONNECT packet, or a function asked for it at every
            attempt; default None, no payload.
        ack_timeout: Seconds an ack may take; default None, no end.
        retries: How often an event is sent again until the server acknowledges it, in
            order and across reconnections; default None, events are sent once.
    """

    auth: Auth | None
    ack_timeout: float | None
    retries: int | None


class ManagerOptions(TypedDict, total=False):
    """Options of a Manager, its engine, and Python's own. Times are seconds.

    Attributes:
        auto_connect: Connect at once; default True.
        reconnection: Connect again after a loss or a failure; default True.
        reconnection_attempts: Attempts per outage; default None, no end.
        reconnection_delay: Delay before the first attempt; default 1.0.
        reconnection_delay_max: Delay that doubling stops at; default 5.0.
        randomization_factor: Share of a delay that is random, 0 to 1; default 0.5.
        timeout: From name look-up to handshake; default 20.0; None is no end.
        path: Path of the server's endpoint, not a namespace; default "/socket.io".
        add_trailing_slash: End that path with a slash; default True.
        query: Parameters of the request's URL.
        transports: Names in order of preference; default ("websocket",).
        timestamp_requests: Add a parameter that defeats caches; default None, as the
            transport needs it.
        timestamp_param: Name of that parameter; default "t".
        force_base64: Send and receive attachments as base64; default False.
        extra_headers: Headers of the upgrade request.
        protocols: WebSocket subprotocols to offer.
        ssl: An `ssl.SSLContext`; default None, verify with the system's
            certificates; False, do not verify.
        proxy: URL of a proxy: http, socks4 or socks5; default None.
        limits: A `sioc.Limits`.
        parser: `sioc.parsers.json` (the default), `sioc.parsers.msgpack`, one of them
            with options, or an object of the same shape.
        close_timeout: Most that closing may take; default 5.0.
        retry_on_reject: Asked with the ConnectError when the server has refused a
            namespace; True tries again after the reconnection delay. Default None.
        on_exception: Told of exceptions in listeners; default None, the loop's
            exception handler is.
        slow_listener_duration: Warn, in the log `sioc`, of a listener that blocks the
            loop for so long; default None, do not take the time.
        hooks: A `sioc.Hooks`, told of packets, acks and states; default None.
    """

    auto_connect: bool
    reconnection: bool
    reconnection_attempts: int | None
    reconnection_delay: float
    reconnection_delay_max: float
    randomization_factor: float
    timeout: float | None
    path: str
    add_trailing_slash: bool
    query: Query
    transports: Sequence[TransportName]
    timestamp_requests: bool | None
    timestamp_param: str
    force_base64: bool
    extra_headers: Headers
    protocols: str | Sequence[str]
    ssl: SSLContext | Literal[False] | None
    proxy: str | None
    limits: Limits
    parser: Parser | None
    close_timeout: float
    on_exception: ExceptionHandler | None
    retry_on_reject: RetryOnReject | None
    slow_listener_duration: float | None
    hooks: Hooks | None


class Options(FactoryOptions, SocketOptions, ManagerOptions, total=False):
    """All options of `io()`."""

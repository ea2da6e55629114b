"""Types for code that uses sioc: options, listeners, and what they are given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypedDict

from .exceptions import ConnectError

if TYPE_CHECKING:
    from os import PathLike
    from ssl import SSLContext

    from ._packet import Packet
    from .hooks import Hooks
    from .limits import Limits
    from .transports import Transport

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
    "TransportOptions",
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

    # As methods, which nested classes, functions and attributes all stand for, be it of
    # an object, a class or a module.
    def Encoder(self) -> PacketEncoder:  # noqa: N802
        """Make an encoder."""

    def Decoder(self) -> PacketDecoder:  # noqa: N802
        """Make a decoder."""


TransportName: TypeAlias = Literal["polling", "websocket", "webtransport"]
"""The transports; this version passes over the last one where there are others."""

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


class TransportOptions(TypedDict, total=False):
    """What a transport may have for itself, over the options of the Manager.

    `query` and `extra_headers` are merged with the Manager's, the others stand in for
    them.
    """

    path: str
    add_trailing_slash: bool
    query: Query
    timestamp_requests: bool | None
    timestamp_param: str
    force_base64: bool
    extra_headers: Headers
    request_timeout: float | None
    protocols: str | Sequence[str]
    per_message_deflate: bool | Mapping[str, Any]
    ssl: SSLContext | Literal[False] | None
    proxy: str | None
    unix_socket: str | PathLike[str] | None
    local_addr: str | Sequence[str]


class ManagerOptions(TransportOptions, total=False):
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
        transports: Names, or classes of your own (`sioc.transports.Transport`), in
            order of preference; default ("polling", "websocket"). The first one
            connects.
        transport_options: By transport name, what it has for itself.
        upgrade: Go on by a better transport once connected; default True.
        remember_upgrade: Reconnect by WebSocket at once where it has worked before;
            default False.
        try_all_transports: Try the next transport where one cannot connect; default
            False.
        timestamp_requests: Add a parameter that defeats caches; default None, as the
            transport needs it.
        timestamp_param: Name of that parameter; default "t".
        force_base64: Send and receive attachments as base64; default False.
        extra_headers: Headers of every request.
        with_credentials: Keep the server's cookies, over reconnections too, and send
            them back; default False.
        request_timeout: Seconds one polling request may take; default None, as long
            as the server's pings are awaited.
        protocols: WebSocket subprotocols to offer.
        per_message_deflate: Taken, so that options of other clients can be kept; this
            version does not offer compression. Default False.
        ssl: An `ssl.SSLContext`; default None, verify with the system's
            certificates; False, do not verify.
        proxy: URL of a proxy: http, https, socks4 or socks5; default None.
        unix_socket: Path of a Unix domain socket to connect to instead of the URL's
            host, which is still named in requests; default None.
        local_addr: Source address of connections, or several to take in turn;
            default (), the system's choice.
        limits: A `sioc.Limits`.
        parser: `sioc.parsers.json` (the default), `sioc.parsers.msgpack`, one of them
            with options, or an object of the same shape.
        close_timeout: Most that closing may take; default 5.0.
        upgrade_timeout: Most that an upgrade may take; default 10.0.
        retry_on_reject: Asked with the ConnectError when the server has refused a
            namespace; True tries again after the reconnection delay. Default None.
        on_exception: Told of exceptions in listeners; default None, the loop's
            exception handler is.
        slow_listener_duration: Warn, in the log `sioc`, of a listener that blocks the
            loop for so long; default None, do not take the time.
        hooks: A `sioc.Hooks`, told of packets, acks, states, listeners; default None.
    """

    auto_connect: bool
    reconnection: bool
    reconnection_attempts: int | None
    reconnection_delay: float
    reconnection_delay_max: float
    randomization_factor: float
    timeout: float | None
    transports: Sequence[TransportName | type[Transport]]
    transport_options: Mapping[str, TransportOptions]
    upgrade: bool
    remember_upgrade: bool
    try_all_transports: bool
    with_credentials: bool
    limits: Limits
    parser: Parser | None
    close_timeout: float
    upgrade_timeout: float
    on_exception: ExceptionHandler | None
    retry_on_reject: RetryOnReject | None
    slow_listener_duration: float | None
    hooks: Hooks | None


class Options(FactoryOptions, SocketOptions, ManagerOptions, total=False):
    """All options of `io()`."""

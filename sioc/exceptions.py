"""Every error that sioc raises, sorted by whose fault it is.

    Exception
    └── SocketIOError                 the root: catches everything below
        ├── ConnectError              no connection: refused, or never reached
        │   └── UnsupportedServerError    the server speaks an older protocol
        ├── TransportError            the link broke         (ConnectionError)
        ├── DisconnectedError         no link to wait on     (ConnectionError)
        ├── AckTimeoutError           no ack came in time    (TimeoutError)
        ├── ParseError                the server broke the protocol (ValueError)
        │   └── LimitError            data passed a limit of `sioc.Limits`
        ├── BufferFullError           the caller passed a limit of `sioc.Limits`
        └── ReservedEventError        the caller emitted a reserved name (ValueError)

    msgspec.ValidationError           a payload does not fit the `types` of a listener

No name hides a builtin; the builtin in brackets is a base class too, so code that
knows only the builtin catches the error as well. All of them can be pickled.
"""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from msgspec import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

__all__ = [
    "AckTimeoutError",
    "BufferFullError",
    "ConnectError",
    "DisconnectedError",
    "LimitError",
    "ParseError",
    "ReservedEventError",
    "SocketIOError",
    "Stage",
    "TransportError",
    "UnsupportedServerError",
    "ValidationError",
]

Stage: TypeAlias = Literal[
    "url",
    "dns",
    "tcp",
    "tls",
    "proxy",
    "http",
    "websocket",
    "handshake",
    "namespace",
    "timeout",
    "auth",
]
"""How far a failed attempt to connect had come."""


class SocketIOError(Exception):
    """Root of all errors of this library.

    Attributes:
        message: What happened, in words; also the `str()` of the error.

    Example:
        >>> try:
        ...     await socket.emit_with_ack("sink", timeout=0.01)
        ... except sioc.SocketIOError as error:
        ...     print(error)
        operation has timed out
    """

    # Names of the attributes that repr() shows when they are not None. Headers, bodies
    # and contexts stay out: they may hold secrets, and a repr ends up in a log.
    _shown: tuple[str, ...] = ()

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __repr__(self) -> str:
        parts = [repr(self.message)]
        for name in self._shown:
            value = getattr(self, name)
            if value is not None:
                parts.append(f"{name}={_shorten(value)}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def __reduce__(self) -> tuple[Any, ...]:
        # BaseException would call the class with `args` alone, without the keywords.
        return _restore, (type(self), self.args, self.__dict__)


class ConnectError(SocketIOError):
    """The connection, or the namespace, could not be opened.

    The server refused when `stage` is None: then `message` and `data` are what its
    middleware said, and no cause is set. Otherwise the attempt failed on the way and
    `__cause__` is the low-level error.

    Attributes:
        data: Details the server sent with its refusal, or None.
        stage: How far the attempt came, or None for a refusal by the server.
        status: HTTP status of the answer, where there was one.
        headers: HTTP headers of that answer.
        body: Beginning of the body of that answer.

    Example:
        >>> try:
        ...     await sioc.io(f"{url}/refused")
        ... except sioc.ConnectError as error:
        ...     print(error.stage, error.message)
        None not authorized
    """

    _shown = ("data", "stage", "status")

    def __init__(
        self,
        message: str,
        *,
        data: Any = None,
        stage: Stage | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | str | None = None,
    ) -> None:
        super().__init__(message)
        self.data = data
        self.stage = stage
        self.status = status
        self.headers = headers
        self.body = body

    @classmethod
    def of_refusal(cls, payload: object) -> ConnectError:
        """Return the error that a CONNECT_ERROR packet tells of.

        Args:
            payload: The packet's; anything but a message gets one of our own.
        """
        message: object = payload
        data = None
        if isinstance(payload, dict):
            message = payload.get("message")
            data = payload.get("data") if isinstance(message, str) else payload
        if not isinstance(message, str):
            message = "the server refused the connection"
        return cls(message, data=data)


class UnsupportedServerError(ConnectError):
    """The server speaks another revision of the protocol than EIO=4, Socket.IO 5.

    Example:
        >>> @socket.on("connect_error")
        ... def on_connect_error(error):
        ...     if isinstance(error, sioc.UnsupportedServerError):
        ...         print("update the server:", error)
    """


class TransportError(SocketIOError, ConnectionError):
    """The transport failed while opening or while open.

    Attributes:
        type: Always `"TransportError"`, as in the JavaScript client.
        description: The low-level error or status, or None.
        context: What else is known, e.g. the HTTP answer, or None.

    Example:
        >>> @socket.io.on("error")
        ... def on_error(error):
        ...     if isinstance(error, sioc.TransportError):
        ...         print(error.description, error.context)
    """

    type = "TransportError"
    _shown = ("description",)

    def __init__(
        self, message: str, *, description: Any = None, context: Any = None
    ) -> None:
        super().__init__(message)
        self.description = description
        self.context = context


class DisconnectedError(SocketIOError, ConnectionError):
    """The link is gone, so what was waited for cannot come any more.

    Attributes:
        reason: The reason of the `disconnect` event, e.g. `"transport close"`.

    Example:
        >>> asking = asyncio.ensure_future(socket.emit_with_ack("sink"))
        >>> await asyncio.sleep(0)
        >>> await socket.disconnect()
        >>> try:
        ...     await asking
        ... except sioc.DisconnectedError as error:
        ...     print(error.reason)
        io client disconnect
    """

    _shown = ("reason",)

    def __init__(
        self, reason: str | None, message: str = "socket has been disconnected"
    ) -> None:
        super().__init__(message)
        self.reason = reason


class AckTimeoutError(SocketIOError, TimeoutError):
    """The server did not acknowledge an event in time.

    Example:
        >>> try:
        ...     await socket.emit_with_ack("sink", timeout=0.01)
        ... except sioc.AckTimeoutError:
        ...     print("no answer")
        no answer
    """

    def __init__(self, message: str = "operation has timed out") -> None:
        super().__init__(message)


class ParseError(SocketIOError, ValueError):
    """The server sent something that is not the protocol.

    Example:
        >>> @socket.on("disconnect")
        ... def on_disconnect(reason, details):
        ...     if reason == "parse error":
        ...         assert isinstance(details.context["error"], sioc.ParseError)
    """


class LimitError(ParseError):
    """A limit of `sioc.Limits` was passed.

    By the server: the connection is closed. By what was to be emitted: nothing of it
    was sent, and the connection goes on.

    Attributes:
        limit: Name of the limit, a field of `sioc.Limits`.
        value: The value that was too much; None where it was not counted to its end.

    Example:
        >>> try:
        ...     sioc.io(url, limits=sioc.Limits(max_depth=2)).emit("deep", [[[]]])
        ... except sioc.LimitError as error:
        ...     print(error.limit)
        max_depth
    """

    _shown = ("limit", "value")

    def __init__(self, message: str, *, limit: str, value: float | None = None) -> None:
        super().__init__(message)
        self.limit = limit
        self.value = value

    @classmethod
    def exceeded(cls, limit: str, value: float, maximum: float) -> Self:
        """Make the error for a value the server sent above a limit."""
        message = (
            f"the server passed {limit}: {_number(value)} where {_number(maximum)} "
            f"is the most; if you trust the server, increase it with "
            f"limits=sioc.Limits({limit}=...)"
        )
        return cls(message, limit=limit, value=value)

    @classmethod
    def nested(cls) -> Self:
        """Make the error for a value to be emitted that nests too deep."""
        return cls(
            "the value nests deeper than limits.max_depth allows, or contains itself",
            limit="max_depth",
        )


class BufferFullError(SocketIOError):
    """More was emitted than a limit of `sioc.Limits` holds.

    Nothing of the refused packet was sent or kept, and the connection goes on.

    Attributes:
        limit: Name of the limit, a field of `sioc.Limits`.
        value: The value that was too much.

    Example:
        >>> try:
        ...     socket.emit("huge", "x" * 100_000_000)
        ... except sioc.BufferFullError as error:
        ...     print(error.limit)
        max_write_buffer
    """

    _shown = ("limit", "value")

    def __init__(self, message: str, *, limit: str, value: float) -> None:
        super().__init__(message)
        self.limit = limit
        self.value = value

    @classmethod
    def exceeded(cls, limit: str, value: float, maximum: float) -> Self:
        """Make the error for an emit that does not fit under a limit."""
        message = (
            f"this emit would pass {limit}: {_number(value)} where "
            f"{_number(maximum)} is the most; emit less at a time, or increase it "
            f"with limits=sioc.Limits({limit}=...)"
        )
        return cls(message, limit=limit, value=value)


class ReservedEventError(SocketIOError, ValueError):
    """The event name belongs to the library and cannot be emitted.

    Attributes:
        event: The reserved name.

    Example:
        >>> try:
        ...     socket.emit("connect")
        ... except sioc.ReservedEventError as error:
        ...     print(error)
        "connect" is a reserved event name
    """

    def __init__(self, event: str) -> None:
        super().__init__(f'"{event}" is a reserved event name')
        self.event = event


def _restore(
    cls: type[SocketIOError], args: tuple[Any, ...], state: dict[str, Any]
) -> SocketIOError:
    """Rebuild a pickled error without running its constructor."""
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(state)
    return error


def _number(value: float) -> str:
    """Write a number out, however many digits a hostile server put into it."""
    if isinstance(value, int) and value.bit_length() > 64:
        return "more than 2**64"
    return str(value)


def _shorten(value: object) -> str:
    """Show a value that a server may have chosen in at most 200 characters."""
    if isinstance(value, int):
        return _number(value)
    try:
        text = _reprlib.repr(value)
    except Exception:  # e.g. an int of 5,000 digits somewhere inside
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 200 else f"{text[:197]}..."


# Never writes the whole of a value out first, as repr() does.
_reprlib = reprlib.Repr()
_reprlib.maxstring = _reprlib.maxother = 200

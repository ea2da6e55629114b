"""The Socket: the life of one namespace on a Manager.

Its packets pass through the compiled half, Channel; here are connecting, the answers to
CONNECT, and what a program waits for. The state is one of the table SOCKET.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any

from sioc import state
from sioc._packet import PacketType
from sioc.asking import value_of
from sioc.awaiting import Awaiting
from sioc.exceptions import ConnectError, DisconnectedError, UnsupportedServerError

if TYPE_CHECKING:
    from typing_extensions import Self

    from sioc.backoff import Backoff
    from sioc.details import DisconnectDetails
    from sioc.manager import Manager
    from sioc.options import SocketSettings
    from sioc.typing import Auth

# Characters of a recovery id (R22).
MAX_PID = 256

# Seconds between leaving a namespace and joining it again on the same connection. The
# reference server handles a DISCONNECT a moment after it has read it: a CONNECT in the
# same read would be one too many to it, and it would drop the connection.
REJOIN = 0.05

ACTIVE = frozenset(("waiting", "connecting", "connected"))


class Socket(Awaiting):
    """One namespace on a Manager.

    Events: `connect`, `connect_error(err)`, `disconnect(reason, details)`, and those of
    the server.

    Attributes:
        id: The server's id of this connection to this namespace; None while not
            connected.
        io: The Manager.
        recovered: Whether the last connection went on where the one before had ended,
            with nothing missed (connection state recovery).
        auth: What CONNECT carries: a dict, or a function or coroutine function that
            returns one, asked before each CONNECT.

    Example:
        >>> async with sioc.io("http://localhost:3000") as socket:
        ...     socket.emit("hello", "world")
    """

    # As in Engine.
    __slots__ = (
        "__dict__", "_asking", "_left_at", "_pid", "_rejoin", "_retries", "_retry",
        "_state", "auth", "id", "recovered"
    )  # fmt: skip

    def __new__(cls, manager: Manager, nsp: str, settings: SocketSettings) -> Self:
        """Make the compiled half."""
        return super().__new__(
            cls, nsp, manager.wire, settings.ack_timeout, settings.retries or 0
        )

    def __init__(self, manager: Manager, nsp: str, settings: SocketSettings) -> None:
        super().__init__()
        self.io = manager
        self.auth: Auth | None = settings.auth
        self.id: str | None = None
        self.recovered: bool = False
        self._pid: str | None = None
        self._state = state.Machine(state.SOCKET, "idle", self, manager.observer)
        self._asking: asyncio.Task[None] | None = None
        # When to connect, where that is not now: after a refusal, or after leaving.
        self._retry: asyncio.TimerHandle | None = None
        self._rejoin: asyncio.TimerHandle | None = None
        self._left_at = -REJOIN
        self._retries: Backoff | None = None

    def __repr__(self) -> str:
        return (
            f"<Socket {self.nsp} {self._state.state} id={self.id} {self.io.url.origin}>"
        )

    @property
    def disconnected(self) -> bool:
        """Whether the namespace is not connected.

        Example:
            >>> if socket.disconnected:
            ...     socket.connect()
        """
        return not self.connected

    @property
    def active(self) -> bool:
        """Whether the Socket is connected or will connect by itself.

        Example:
            >>> if not socket.active:
            ...     socket.connect()
        """
        return self._state.state in ACTIVE or self._retry is not None

    # Life.

    def connect(self) -> Self:
        """Start to connect, unless that is under way or done; return the Socket.

        Example:
            >>> await socket.connect()  # or without waiting: socket.connect()
        """
        self.io.wire.bind()
        self._begin_acks()
        self._cancel_timers()
        if self._state.can("connect"):
            self._state.apply("connect")
        if self._state.state == "waiting" and self.io.is_open:
            loop = asyncio.get_running_loop()
            when = self._left_at + REJOIN
            if when > loop.time():
                self._rejoin = loop.call_at(when, self._join_again)
            else:
                self._ask()
        if not self.connected:
            self.io._socket_wants_connection()
        return self

    open = connect

    def disconnect(self) -> Awaitable[None]:
        """Leave the namespace, and close the connection if it was the last; at once.

        Returns:
            An awaitable that ends when everything emitted before has been sent and, if
            it was the last Socket, nothing is left open.

        Example:
            >>> await socket.disconnect()  # or without waiting: socket.disconnect()
        """
        self.io.wire.check()
        was_connected = self.connected
        if was_connected:
            self._send_disconnect()
            self._left_at = asyncio.get_running_loop().time()
        if self._asking is not None and self._state.can("withdraw"):
            self._state.apply("withdraw")  # no CONNECT was sent, none is answered
        elif self._state.can("disconnect"):
            self._state.apply("disconnect")
        self._stop_asking()
        self._cancel_timers()
        closing = self.io._socket_left()
        if was_connected:
            self._leave("io client disconnect", None)
        self._end_unless_active("io client disconnect")
        return closing

    close = disconnect

    # From the Manager.

    def _manager_opened(self) -> None:
        if self._state.state == "waiting":
            self._ask()

    def _join_again(self) -> None:
        self._rejoin = None
        if self._state.state == "waiting" and self.io.is_open:
            self._ask()

    def _manager_failed(self, error: Exception) -> None:
        if self._state.state == "waiting":
            self._fail(error)

    def _manager_closed(self, reason: str, details: DisconnectDetails | None) -> None:
        if self._state.can("lost"):
            self._state.apply("lost")
            self._stop_asking()
            if reason == "parse error":
                self._forget_recovery()
            if self.active:
                self._leave(reason, details)

    def _manager_gave_up(self, error: Exception) -> None:
        if self.active:
            reason = getattr(error, "reason", "transport error")
            self._end(reason, error)

    # CONNECT and its answers.

    def _ask(self) -> None:
        """Send CONNECT, once per connection, with what auth says now (4.4)."""
        self._state.apply("ask")
        self._join()
        if callable(self.auth):
            loop = asyncio.get_running_loop()
            self._asking = loop.create_task(self._ask_auth())
        else:
            self._send_connect(self.auth)

    async def _ask_auth(self) -> None:
        task = asyncio.current_task()
        auth: object = None
        failed: BaseException | None = None
        try:
            auth = await value_of(self.auth)
        except (asyncio.CancelledError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            failed = error
        if self._asking is not task:
            return  # the Socket has left, and may be asking anew
        self._asking = None
        if failed is None:
            self._send_connect(auth)
        else:
            self._refuse_auth(failed)

    def _send_connect(self, auth: object) -> None:
        try:
            if auth is not None and not isinstance(auth, Mapping):
                raise TypeError(f"auth must be a dict, not {type(auth).__name__}")
            if self._pid is not None:
                # The user's keys win (4.4.4).
                offset = {} if self.offset is None else {"offset": self.offset}
                auth = {"pid": self._pid, **offset, **(auth or {})}
            self._send_control(PacketType.CONNECT, auth)
        except (TypeError, ValueError) as error:
            self._refuse_auth(error)

    def _refuse_auth(self, error: BaseException) -> None:
        refused = ConnectError(f"auth failed: {error!r}", stage="auth")
        refused.__cause__ = error
        self._refused(refused)

    def _stop_asking(self) -> None:
        asking, self._asking = self._asking, None
        if asking is not None:
            asking.cancel()

    def _on_control(self, kind: int, data: Any) -> None:
        """Take a CONNECT, DISCONNECT or CONNECT_ERROR packet."""
        if self._asking is not None:
            return  # auth is still being asked: this answers nothing (R20)
        if kind == PacketType.CONNECT:
            self._on_connect(data)
        elif kind == PacketType.DISCONNECT:
            if self.connected:
                self._removed(None)
        elif self._state.can("refused"):
            self._refused(ConnectError.of_refusal(data))
        elif self.connected:
            self._removed(None)

    def _on_connect(self, data: Any) -> None:
        if not self._state.can("accepted"):
            return  # a second answer changes nothing (R20)
        sid = data.get("sid") if data else None
        if not isinstance(sid, str) or not sid:
            self._fail(
                UnsupportedServerError(
                    "the server speaks the protocol of Socket.IO v2.x; sioc needs v3 "
                    "or newer",
                    stage="namespace",
                )
            )
            return
        if self._state.apply("accepted") == "idle":
            # Disconnected meanwhile: do not leave a ghost on the server.
            self._send_disconnect()
            return
        self.id = sid
        self._retries = None
        self._recover(data.get("pid"))
        self._open()
        if not self.connected:
            return  # a listener of what was held has left
        self._emit_reserved("connect")
        self._answered.wake(None)
        self._connecting.wake(None)

    def _recover(self, pid: object) -> None:
        """Take the server's recovery id; an offset of another session is void."""
        if not isinstance(pid, str) or len(pid) > MAX_PID:
            pid = None
        self.recovered = pid is not None and pid == self._pid
        if not self.recovered:
            self.offset = None
        self._pid = pid
        self._recoverable(pid is not None)

    def _forget_recovery(self) -> None:
        """A packet of the session is poison: do not have it replayed (R22)."""
        self._pid = None
        self.offset = None

    def _refused(self, error: ConnectError) -> None:
        """The server does not want us, or we have no auth: not active any more."""
        was_active = self.active
        self._state.apply("refused")
        self._close()
        if was_active and self._wants_retry(error):
            if self._retries is None:
                self._retries = self.io.new_backoff()
            self._retry = asyncio.get_running_loop().call_later(
                self._retries.duration(), self.connect
            )
        self.io._socket_left()
        if was_active:
            self._fail(error)
        if was_active and not self.active:
            self._end("refused", error)

    def _wants_retry(self, error: ConnectError) -> bool:
        wanted = self.io.opts.retry_on_reject
        try:
            return wanted is not None and bool(wanted(error))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as exception:
            self._report(
                exception,
                {"message": "retry_on_reject raised", "exception": exception},
            )
            return False

    def _cancel_timers(self) -> None:
        for timer in self._retry, self._rejoin:
            if timer is not None:
                timer.cancel()
        self._retry = self._rejoin = None

    def _removed(self, details: DisconnectDetails | None) -> None:
        """The server has disconnected us; only connect() brings us back."""
        self._state.apply("disconnect")
        self.io._socket_left()
        self._leave("io server disconnect", details)
        self._end_unless_active("io server disconnect")

    def _leave(self, reason: str, details: DisconnectDetails | None) -> None:
        """The close procedure (4.2.9)."""
        self._close()
        self.id = None
        self._emit_reserved("disconnect", reason, details)
        self._fail_acks(reason)

    def _fail(self, error: Exception) -> None:
        # Those who wait come first: a listener may end the Socket, for another reason.
        self._answered.fail(error)
        self._emit_reserved("connect_error", error)

    def _end_unless_active(self, reason: str) -> None:
        """End, if no listener of `disconnect` has made us connect again."""
        if not self.active:
            self._end(reason, DisconnectedError(reason))

    def _end(self, reason: str, error: Exception) -> None:
        """Wake those who wait for what will not come any more."""
        self._end_reason = reason
        self._answered.fail(error)
        self._connecting.fail(error)
        for stream in list(self._streams):
            stream.end()
        self._closing.wake(reason)

    def _report(self, exception: BaseException, context: dict[str, Any]) -> None:
        self.io._report(exception, context)

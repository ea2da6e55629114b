"""A WebSocket connection: the message layer of RFC 6455 on picows' frames."""

from asyncio import Future
from collections.abc import Callable
from typing import Any, final

from picows import WSFrame, WSListener, WSTransport

from sioc._buffer import WriteBuffer
from sioc._session import Session
from sioc.limits import Limits

@final
class Link(WSListener):
    """One WebSocket connection of a session.

    Args:
        session: Where its packets go.
        outlet: The buffer that takes what is to be sent.
        limits: sioc.Limits, for messages and fragments.
        on_closed: Called once when an established connection has ended, with the
            close code, the close reason and the error that ended it (None: the peer
            or the network did).
    """

    def __init__(
        self,
        session: Session,
        outlet: WriteBuffer,
        limits: Limits,
        on_closed: Callable[[int, str, Exception | None], object],
    ) -> None: ...

    # From picows.

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Take the connection; picows calls this after the handshake."""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take one frame; picows calls this."""

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Report the end of the connection; picows calls this once."""

    def pause_writing(self) -> None:
        """Hand nothing to the transport until resume_writing(); picows calls this."""

    def resume_writing(self) -> None:
        """Go on handing packets to the transport; picows calls this."""

    # As picows' logger.

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802
        """Return False: nothing of what picows logs goes further."""

    def info(self, *args: object) -> None:
        """Drop what picows logs: it is reported as an error or event, too."""

    debug = info
    warning = info
    exception = info

    def error(self, *args: object) -> None:
        """Answer the peer's close frame, if what picows refuses came behind it.

        picows looks at the frame behind before it shows the close frame, and says here
        what it met before it answers. Data that follows a close frame is to be ignored
        (RFC 6455 section 1.4), so the answer is the one to the close frame.
        """

    # From above.

    @property
    def outlet(self) -> WriteBuffer:
        """The buffer that takes what is to be sent."""

    @property
    def aborted(self) -> bool:
        """Whether nobody wants the connection any more, made or not; see abort()."""

    @property
    def closed(self) -> bool:
        """Whether there is no connection: not made yet, or ended."""

    def hand_over(self, session: Session) -> None:
        """Feed packets into another session from now on."""

    def close(self) -> None:
        """Flush what was sent and begin the closing handshake.

        The peer answers and closes; until then the connection stays, so that what was
        flushed is not lost to a reset.
        """

    def fail_with(self, error: Exception) -> None:
        """Close at once: the session met a violation in what was delivered.

        Args:
            error: What the peer did; `on_closed` gets it.
        """

    def abort(self) -> None:
        """Drop the connection, or the attempt to make it, without ceremony."""

    def forsake(self) -> None:
        """Take a connection for ended whose protocol was not told, and never will be.

        uvloop does so when it is cancelled in the moment it has connected.
        """

    def pause_reading(self, pause: bool) -> None:
        """Stop or go on reading from the connection, by small reads from then on.

        Args:
            pause: True to stop, False to go on.
        """

def retrieve(future: Future[Any]) -> None:
    """Take a future's exception, so that asyncio does not report it as unseen.

    Args:
        future: One that is done.
    """

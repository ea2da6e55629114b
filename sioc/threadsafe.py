"""What threads other than the loop's may do with a Socket."""

from __future__ import annotations

from sioc._encoder import Prepared, prepare
from sioc.exceptions import BufferFullError
from sioc.listening import Listening


class Threadsafe(Listening):
    """The half of a Socket that other threads may call."""

    __slots__ = ()

    def emit_threadsafe(self, event: str, *args: object) -> None:
        """Send an event from any thread; everything else belongs to the loop's own.

        It is encoded here and sent on the loop, after what the same thread has emitted
        before. A BufferFullError there is reported like an exception of a listener's:
        a thread that may emit faster than the connection takes it, or that wants an
        ack, uses a `sioc.sync.Socket`, which waits.

        Args:
            event: The event's name.
            *args: As for emit().

        Raises:
            ReservedEventError: The name is the protocol's own.
            TypeError: An argument cannot be encoded. Nothing was sent.
            RuntimeError: The event loop is closed, or this is a forked child.

        Example:
            >>> await asyncio.to_thread(socket.emit_threadsafe, "progress", 40)
        """
        prepared = prepare(event, *args)
        loop = self.wire.loop
        if loop is None:  # never connected: it is held, wherever it comes from
            self.emit_prepared(prepared)
        else:
            self.wire.check_process()
            loop.call_soon_threadsafe(self._emit_handed_over, prepared)

    def _emit_handed_over(self, prepared: Prepared) -> None:
        try:
            self.emit_prepared(prepared)
        except BufferFullError as error:
            message = f"emit_threadsafe({prepared.event!r}) raised"
            self._report(error, {"message": message, "exception": error})

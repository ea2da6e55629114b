"""Modifiers: light views with the emit methods; nothing is stored on the Socket."""

from sioc._encoder cimport Prepared
from sioc._retries cimport RetryingSender
from sioc._sender cimport Sender


cdef Modified modified(Sender sender):
    cdef Modified view = Modified.__new__(Modified)

    view.sender = sender
    view.seconds = sender.ack_timeout
    return view


cdef class Modified:
    """A view of a Socket that changes how it emits; modifiers chain in any order."""

    cdef Modified copy(self):
        cdef Modified view = modified(self.sender)

        view.is_volatile = self.is_volatile
        view.seconds = self.seconds
        return view

    @property
    def volatile(self):
        """A view whose emits are dropped while they cannot be sent at once."""
        cdef Modified view = self.copy()

        view.is_volatile = True
        return view

    def timeout(self, object seconds not None):
        """Return a view whose acks may take so many seconds."""
        cdef Modified view = self.copy()

        view.seconds = float(seconds)
        return view

    def compress(self, bint compress):
        """Return a view; compression is not negotiated, so nothing is compressed."""
        return self.copy()

    def emit(self, str event not None, *args, object ack=None):
        """Send an event; see Socket.emit()."""
        self.sender.send_event(event, args, ack, self.seconds, self.is_volatile)

    def send(self, *args, object ack=None):
        """Send an event named "message"; see Socket.emit()."""
        self.sender.send_event("message", args, ack, self.seconds, self.is_volatile)

    def emit_prepared(self, Prepared packet not None, /):
        """Send an event that prepare() has encoded; see Socket.emit_prepared()."""
        self.sender.send_prepared(packet, self.is_volatile)

    def emit_with_ack(self, str event not None, *args, object timeout=None):
        """Send an event and wait for its ack; see Socket.emit_with_ack()."""
        seconds = self.seconds if timeout is None else timeout
        return self.sender._wait_ack(event, args, seconds, self.is_volatile)


cdef class ModifiedSender(RetryingSender):
    """Send with modifiers; each returns a view."""

    @property
    def volatile(self):
        """A view whose emits are dropped while they cannot be sent at once."""
        return modified(self).volatile

    def timeout(self, object seconds not None):
        """Return a view whose acks may take so many seconds."""
        return modified(self).timeout(seconds)

    def compress(self, bint compress):
        """Return a view; compression is not negotiated, so nothing is compressed."""
        return modified(self).compress(compress)

"""Events that are sent until they are acknowledged (the option `retries`).

Strategy: a queue, of which only the first event is in flight, so that their order is
kept; each try is a packet with an ack id of its own (4.12). A try that the connection
does not survive has failed like one whose time was up. An event is encoded once, when
it is emitted, whatever becomes of it later.
"""

from sioc._acks cimport PendingAck, check_timeout, new_entry
from sioc._clock cimport now
from sioc._encoder cimport Prepared
from sioc._listener cimport Listener
from sioc._sender cimport Sender

from asyncio import Future, get_running_loop
from collections import deque

from sioc.exceptions import BufferFullError

# Seconds until another go when the write buffer, or the table of acks, was full.
cdef double PAUSE = 0.05


cdef class Queued:
    pass


cdef class RetryingSender(Sender):
    """Send to one namespace, and again until the server acknowledges."""

    def __cinit__(self, *args, **kwargs):
        self.queue = deque() if self.retries else ()

    @property
    def retries_pending(self):
        """Events queued by `retries` that are not acknowledged yet."""
        return len(self.queue)

    def _begin_acks(self):
        """Have the time run of acks that were asked for before an event loop ran."""
        self.acks.begin()

    # Into the queue.

    cdef PendingAck send_event(
        self, str event, tuple args, object waiter, object timeout, bint volatile
    ):
        if self.retries == 0 or volatile:
            return Sender.send_event(self, event, args, waiter, timeout, volatile)
        return self.enqueue(self.encoder.keep(event, args), waiter, timeout)

    cdef int send_prepared(self, Prepared packet, bint volatile) except -1:
        if self.retries == 0 or volatile:
            return Sender.send_prepared(self, packet, volatile)
        self.enqueue(packet, None, self.ack_timeout)
        return 0

    cdef PendingAck enqueue(self, Prepared packet, object waiter, object timeout):
        cdef Queued queued = Queued.__new__(Queued)

        self.wire.check_turn()
        queued.packet = packet
        queued.size = packet.size()
        queued.timeout = check_timeout(timeout)
        self.check_room(len(self.queue) + len(self.unsent), queued.size)
        if waiter is not None:
            if not isinstance(waiter, Future):
                waiter = Listener(waiter, True, False)
            queued.ack = new_entry(-1, packet.event, waiter, True)
            queued.ack.packet = queued
            if self.wire.observer is not None:
                queued.ack.begun = now()
        self.queue.append(queued)
        self.queued_bytes += queued.size
        self.send_next()
        return queued.ack

    cdef Py_ssize_t held_bytes(self) except -1:
        return self.unsent_bytes + self.queued_bytes

    # Out of it.

    cdef int send_next(self) except -1:
        """Make the next try of the first event, unless one is in flight."""
        cdef Queued queued

        if not self.queue or not self.connected or not self.wire.usable():
            return 0
        queued = self.queue[0]
        if queued.attempt is not None:
            return 0
        self.encoder.prepared(queued.packet, self.acks.next_id)
        queued.tries += 1
        try:
            queued.attempt = self.acks.add(
                queued.packet.event, queued, True, queued.timeout
            )
            self.transmit(queued.attempt, queued.packet.event, queued.packet.args)
        except BufferFullError:
            self.try_later(queued)
        return 0

    cdef int try_later(self, Queued queued) except -1:
        """The try was not made: there was no room for it."""
        queued.tries -= 1
        if queued.attempt is not None:
            self.acks.pop(queued.attempt.id)
            queued.attempt = None
        if self.timer is None:
            self.timer = get_running_loop().call_later(PAUSE, self._send_next)
        return 0

    def _send_next(self):
        self.timer = None
        self.send_next()

    def _send_held(self):
        """Send what was emitted while it could not be sent, then go on with tries."""
        Sender._send_held(self)
        self.send_next()

    # How a try ends.

    cdef int settle_ack(self, PendingAck entry, object error, object args) except -1:
        if isinstance(entry.waiter, Queued):
            return self.attempt_ended(<Queued>entry.waiter, error, args)
        return Sender.settle_ack(self, entry, error, args)

    cdef int attempt_ended(self, Queued queued, object error, object args) except -1:
        queued.attempt = None
        if error is None or queued.tries > self.retries:
            # Out of the queue before the program hears of it (4.12.6).
            self.queue.popleft()
            self.queued_bytes -= queued.size
            if queued.ack is not None:
                queued.ack.packet = None
                Sender.settle_ack(self, queued.ack, error, args)
        return self.send_next()

    cdef int forget(self, PendingAck entry) except -1:
        if entry.id >= 0:
            return Sender.forget(self, entry)
        if entry.packet is not None:
            self.withdraw(<Queued>entry.packet)
        return 0

    cdef int withdraw(self, Queued queued) except -1:
        """Nobody waits for this event any more: do not send it again."""
        queued.ack.packet = None
        if queued.attempt is not None:
            Sender.forget(self, queued.attempt)
        self.queue.remove(queued)
        self.queued_bytes -= queued.size
        return self.send_next()

    def _fail_acks(self, str reason):
        """Settle each ack whose packet was sent, tries included."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        Sender._fail_acks(self, reason)

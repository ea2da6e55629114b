# Events that are sent until they are acknowledged.

from sioc._acks cimport PendingAck
from sioc._encoder cimport Prepared
from sioc._sender cimport Sender


cdef class Queued:
    # One event of the queue.
    cdef:
        Prepared packet
        Py_ssize_t size         # bytes
        object timeout          # seconds each try may take; None: no limit
        int tries               # made so far
        PendingAck attempt      # the ack of the try in flight; None: there is none
        PendingAck ack          # what the program waits for; None: nothing


cdef class RetryingSender(Sender):
    cdef:
        object queue            # deque of Queued; only the first is ever in flight
        Py_ssize_t queued_bytes
        object timer            # of another go after a full buffer

    cdef PendingAck enqueue(self, Prepared packet, object waiter, object timeout)
    cdef int send_next(self) except -1
    cdef int try_later(self, Queued queued) except -1
    cdef int attempt_ended(self, Queued queued, object error, object args) except -1
    cdef int withdraw(self, Queued queued) except -1

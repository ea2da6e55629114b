# The outbound half of a namespace: emits and the acks they wait for.

from libc.stdint cimport int64_t

from sioc._acks cimport AckTable, PendingAck
from sioc._emitter cimport EventEmitter, Listener
from sioc._encoder cimport Encoded, Encoder
from sioc._packet cimport Header
from sioc._wire cimport Wire


# What the protocol and the clients keep for themselves (4.8.1).
cdef frozenset RESERVED


cdef class Sender(EventEmitter):
    cdef:
        readonly str nsp
        readonly bint connected
        readonly object ack_timeout     # seconds; None: acks wait for ever

        Wire wire
        Encoder encoder
        AckTable acks
        Py_ssize_t session      # counts connections; what belongs to an older one is void

        # Emitted while not connected.
        dict unsent             # Encoded -> PendingAck or None, in emit order
        Py_ssize_t unsent_bytes

    cdef PendingAck send_event(
        self, str event, tuple args, object waiter, object timeout, bint volatile
    )
    cdef bint can_write(self) except -1
    cdef int transmit(self, PendingAck entry) except -1
    cdef int hold(self, Encoded packet, PendingAck entry) except -1
    cdef int send_ack(self, int64_t id, Py_ssize_t session, tuple args) except -1

    cdef int on_ack(self, Header* header, list attachments) except -1
    cdef int settle_ack(self, PendingAck entry, object error, list args) except -1
    cdef int forget(self, PendingAck entry) except -1

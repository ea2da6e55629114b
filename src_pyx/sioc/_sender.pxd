# The outbound half of a namespace: emits and the acks they wait for.

from libc.stdint cimport int64_t

from sioc._acks cimport AckTable, PendingAck
from sioc._emitter cimport EventEmitter
from sioc._listener cimport Listener, Slot
from sioc._encoder cimport Encoded, PacketEncoder, Prepared
from sioc._packet cimport Header
from sioc._wire cimport Wire


cdef class Sender(EventEmitter):
    cdef:
        readonly str nsp
        readonly bint connected
        readonly object ack_timeout     # seconds; None: acks wait for ever
        readonly int retries            # 0: events are not queued for acks

        readonly Wire wire
        PacketEncoder encoder
        AckTable acks
        Py_ssize_t session      # counts connections: what is of an older one is void

        Slot outgoing           # catch-alls of what is sent; None: there are none

        # Emitted while not connected.
        dict unsent             # Encoded -> PendingAck or None, in emit order
        Py_ssize_t unsent_bytes

    cdef PendingAck send_event(
        self, str event, tuple args, object waiter, object timeout, bint volatile
    )
    cdef bint ready(self) except -1
    cdef bint can_write(self) except -1
    cdef int transmit(self, PendingAck entry, str event, tuple args) except -1
    cdef int send_prepared(self, Prepared packet, bint volatile) except -1
    cdef int put(self, Encoded packet, bint anyway=*) except -1
    cdef int tell(self, Encoded packet) except -1
    cdef Py_ssize_t held_bytes(self) except -1
    cdef int check_room(self, Py_ssize_t held, Py_ssize_t size) except -1
    cdef int hold(self, Encoded packet, PendingAck entry) except -1
    cdef int send_ack(self, int64_t id, Py_ssize_t session, tuple args) except -1

    cdef int on_ack(self, Header* header, list attachments) except -1
    cdef int take_ack(self, int64_t id, list args) except -1
    cdef int settle_ack(self, PendingAck entry, object error, object args) except -1
    cdef int forget(self, PendingAck entry) except -1

# Packets on their way out: arguments to text and attachments.

cimport cython
from libc.stdint cimport int64_t

from sioc._outlet cimport Outlet
from sioc._json cimport Json


cdef frozenset RESERVED

cdef enum:
    MAX_NAMES = 1024            # event names remembered per namespace


@cython.final
cdef class Encoded:
    # A packet ready to be put into any outlet, at any time.
    cdef:
        readonly bytes text         # "4" and the Socket.IO packet
        readonly list attachments   # of bytes; None: none
        list chunks                 # of another parser than JSON's; None: no such one
        readonly Py_ssize_t size    # bytes, text and attachments
        tuple about                 # type, event and ack id, where text does not tell
        tuple shown                 # what outgoing catch-alls get when it is sent

    cdef int put(self, Outlet outlet) except -1
    cdef int put_anyway(self, Outlet outlet) except -1


cdef class Prepared:
    # An event encoded once, for any namespace of any connection.
    cdef:
        readonly str event
        readonly tuple args
        bytes body                  # JSON array, the event's name first
        list attachments
        bytes packed                # the array as MessagePack; None: not made yet

    cdef Py_ssize_t size(self) except -1


cdef class PacketEncoder:
    # What every parser has to offer a namespace. event(), prepared() and ack() prepare
    # a packet, put() or take() follow.
    cdef int send(self, str event, tuple args, Outlet outlet) except -1
    cdef int send_prepared(self, Prepared packet, Outlet outlet) except -1
    cdef int event(self, str event, tuple args, int64_t id) except -1
    cdef Prepared keep(self, str event, tuple args)
    cdef int prepared(self, Prepared packet, int64_t id) except -1
    cdef int ack(self, tuple args, int64_t id) except -1
    cdef int put(self, Outlet outlet) except -1
    cdef Encoded take(self)
    cdef Encoded control(self, int type, object data)


cdef Encoded encoded_chunks(list chunks, tuple about)
cdef int put_chunks(Outlet outlet, list chunks) except -1
cdef int check_name(str event) except -1
cdef Py_ssize_t size_of(bytes text, list attachments) except -1


@cython.final
cdef class Encoder(PacketEncoder):
    cdef:
        Json json
        bytes nsp_prefix            # "/admin,", empty for "/"
        bytes opening               # what opens an event: "42/admin,"
        dict heads                  # event -> `42/admin,["event",`, of events emitted
        str last_event              # the one emitted last, and its head
        bytes last_head

        # The head of the packet being encoded; rewritten by the next one.
        char* head
        Py_ssize_t head_size
        Py_ssize_t head_capacity
        bytes body                  # JSON array of the arguments
        list attachments            # None: none

    cdef int find_head(self, str event) except -1
    cdef bytes new_head(self, str event)
    cdef int arguments(self, tuple args) except -1
    cdef int write_head(
        self, int type, int64_t id, const char* name, Py_ssize_t name_size
    ) except -1

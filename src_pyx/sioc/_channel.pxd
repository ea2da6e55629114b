# The inbound half of a namespace: from a packet to the listeners.

from libc.stdint cimport int64_t

from sioc._answer cimport Ack
from sioc._directory cimport Directory
from sioc._listener cimport Listener, Slot
from sioc._packet cimport Header


cdef enum:
    MAX_OFFSET = 256            # characters of a recovery offset (R22)


cdef class Channel(Directory):
    cdef:
        bytes key               # the namespace as it is on the wire
        bint joining            # CONNECT was sent, its answer is awaited
        list held               # events that came while joining
        Py_ssize_t held_size    # bytes of them
        # Connection state recovery (4.7).
        bint recoverable        # the server gave us a pid: offsets are to be noted
        public str offset       # of the last event; None: none yet

        readonly Ack _answering     # of the event that is shown to catch-alls

    cdef int on_event(self, Header* header, list attachments) except -1
    cdef int hold_event(self, object payload, int64_t id, list attachments) except -1
    cdef int deliver_held(
        self, object payload, int64_t id, list attachments
    ) except -1
    cdef int deliver(
        self, char* payload, Py_ssize_t size, Py_ssize_t openers, int64_t id,
        list attachments
    ) except -1
    cdef int show(self, Slot slot, list args, Ack ack) except -1
    cdef bint deliver_one(
        self, Slot slot, char* payload, const char* end, Py_ssize_t openers
    ) except -1
    cdef bint not_decoded(self, Slot slot, Listener only) except -1
    cdef int call_only(self, Slot slot, Listener listener, object argument) except -1
    cdef int deliver_special(
        self, Slot slot, char* payload, const char* end, list attachments, Ack ack
    ) except -1
    cdef int dispatch_special(
        self, Slot slot, bytes raw, list args, bint convert, Ack ack
    ) except -1
    cdef object special_arguments(self, Listener listener, bytes payload, list args)
    cdef int note_offset(self, const char* payload, const char* end) except -1
    cdef list arguments(self, char* p, const char* end)
    cdef Ack new_ack(self, int64_t id, Slot slot)

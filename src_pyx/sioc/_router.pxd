# The compiled half of a Manager: from Engine.IO messages to namespaces.

from sioc._binary cimport Reassembler
from sioc._emitter cimport EventEmitter
from sioc._objects cimport ObjectChannel
from sioc._packet cimport Header
from sioc._wire cimport Wire


cdef class Router(EventEmitter):
    cdef:
        readonly Wire wire
        dict channels               # namespace in UTF-8 -> ObjectChannel
        ObjectChannel root          # of "/", which needs no look-up
        ObjectChannel last          # of the namespace looked up last
        bint observed               # somebody listens to "packet"
        bint foreign                # the parser is not JSON's

        Reassembler reassembler
        double incomplete_since     # of the packet being reassembled
        object timer                # looks after it; one for many packets
        double attachment_timeout
        Py_ssize_t max_attachments
        Py_ssize_t max_packet_size

    # The memory given must be writable: what stands before arguments is overwritten.
    cdef int feed_text(self, char* text, Py_ssize_t size, Py_ssize_t openers) except -1
    cdef int feed_binary(self, const char* data, Py_ssize_t size) except -1
    cdef int route(self, Header* header, list attachments) except -1
    cdef int feed_foreign_text(self, char* text, Py_ssize_t size) except -1
    cdef int feed_foreign_binary(self, char* data, Py_ssize_t size) except -1
    cdef ObjectChannel find(self, const char* nsp, Py_ssize_t size)
    cdef int observe(self, Header* header, list attachments) except -1
    cdef int tell(self, Header* header, list attachments) except -1
    cdef int watch_attachments(self) except -1


# feed_text as a function, whose exception a caller can take without a try block.
cdef int feed_router(
    Router router, char* text, Py_ssize_t size, Py_ssize_t openers
) except -1

# A WebSocket connection: picows frames to Engine.IO packets. The only module, beside
# the write buffer and _trim, that knows picows.

from picows.picows cimport WSFrame, WSListener, WSTransport

from sioc._buffer cimport WriteBuffer
from sioc._session cimport Session


cdef class Link(WSListener):
    cdef:
        Session session
        readonly WriteBuffer outlet
        WSTransport transport       # None before the handshake and after the end
        object on_closed            # called once with (code, reason, error)

        # States in which no frame is delivered any more.
        readonly bint aborted       # nobody wants it: close as soon as it is there
        bint failed                 # the peer broke the protocol, or we closed
        object cause                # the error that says what it did, or None

        # A message that comes in fragments.
        bytearray fragments
        int fragment_count
        int fragment_opcode         # 0: no message is open
        Py_ssize_t max_message_size
        int max_fragments

    cdef int on_data(self, WSFrame frame) except -1
    cdef int on_fragment(self, WSFrame frame) except -1
    cdef int deliver(self, int opcode, char* data, Py_ssize_t size) except -1
    cdef int on_ping(self, WSFrame frame) except -1
    cdef int too_big(self, Py_ssize_t size) except -1
    cdef int on_close(self, WSFrame frame) except -1
    cdef int hang_up(self) except -1
    cdef int fail(self, int code, object error) except -1
    cdef int send_close(self, int code) except -1

"""Whole WebSocket messages, without Engine.IO: for conformance suites and fuzzers."""

cimport cython

from sioc._buffer cimport WriteBuffer
from sioc._session cimport Session

cdef enum:
    OPCODE_TEXT = 0x1
    OPCODE_BINARY = 0x2


@cython.final
cdef class MessageSession(Session):
    """A session that hands on whole messages as they are.

    Args:
        router: None; there are no packets.
        on_message: Called with each message, str or bytes.
    """

    def __cinit__(self, router, on_message):
        self.on_message = on_message

    def send(self, message):
        """Send a message: a str as text, bytes as binary."""
        cdef:
            bint is_text = isinstance(message, str)
            bytes data = message.encode() if is_text else message

        (<WriteBuffer?>self.outlet).put_control(
            OPCODE_TEXT if is_text else OPCODE_BINARY, data, len(data)
        )

    cdef int feed_text(self, char* text, Py_ssize_t size, Py_ssize_t openers) except -1:
        if not self.ended:
            self.on_message(text[:size].decode())
        return 0

    cdef int feed_binary(self, const char* data, Py_ssize_t size) except -1:
        if not self.ended:
            self.on_message(data[:size])
        return 0

from libc.stdint cimport uint8_t, uint32_t


cdef class Wire:
    """Frames put one behind the other, handed to the kernel in one write."""

    cdef:
        # The frames not yet written.
        char* _data
        Py_ssize_t _size
        Py_ssize_t _capacity
        # Where they go: the socket itself while the transport holds nothing back.
        int _fd
        object _write
        object _held_back
        # A client masks its frames (RFC 6455, 5.3), a server does not.
        bint _masked
        uint32_t _random

    cdef char* _reserve(self, Py_ssize_t extra) except NULL
    cdef int put(
        self,
        uint8_t opcode,
        const char* head,
        Py_ssize_t head_size,
        const char* body,
        Py_ssize_t body_size,
    ) except -1
    cdef int flush(self) except -1

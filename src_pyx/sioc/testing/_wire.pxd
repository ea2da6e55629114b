# Server frames, built one behind the other in a C buffer and sent with one write.
cimport cython


cdef enum Opcode:
    TEXT = 0x1
    BINARY = 0x2


@cython.final
cdef class FrameBuffer:
    cdef:
        # Bytes [0, size) are complete frames, or raw bytes on their way to one.
        char* data
        Py_ssize_t size
        Py_ssize_t capacity

    # Makes room for `extra` more bytes behind `size`.
    cdef int reserve(self, Py_ssize_t extra) except -1

    # Writes the header of a frame and counts its payload as written; the caller
    # fills the `length` bytes the result points to, before anything else is put.
    cdef char* begin_frame(self, Opcode opcode, Py_ssize_t length) except NULL

    cdef int put_frame(
        self, Opcode opcode, const char* payload, Py_ssize_t length
    ) except -1
    cdef int put_raw(self, const char* data, Py_ssize_t length) except -1

    # Forgets the contents, and the memory too where one large packet had grown it.
    cdef int clear(self) noexcept

    cdef bytes to_bytes(self)

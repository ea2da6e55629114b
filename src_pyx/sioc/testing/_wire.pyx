"""Server frames in one reusable C buffer.

Strategy: a server's frames carry no mask, so a frame is a header of 2 to 10 bytes and
a copy of its payload. Whatever a turn of the loop has to say is laid out back to back
and leaves in one write.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from libc.string cimport memcpy


cdef enum:
    # A header never takes more: 2 bytes, and 8 of length (RFC 6455, section 5.2).
    MAX_HEADER = 10
    FIN = 0x80
    FIRST_CAPACITY = 512
    # What clear() lets a buffer keep.
    KEPT_CAPACITY = 4 * 1024 * 1024


cdef class FrameBuffer:
    """A growing run of WebSocket frames."""

    def __cinit__(self):
        self.data = NULL
        self.size = 0
        self.capacity = 0

    def __dealloc__(self):
        PyMem_Free(self.data)

    cdef int reserve(self, Py_ssize_t extra) except -1:
        cdef:
            Py_ssize_t needed = self.size + extra
            Py_ssize_t capacity = max(self.capacity, <Py_ssize_t>FIRST_CAPACITY)
            char* data
        if needed <= self.capacity:
            return 0
        while capacity < needed:
            capacity *= 2
        data = <char*>PyMem_Realloc(self.data, capacity)
        if data == NULL:
            raise MemoryError(f"no memory for {capacity} bytes of frames")
        self.data = data
        self.capacity = capacity
        return 0

    cdef char* begin_frame(self, Opcode opcode, Py_ssize_t length) except NULL:
        self.reserve(MAX_HEADER + length)
        cdef:
            unsigned char* head = <unsigned char*>self.data + self.size
            int shift
        head[0] = FIN | opcode
        if length < 126:
            head[1] = <unsigned char>length
            head += 2
        elif length < 65536:
            head[1] = 126
            head[2] = <unsigned char>(length >> 8)
            head[3] = <unsigned char>length
            head += 4
        else:
            head[1] = 127
            head += 2
            for shift in range(56, -8, -8):
                head[0] = <unsigned char>(<unsigned long long>length >> shift)
                head += 1
        self.size = <char*>head - self.data + length
        return <char*>head

    cdef int put_frame(
        self, Opcode opcode, const char* payload, Py_ssize_t length
    ) except -1:
        cdef char* target = self.begin_frame(opcode, length)
        if length:
            memcpy(target, payload, length)
        return 0

    cdef int put_raw(self, const char* data, Py_ssize_t length) except -1:
        if length == 0:
            return 0
        self.reserve(length)
        memcpy(self.data + self.size, data, length)
        self.size += length
        return 0

    cdef int clear(self) noexcept:
        self.size = 0
        if self.capacity > KEPT_CAPACITY:
            PyMem_Free(self.data)
            self.data = NULL
            self.capacity = 0
        return 0

    cdef bytes to_bytes(self):
        return PyBytes_FromStringAndSize(self.data, self.size)

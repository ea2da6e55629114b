from libc.stdint cimport uint8_t, uint32_t, uint64_t


cdef inline int mask_bytes(
    uint8_t* data, Py_ssize_t size, uint32_t key
) noexcept nogil:
    """XOR in place (RFC 6455, 5.3), which puts a mask on or takes it off."""
    cdef:
        uint64_t wide = key | (<uint64_t>key << 32)
        uint64_t* words = <uint64_t*>data
        Py_ssize_t count = size >> 3
        Py_ssize_t i
        const uint8_t* key_bytes = <const uint8_t*>&key
    for i in range(count):
        words[i] ^= wide
    for i in range(count << 3, size):
        data[i] ^= key_bytes[i & 3]
    return 0


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

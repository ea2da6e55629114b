"""Frame, mask and write: what both ends of the benchmark share."""

import os

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

from picows.picows cimport WSTransport


cdef extern from "<sys/socket.h>" nogil:
    ssize_t send(int fd, const void* data, size_t size, int flags)

cdef enum:
    # The longest header: two bytes, an eight-byte length and the mask (RFC 6455, 5.2).
    MAX_HEADER = 14
    FIN = 0x80
    MASKED = 0x80
    LENGTH_16 = 126
    LENGTH_64 = 127


@cython.final
cdef class Wire:
    def __cinit__(self, WSTransport transport not None, bint masked):
        underlying = transport.underlying_transport
        self._capacity = 1024
        self._data = <char*>PyMem_Realloc(NULL, self._capacity)
        if self._data is NULL:
            raise MemoryError
        self._size = 0
        # Through TLS only the transport knows what the socket has to carry.
        self._fd = -1
        if underlying.get_extra_info("sslcontext") is None:
            self._fd = underlying.get_extra_info("socket").fileno()
        self._write = underlying.write
        self._held_back = underlying.get_write_buffer_size
        self._masked = masked
        self._random = int.from_bytes(os.urandom(4), "little") | 1

    def __dealloc__(self):
        PyMem_Free(self._data)

    cdef char* _reserve(self, Py_ssize_t extra) except NULL:
        cdef:
            Py_ssize_t capacity = self._capacity
            char* data
        if self._size + extra > capacity:
            while self._size + extra > capacity:
                capacity *= 2
            data = <char*>PyMem_Realloc(self._data, capacity)
            if data is NULL:
                raise MemoryError
            self._data = data
            self._capacity = capacity
        return self._data + self._size

    cdef int put(
        self,
        uint8_t opcode,
        const char* head,
        Py_ssize_t head_size,
        const char* body,
        Py_ssize_t body_size,
    ) except -1:
        """Append one frame whose payload is head and body."""
        cdef:
            Py_ssize_t size = head_size + body_size
            uint8_t* start = <uint8_t*>self._reserve(MAX_HEADER + size)
            uint8_t* at = start
            uint8_t flag = MASKED if self._masked else 0
            uint32_t key = 0
            int shift
        at[0] = FIN | opcode
        if size < LENGTH_16:
            at[1] = flag | <uint8_t>size
            at += 2
        elif size < 0x10000:
            at[1] = flag | <uint8_t>LENGTH_16
            at[2] = <uint8_t>(size >> 8)
            at[3] = <uint8_t>size
            at += 4
        else:
            at[1] = flag | <uint8_t>LENGTH_64
            for shift in range(8):
                at[2 + shift] = <uint8_t>(<uint64_t>size >> (56 - 8 * shift))
            at += 10
        if self._masked:
            # xorshift32: a period of 2**32 - 1 and never zero.
            key = self._random
            key ^= key << 13
            key ^= key >> 17
            key ^= key << 5
            self._random = key
            memcpy(at, &key, 4)
            at += 4
        memcpy(at, head, head_size)
        memcpy(at + head_size, body, body_size)
        if self._masked:
            mask_bytes(at, size, key)
        self._size += (at - start) + size
        return 0

    cdef int flush(self) except -1:
        """Hand what was put to the kernel; what it refuses goes to the transport."""
        cdef:
            Py_ssize_t size = self._size
            ssize_t sent = 0
        if size == 0:
            return 0
        self._size = 0
        if self._fd >= 0 and not <Py_ssize_t>self._held_back():
            sent = send(self._fd, self._data, size, 0)
            if sent == size:
                return 0
            if sent < 0:
                # Full or failed: the transport will find out which.
                sent = 0
        self._write(PyBytes_FromStringAndSize(self._data + sent, size - sent))
        return 0

# WebSocket frames on their way out (RFC 6455 section 5.2).

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memcpy


cdef enum:
    OPCODE_TEXT = 0x1
    OPCODE_BINARY = 0x2
    FIN = 0x80
    MASKED = 0x80
    MAX_FRAME_HEADER = 14
    SLACK = 8                   # bytes behind a frame that masking may touch


cdef inline void apply_mask(char* data, Py_ssize_t size, uint32_t key) noexcept nogil:
    """XOR in place (RFC 6455 section 5.3), up to SLACK - 1 bytes too far."""
    cdef:
        uint64_t wide = (<uint64_t>key << 32) | key
        uint64_t word
        Py_ssize_t i = 0

    while i < size:
        memcpy(&word, data + i, 8)
        word ^= wide
        memcpy(data + i, &word, 8)
        i += 8


cdef inline char* write_frame_header(
    char* p, int opcode, Py_ssize_t size, uint32_t key
) noexcept nogil:
    """Write the header of a final, masked frame; return where the payload begins."""
    cdef int i

    p[0] = <char>(FIN | opcode)
    if size < 126:
        p[1] = <char>(MASKED | size)
        p += 2
    elif size < 65536:
        p[1] = <char>(MASKED | 126)
        p[2] = <char>(size >> 8)
        p[3] = <char>(size & 0xFF)
        p += 4
    else:
        p[1] = <char>(MASKED | 127)
        for i in range(8):
            p[2 + i] = <char>((<uint64_t>size >> (56 - 8 * i)) & 0xFF)
        p += 10
    memcpy(p, &key, 4)
    return p + 4

# WebSocket frames on their way out (RFC 6455 section 5.2).

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memcpy


cdef enum:
    OPCODE_TEXT = 0x1
    OPCODE_BINARY = 0x2
    FIN = 0x80
    MASKED = 0x80
    MAX_FRAME_HEADER = 14

# The mask is laid on while the payload is copied (RFC 6455 section 5.3): a word just
# written in pieces would have to wait for them before it can be read again.
cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    /* The key as the byte at this offset of a payload sees it. */
    static inline uint32_t sioc_turned(uint32_t key, size_t offset) {
        uint64_t twice = ((uint64_t)key << 32) | key;
    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        return (uint32_t)(twice >> (32 - 8 * (offset & 3)));
    #else
        return (uint32_t)(twice >> (8 * (offset & 3)));
    #endif
    }

    static inline void sioc_copy_word(char *to, const char *from, uint32_t key) {
        uint64_t word;
        memcpy(&word, from, 8);
        word ^= ((uint64_t)key << 32) | key;
        memcpy(to, &word, 8);
    }

    static inline void sioc_copy_masked(
        char *__restrict to, const char *__restrict from, size_t size, uint32_t key
    ) {
        size_t i = 0;
        if (size < 8) {
            for (; i < size; i++)
                to[i] = from[i] ^ ((const char *)&key)[i & 3];
            return;
        }
        for (; i + 8 <= size; i += 8)
            sioc_copy_word(to + i, from + i, key);
        /* The last word overlaps the one before it. */
        sioc_copy_word(to + size - 8, from + size - 8, sioc_turned(key, size));
    }
    """
    uint32_t turned "sioc_turned"(uint32_t key, size_t offset) noexcept nogil
    void copy_masked "sioc_copy_masked"(
        char* to, const char* from_, size_t size, uint32_t key
    ) noexcept nogil


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

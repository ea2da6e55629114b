# UTF-8 validation of a whole text message (RFC 3629; RFC 6455 section 8.1).

from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcpy


cdef extern from *:
    """
    #if defined(__GNUC__) && defined(__BYTE_ORDER__) && \\
        __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    #define sioc_ascii_before(tops) (__builtin_ctzll(tops) >> 3)
    #else
    #define sioc_ascii_before(tops) 0
    #endif
    """
    # How many bytes stand before the first whose top bit is set, of a word of top bits
    # that are not all 0; 0 where that is not quickly known.
    int ascii_before "sioc_ascii_before"(uint64_t tops) noexcept nogil


cdef enum:
    NOT_ASCII = 0x8080808080808080


cdef inline bint is_utf8(const char* text, Py_ssize_t size) noexcept nogil:
    cdef:
        const uint8_t* p = <const uint8_t*>text
        const uint8_t* end = p + size
        uint64_t word, all_of_them
        int i

    while p < end:
        # ASCII, many bytes at a time, then eight: what JSON mostly is.
        while end - p >= 128:
            all_of_them = 0
            for i in range(16):
                memcpy(&word, p + 8 * i, 8)
                all_of_them |= word
            if all_of_them & <uint64_t>NOT_ASCII:
                break
            p += 128
        while end - p >= 8:
            memcpy(&word, p, 8)
            word &= <uint64_t>NOT_ASCII
            if word:
                p += ascii_before(word)
                break
            p += 8
        if p == end:
            return True
        if end - p < 8 <= size:
            # The last eight bytes, some of them once more.
            memcpy(&word, end - 8, 8)
            if not word & <uint64_t>NOT_ASCII:
                return True
        if p[0] < 0x80:
            p += 1
        elif 0xC2 <= p[0] <= 0xDF:
            if end - p < 2 or (p[1] & 0xC0) != 0x80:
                return False
            p += 2
        elif (p[0] & 0xF0) == 0xE0:
            if end - p < 3 or (p[1] & 0xC0) != 0x80 or (p[2] & 0xC0) != 0x80:
                return False
            # No overlong form, no surrogate.
            if (p[0] == 0xE0 and p[1] < 0xA0) or (p[0] == 0xED and p[1] > 0x9F):
                return False
            p += 3
        elif 0xF0 <= p[0] <= 0xF4:
            if (
                end - p < 4
                or (p[1] & 0xC0) != 0x80
                or (p[2] & 0xC0) != 0x80
                or (p[3] & 0xC0) != 0x80
            ):
                return False
            # No overlong form, nothing beyond U+10FFFF.
            if (p[0] == 0xF0 and p[1] < 0x90) or (p[0] == 0xF4 and p[1] > 0x8F):
                return False
            p += 4
        else:
            return False
    return True

"""The check that RFC 6455 asks of text: section 8.1, close with 1007 if it fails.

picows leaves it to its user.
"""

from libc.stdint cimport uint64_t
from libc.string cimport memcpy


cdef enum:
    ASCII_WORD = 8


# The length of the sequence that begins here, or 0 where none is well-formed.
cdef Py_ssize_t sequence_length(
    const unsigned char* text, Py_ssize_t left
) noexcept:
    cdef:
        unsigned char first = text[0]
        # The second byte's range keeps out overlong forms, surrogates and what lies
        # beyond U+10FFFF (RFC 3629, section 4).
        unsigned char low = 0x80
        unsigned char high = 0xBF
        Py_ssize_t length, index
    if first < 0x80:
        return 1
    if first < 0xC2 or first > 0xF4:
        return 0
    length = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    if first == 0xE0:
        low = 0xA0
    elif first == 0xED:
        high = 0x9F
    elif first == 0xF0:
        low = 0x90
    elif first == 0xF4:
        high = 0x8F
    if length > left or not low <= text[1] <= high:
        return 0
    for index in range(2, length):
        if text[index] & 0xC0 != 0x80:
            return 0
    return length


cdef bint is_utf8(const char* text, Py_ssize_t size) noexcept:
    cdef:
        const unsigned char* at = <const unsigned char*>text
        const unsigned char* end = at + size
        uint64_t word
        Py_ssize_t length
    while at < end:
        while end - at >= ASCII_WORD:
            memcpy(&word, at, ASCII_WORD)
            if word & <uint64_t>0x8080808080808080ULL:
                break
            at += ASCII_WORD
        if at == end:
            break
        length = sequence_length(at, end - at)
        if length == 0:
            return False
        at += length
    return True

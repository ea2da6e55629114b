# One pass over a text: whether it is UTF-8 (RFC 3629; RFC 6455 section 8.1), and how
# deep JSON can nest in it.

from libc.stdint cimport uint64_t
from libc.string cimport memcpy

cdef enum:
    STEP = 32                   # bytes
    SHORT = 256                 # bytes of a text whose brackets are not counted
    NOT_ASCII = 0x8080808080808080


# Return at most how many "[" and "{" a text of at least STEP bytes holds; -1: it is not
# UTF-8.
cdef Py_ssize_t count_openers(const char* text, Py_ssize_t size) noexcept nogil

# Return where the letters end that begin before stop; NULL: one of them is not UTF-8.
cdef const char* check_letters(
    const char* p, const char* stop, const char* end
) noexcept nogil


cdef inline Py_ssize_t scan(const char* text, Py_ssize_t size) noexcept nogil:
    """Return at most how many "[" and "{" a text holds; -1: it is not UTF-8.

    Of a short text it is the size: few set a limit of depth below that.
    """
    cdef:
        const char* end = text + size
        const char* p = text
        uint64_t seen = 0

    if size > SHORT:
        return count_openers(text, size)
    # The last words may be looked at twice.
    if size >= STEP:
        while end - p > 2 * STEP:
            seen |= words(p, 2 * STEP)
            p += 2 * STEP
        if end - p > STEP:
            seen |= words(p, STEP)
        seen |= words(end - STEP, STEP)
    elif size >= 16:
        seen = words(text, 16) | words(end - 16, 16)
    elif size >= 8:
        seen = words(text, 8) | words(end - 8, 8)
    else:
        seen = NOT_ASCII
    if not seen & <uint64_t>NOT_ASCII or check_letters(text, end, end) != NULL:
        return size
    return -1


cdef inline bint is_utf8(const char* text, Py_ssize_t size) noexcept nogil:
    return scan(text, size) >= 0


cdef inline uint64_t words(const char* p, int size) noexcept nogil:
    """Return all words of so many bytes, one laid over the other."""
    cdef:
        uint64_t word
        uint64_t seen = 0
        int i

    for i in range(0, size, 8):
        memcpy(&word, p + i, 8)
        seen |= word
    return seen

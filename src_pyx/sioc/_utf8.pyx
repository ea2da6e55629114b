"""UTF-8, and a bound of nesting, in one pass over a text.

Strategy: nearly all of it is ASCII, which is looked at by blocks, in vector registers
as wide as the processor has them. Letters beyond ASCII are looked at one by one, in
their block alone.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcpy, memset

# Vectors by the compiler's own types: of loops over single bytes it makes vectors or
# not, as its version pleases.
cdef extern from *:
    """
    #if defined(__x86_64__) || defined(_M_X64)
    #include <immintrin.h>
    #endif

    #define SIOC_BLOCK 128

    #if defined(__GNUC__)
    /* A counter of a byte in each lane; one that matches is all ones, -1. */
    #define SIOC_LOOK(at) \\
        memcpy(&some, (at), sizeof some); \\
        seen |= some; \\
        counts -= (Lanes)((some | 0x20) == '{');

    #define SIOC_SKIP_ASCII(name, width, not_ascii) \\
    static const char *name(const char *p, const char *end, Py_ssize_t *openers) \\
    { \\
        typedef unsigned char Lanes __attribute__((vector_size(width))); \\
        typedef uint64_t Words __attribute__((vector_size(width))); \\
        const uint64_t evens = 0x00ff00ff00ff00ffu; \\
        /* In so many bytes no counter overflows, the rest of a block included. */ \\
        const Py_ssize_t most = 240 * width; \\
        const char *stop, *at; \\
        Lanes some, counts, seen = {0}; \\
        Words words; \\
        uint64_t sums; \\
        int i; \\
        do { \\
            stop = end - p > most ? p + most : end; \\
            counts = (Lanes){0}; \\
            while (stop - p >= SIOC_BLOCK) { \\
                for (i = 0; i < SIOC_BLOCK; i += width) { SIOC_LOOK(p + i) } \\
                if (not_ascii(seen)) break; \\
                p += SIOC_BLOCK; \\
            } \\
            if (end - p < SIOC_BLOCK) { \\
                /* The last step ends with the text and may count some twice. */ \\
                for (at = p; at < end; at += width) { \\
                    SIOC_LOOK(end - at < width ? end - width : at) \\
                } \\
                if (!not_ascii(seen)) p = end; \\
            } \\
            words = (Words)counts; \\
            words = (words & evens) + (words >> 8 & evens); \\
            for (sums = 0, i = 0; i < width / 8; i++) sums += words[i]; \\
            *openers += sums * 0x0001000100010001u >> 48; \\
        } while (p < end && !not_ascii(seen)); \\
        return p; \\
    }

    #define SIOC_NOT_ASCII(seen) \\
        ((((Words)seen)[0] | ((Words)seen)[1]) & 0x8080808080808080u)
    SIOC_SKIP_ASCII(sioc_skip_narrow, 16, SIOC_NOT_ASCII)

    #else
    static const char *sioc_skip_narrow(
        const char *p, const char *end, Py_ssize_t *openers)
    {
        unsigned char seen = 0;
        const char *stop, *at;
        for (; p < end; p = stop) {
            stop = end - p > SIOC_BLOCK ? p + SIOC_BLOCK : end;
            for (at = p; at < stop; at++) {
                seen |= *at;
                *openers += (*at | 0x20) == '{';
            }
            if (seen >= 0x80) break;
        }
        return p;
    }
    #endif

    /* Nothing is built for the processor at hand: what it has is asked for. */
    #if defined(__GNUC__) && defined(__x86_64__) && !defined(_WIN32)
    #define SIOC_NOT_ASCII_AVX2(seen) _mm256_movemask_epi8((__m256i)seen)
    __attribute__((target("avx2")))
    SIOC_SKIP_ASCII(sioc_skip_wide, 32, SIOC_NOT_ASCII_AVX2)
    #define sioc_has_wide() (__builtin_cpu_supports("avx2") != 0)
    #else
    #define sioc_skip_wide sioc_skip_narrow
    #define sioc_has_wide() 0
    #endif

    /* The top bits of so many bytes, the first byte's as the lowest. */
    #define SIOC_WINDOW 64
    static inline uint64_t sioc_tops(const char *p)
    {
        uint64_t tops = 0;
        int i;
    #if defined(__x86_64__) || defined(_M_X64)
        for (i = 0; i < SIOC_WINDOW; i += 16)
            tops |= (uint64_t)_mm_movemask_epi8(
                _mm_loadu_si128((const __m128i *)(p + i))) << i;
    #else
        for (i = 0; i < SIOC_WINDOW; i++)
            tops |= (uint64_t)((unsigned char)p[i] >> 7) << i;
    #endif
        return tops;
    }

    /* The number of the lowest bit that is set; one is. */
    static inline int sioc_first(uint64_t bits)
    {
    #if defined(__GNUC__)
        return __builtin_ctzll(bits);
    #else
        int i = 0;
        while (!(bits >> i & 1)) i++;
        return i;
    #endif
    }
    """
    enum: BLOCK "SIOC_BLOCK"

    # Count openers up to the block that has a letter beyond ASCII in it, and in that
    # one; return where it begins. The text has at least STEP bytes, maybe before p.
    const char* skip_wide "sioc_skip_wide"(
        const char* p, const char* end, Py_ssize_t* openers
    ) noexcept nogil
    const char* skip_narrow "sioc_skip_narrow"(
        const char* p, const char* end, Py_ssize_t* openers
    ) noexcept nogil
    bint has_wide "sioc_has_wide"() noexcept

    enum: WINDOW "SIOC_WINDOW"
    uint64_t tops_of "sioc_tops"(const char* p) noexcept nogil
    int first_of "sioc_first"(uint64_t bits) noexcept nogil

cdef bint WIDE = has_wide()


def scan_text(bytes text not None, Py_ssize_t begin=0):
    """Scan what is left of a text from there on, as all that comes in is scanned.

    Returns:
        At most how many "[" and "{" it holds; -1: it is not UTF-8.
    """
    return scan(PyBytes_AS_STRING(text) + begin, PyBytes_GET_SIZE(text) - begin)


def count_text(bytes text not None, Py_ssize_t begin=0, *, bint wide=True):
    """Scan a text in vectors, however short it is.

    Args:
        text: The text; at least 32 bytes are scanned.
        begin: Where in it to begin.
        wide: Whether to use the widest vectors that there are.

    Returns:
        The same.
    """
    cdef Py_ssize_t size = PyBytes_GET_SIZE(text) - begin

    if size < STEP:
        raise ValueError(f"{size} bytes are less than one step")
    return count_by(PyBytes_AS_STRING(text) + begin, size, wide and WIDE)


cdef Py_ssize_t count_openers(const char* text, Py_ssize_t size) noexcept nogil:
    return count_by(text, size, WIDE)


cdef inline Py_ssize_t count_by(
    const char* text, Py_ssize_t size, bint wide
) noexcept nogil:
    cdef:
        const char* end = text + size
        const char* p = text
        Py_ssize_t openers = 0

    while p < end:
        if wide:
            p = skip_wide(p, end, &openers)
        else:
            p = skip_narrow(p, end, &openers)
        if p < end:
            p = check_letters(p, p + BLOCK if end - p > BLOCK else end, end)
            if p == NULL:
                return -1
    return openers


cdef const char* check_letters(
    const char* p, const char* stop, const char* end
) noexcept nogil:
    cdef:
        uint64_t tops
        Py_ssize_t size, letter, at
        char[WINDOW] rest

    while p < stop:
        size = min(stop - p, <Py_ssize_t>WINDOW)
        if size == WINDOW:
            tops = tops_of(p)
        else:
            memset(rest, 0, WINDOW)
            memcpy(rest, p, size)
            tops = tops_of(rest)
        while tops:
            at = first_of(tops)
            letter = 3
            # Those of three bytes are seldom alone.
            while letter == 3 and at < size and <uint8_t>p[at] >= 0x80:
                letter = size_of_letter(<const uint8_t*>p + at, end - p - at)
                if letter == 0:
                    return NULL
                at += letter
            if at >= size:
                # The last one may reach out of the window.
                size = at
                break
            tops = tops >> at << at
        p += size
    return p


cdef inline Py_ssize_t size_of_letter(const uint8_t* p, Py_ssize_t left) noexcept nogil:
    """Return the bytes of a letter beyond ASCII; 0: it is malformed."""
    cdef uint8_t lowest = 0x80, highest = 0xBF

    if 0xC2 <= p[0] <= 0xDF:
        return 2 if left >= 2 and (p[1] & 0xC0) == 0x80 else 0
    if (p[0] & 0xF0) == 0xE0:
        # No overlong form, no surrogate.
        if p[0] == 0xE0:
            lowest = 0xA0
        elif p[0] == 0xED:
            highest = 0x9F
        if left < 3 or not lowest <= p[1] <= highest or (p[2] & 0xC0) != 0x80:
            return 0
        return 3
    if 0xF0 <= p[0] <= 0xF4:
        # No overlong form, nothing beyond U+10FFFF.
        if p[0] == 0xF0:
            lowest = 0x90
        elif p[0] == 0xF4:
            highest = 0x8F
        if (
            left < 4 or not lowest <= p[1] <= highest
            or (p[2] & 0xC0) != 0x80 or (p[3] & 0xC0) != 0x80
        ):
            return 0
        return 4
    return 0

# Numbers as decimal digits, written backwards from where they end.

from libc.math cimport fabs, signbit
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy

cdef extern from *:
    """
    static const char sioc_pairs[201] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
        "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";
    static const double sioc_powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
    static const int64_t sioc_integers[] = {
        1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000
    };
    """
    const char* PAIRS "sioc_pairs"
    const double* POWERS "sioc_powers"
    const int64_t* INTEGERS "sioc_integers"


cdef enum:
    MAX_DIGITS = 24             # of a number here, sign and point included
    MAX_PLACES = 8              # digits behind the point of an easy float


cdef inline char* put_unsigned(char* end, uint64_t number) noexcept nogil:
    """Write a number so that it ends there; return where it begins."""
    while number >= 100:
        end -= 2
        memcpy(end, PAIRS + 2 * (number % 100), 2)
        number //= 100
    if number >= 10:
        end -= 2
        memcpy(end, PAIRS + 2 * number, 2)
    else:
        end -= 1
        end[0] = <char>(c"0" + number)
    return end


cdef inline char* put_signed(char* end, int64_t number) noexcept nogil:
    """Write a number so that it ends there; return where it begins."""
    if number >= 0:
        return put_unsigned(end, number)
    end = put_unsigned(end, -<uint64_t>number) - 1
    end[0] = c"-"
    return end


cdef inline char* append_unsigned(char* p, uint64_t number) noexcept nogil:
    """Write a number that begins there; return where it ends."""
    cdef:
        char[MAX_DIGITS] digits
        char* end = &digits[MAX_DIGITS]
        char* start = put_unsigned(end, number)

    memcpy(p, start, end - start)
    return p + (end - start)


cdef inline char* put_easy_float(char* end, double number) noexcept nogil:
    """Write a float, if its shortest digits are easily found; else return NULL.

    Of decimals with 15 digits or fewer no two are the same double. So one that reads
    back as the float, which an exact quotient of exact numbers proves, is its shortest;
    the fewest places are tried first. Beyond the limits here the text has an exponent,
    or is no number at all.
    """
    cdef:
        double size = fabs(number)
        char* start
        int64_t scaled, whole
        int places = 0

    if not (1e-5 <= size < 1e15 or size == 0):
        return NULL
    while True:
        scaled = <int64_t>(size * POWERS[places] + 0.5)
        if <double>scaled / POWERS[places] == size:
            break
        places += 1
        if places > MAX_PLACES or size * POWERS[places] >= 1e15:
            return NULL
    if places == 0:
        memcpy(end - 2, b".0", 2)
        start = put_unsigned(end - 2, scaled)
    else:
        whole = scaled // INTEGERS[places]
        start = put_unsigned(end, scaled - whole * INTEGERS[places])
        while start > end - places:
            start -= 1
            start[0] = c"0"
        start -= 1
        start[0] = c"."
        start = put_unsigned(start, whole)
    if signbit(number):
        start -= 1
        start[0] = c"-"
    return start

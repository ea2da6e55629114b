"""Encoded MessagePack, walked without being decoded.

That finds the parts of a packet, bounds the nesting (msgspec recurses on the C stack),
and leaves undecoded what nobody wants.
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t

from sioc._utf8 cimport is_utf8

from sioc.exceptions import LimitError, ParseError

cdef enum:
    # Keys of a map that are no text: a peer can choose numbers whose hashes collide,
    # and then each further one takes longer. Arrays take far longer to compare: none is
    # taken. JavaScript has text alone.
    MAX_ODD_KEYS = 1024


cdef inline uint64_t load(const char* p, int size) noexcept:
    cdef:
        uint64_t value = 0
        int i

    for i in range(size):
        value = (value << 8) | <uint8_t>p[i]
    return value


cdef int need(const char* p, const char* end, uint64_t size) except -1:
    if size > <uint64_t>(end - p):
        raise ParseError("invalid payload: MessagePack that ends too early")
    return 0


cdef uint64_t read_size(const char** cursor, const char* end, int width) except? 0:
    """Read the size that follows a type byte."""
    need(cursor[0] + 1, end, width)
    size = load(cursor[0] + 1, width)
    cursor[0] += 1 + width
    return size


cdef inline bint begins_text(uint8_t kind) noexcept:
    return 0xA0 <= kind <= 0xBF or 0xD9 <= kind <= 0xDB


cdef int check_odd_key(uint8_t kind, uint64_t count) except -1:
    """Refuse a key, the map's so manieth, that is of a kind no client writes."""
    if (
        0x80 <= kind <= 0x9F
        or 0xC7 <= kind <= 0xC9
        or 0xD4 <= kind <= 0xD8
        or 0xDC <= kind <= 0xDF
    ):
        raise ParseError("invalid payload: a map's key that is no text and no number")
    if count > MAX_ODD_KEYS:
        raise ParseError(
            f"invalid payload: a map of more than {MAX_ODD_KEYS} keys that are no text"
        )
    return 0


cdef const char* skip_value(
    const char* p, const char* end, Py_ssize_t depth
) except NULL:
    """Return what follows a value; raise ParseError or LimitError."""
    cdef:
        uint8_t kind
        uint64_t items, size = 0

    need(p, end, 1)
    kind = <uint8_t>p[0]
    if kind <= 0x7F or kind >= 0xE0 or kind == 0xC0 or kind == 0xC2 or kind == 0xC3:
        return p + 1
    if 0x80 <= kind <= 0x8F or kind == 0xDE or kind == 0xDF:
        items = 2 * <uint64_t>read_map(&p, end)
        return skip_items(p, end, items, True, depth)
    if 0x90 <= kind <= 0x9F or kind == 0xDC or kind == 0xDD:
        items = <uint64_t>read_array(&p, end)
        return skip_items(p, end, items, False, depth)
    if 0xA0 <= kind <= 0xBF:
        size = kind & 0x1F
        p += 1
    elif 0xC4 <= kind <= 0xC6:
        size = read_size(&p, end, 1 << (kind - 0xC4))
    elif 0xC7 <= kind <= 0xC9:
        size = 1 + read_size(&p, end, 1 << (kind - 0xC7))
    elif kind == 0xCA or kind == 0xCB:
        size = 4 << (kind - 0xCA)
        p += 1
    elif 0xCC <= kind <= 0xD3:
        size = 1 << ((kind - 0xCC) & 3)
        p += 1
    elif 0xD4 <= kind <= 0xD8:
        size = 1 + (1 << (kind - 0xD4))
        p += 1
    elif 0xD9 <= kind <= 0xDB:
        size = read_size(&p, end, 1 << (kind - 0xD9))
    else:
        raise ParseError("invalid payload: 0xc1 begins no MessagePack value")
    need(p, end, size)
    return p + size


cdef const char* skip_items(
    const char* p, const char* end, uint64_t items, bint is_map, Py_ssize_t depth
) except NULL:
    """Return what follows the items of an array, or the keys and values of a map."""
    cdef uint64_t odd_keys = 0

    if depth <= 0:
        raise LimitError(
            "the payload nests deeper than limits.max_depth allows",
            limit="max_depth",
        )
    while items:
        if is_map and not items & 1 and p < end and not begins_text(<uint8_t>p[0]):
            odd_keys += 1
            check_odd_key(<uint8_t>p[0], odd_keys)
        p = skip_value(p, end, depth - 1)
        items -= 1
    return p


cdef Py_ssize_t read_container(
    const char** cursor, const char* end, uint8_t fixed, uint8_t wide
) except -2:
    """Read the head of an array or a map; return its items' number, -1: it is none."""
    cdef uint8_t kind

    need(cursor[0], end, 1)
    kind = <uint8_t>cursor[0][0]
    if kind & 0xF0 == fixed:
        cursor[0] += 1
        return kind & 0x0F
    if kind == wide:
        return <Py_ssize_t>read_size(cursor, end, 2)
    if kind == wide + 1:
        return <Py_ssize_t>read_size(cursor, end, 4)
    return -1


cdef Py_ssize_t read_array(const char** cursor, const char* end) except -2:
    return read_container(cursor, end, 0x90, 0xDC)


cdef Py_ssize_t read_map(const char** cursor, const char* end) except -2:
    return read_container(cursor, end, 0x80, 0xDE)


cdef bint read_text(
    const char** cursor, const char* end, const char** text, Py_ssize_t* size
) except -1:
    """Read a str without decoding it."""
    cdef:
        const char* p = cursor[0]
        uint8_t kind
        uint64_t length

    need(p, end, 1)
    kind = <uint8_t>p[0]
    if not begins_text(kind):
        return False
    if kind <= 0xBF:
        length = kind & 0x1F
        p += 1
    else:
        length = read_size(&p, end, 1 << (kind - 0xD9))
    need(p, end, length)
    text[0] = p
    size[0] = <Py_ssize_t>length
    cursor[0] = p + length
    return True


cdef bint read_utf8(
    const char** cursor, const char* end, const char** text, Py_ssize_t* size
) except -1:
    """Read a str as read_text() does, and check it."""
    if not read_text(cursor, end, text, size):
        return False
    if not is_utf8(text[0], size[0]):
        raise ParseError("invalid payload: text that is not valid UTF-8")
    return True


cdef bint read_integer(const char** cursor, const char* end, int64_t* value) except -1:
    """Read an int; one beyond int64 is none here."""
    cdef:
        const char* p = cursor[0]
        uint8_t kind
        int width
        uint64_t raw

    need(p, end, 1)
    kind = <uint8_t>p[0]
    if kind <= 0x7F or kind >= 0xE0:
        value[0] = kind if kind <= 0x7F else <int64_t>kind - 256
        cursor[0] = p + 1
        return True
    if not 0xCC <= kind <= 0xD3:
        return False
    width = 1 << ((kind - 0xCC) & 3)
    raw = read_size(&p, end, width)
    if kind >= 0xD0 and width < 8 and raw >> (8 * width - 1):
        value[0] = <int64_t>raw - (<int64_t>1 << (8 * width))
    elif kind == 0xCF and raw >> 63:
        return False
    else:
        value[0] = <int64_t>raw
    cursor[0] = p
    return True


cdef bint read_undefined(const char** cursor, const char* end) noexcept:
    cdef const char* p = cursor[0]

    if (
        end - p < 3 or <uint8_t>p[0] != 0xD4 or p[1] != 0 or p[2] != 0
    ):
        return False
    cursor[0] = p + 3
    return True


cdef Py_ssize_t array_head_size(Py_ssize_t count) noexcept:
    return 1 if count < 16 else 3 if count < 65536 else 5


cdef Py_ssize_t write_array(char* p, Py_ssize_t count) noexcept:
    """Write the head of an array; return its size."""
    cdef:
        Py_ssize_t size = array_head_size(count)
        Py_ssize_t i

    if size == 1:
        p[0] = <char>(0x90 | count)
        return 1
    p[0] = <char>(0xDC if size == 3 else 0xDD)
    for i in range(1, size):
        p[i] = <char>((count >> (8 * (size - 1 - i))) & 0xFF)
    return size

"""Socket.IO packets, read as slices of a frame and written straight into frames.

Strategy: what the peer has to answer is nearly always what it was told, so a payload
is cut and moved as text. `["echo",1,2]` is `["echo",` and `1,2]`, and an ack of it is
`[` and `1,2]`: no JSON is decoded, and placeholders keep their numbers.
"""

from binascii import b2a_base64

from libc.stdio cimport snprintf
from libc.string cimport memchr, memcpy

from sioc.testing._wire cimport FrameBuffer, Opcode


cdef enum:
    # "4", the Socket.IO type, and up to 20 digits with a hyphen.
    MAX_PREFIX = 24
    MAX_ATTACHMENTS = 1024
    # More digits than 2**53 - 1 has are no number in JavaScript.
    MAX_ID_DIGITS = 16


cdef inline bint is_digit(char character) noexcept:
    return c"0" <= character <= c"9"


cdef const char* parse_packet(
    const char* text, Py_ssize_t size, Packet* packet
) noexcept:
    cdef:
        const char* end = text + size
        const char* mark
    packet.attachments = 0
    packet.namespace = empty()
    if size == 0 or not c"0" <= text[0] <= c"6":
        return b"unknown packet type"
    packet.type = <PacketType>(text[0] - c"0")
    text += 1
    if packet.type >= PacketType.BINARY_EVENT:
        mark = text
        while text < end and is_digit(text[0]) and text - mark < 5:
            packet.attachments = 10 * packet.attachments + (text[0] - c"0")
            text += 1
        if text == end or text[0] != c"-" or mark[0] == c"0" or text == mark:
            return b"illegal attachments"
        if packet.attachments > MAX_ATTACHMENTS:
            return b"too many attachments"
        text += 1
        packet.type = <PacketType>(packet.type - PacketType.BINARY_EVENT + 2)
    if text < end and text[0] == c"/":
        mark = <const char*>memchr(text, c",", end - text)
        if mark == NULL:
            mark = end
        # "/" may be written out, and is the root all the same.
        if mark - text > 1:
            packet.namespace = Slice(text, mark - text)
        text = mark + 1 if mark < end else end
    mark = text
    while text < end and is_digit(text[0]):
        text += 1
    if text - mark > MAX_ID_DIGITS:
        return b"illegal id"
    packet.id = Slice(mark, text - mark)
    packet.payload = Slice(text, end - text)
    return NULL


cdef inline bint is_bracketed(Slice payload) noexcept:
    return (
        payload.size >= 2
        and payload.start[0] == c"["
        and payload.start[payload.size - 1] == c"]"
    )


cdef bint split_event(Slice payload, Event* event) noexcept:
    cdef:
        const char* last = payload.start + payload.size - 1
        const char* at = payload.start + 1
    if not is_bracketed(payload):
        return False
    if at[0] == c'"':
        at += 1
        event.name.start = at
        while at < last and at[0] != c'"':
            at += 2 if at[0] == c"\\" else 1
        if at >= last:
            return False
        event.name.size = at - event.name.start
        at += 1
    elif is_digit(at[0]) or at[0] == c"-":
        # JavaScript's event names are strings or numbers.
        event.name.start = at
        while at < last and at[0] != c",":
            at += 1
        event.name.size = at - event.name.start
    else:
        return False
    if at[0] == c"," and at < last - 1:
        at += 1
    elif at != last:
        return False
    event.rest = Slice(at, last + 1 - at)
    return True


cdef bint split_ack(Slice payload, Slice* rest) noexcept:
    cdef const char* at = payload.start + 1
    if not is_bracketed(payload):
        return False
    while at[0] == c" ":
        at += 1
    rest[0] = Slice(at, payload.start + payload.size - at)
    return True


cdef inline char* copy(char* target, Slice source) noexcept:
    memcpy(target, source.start, source.size)
    return target + source.size


cdef int put_packet(
    FrameBuffer out, PacketType type, Py_ssize_t attachments,
    Slice namespace, Slice id, Slice head, Slice tail
) except -1:
    cdef:
        char[MAX_PREFIX] prefix
        char* target
        Py_ssize_t size = 2
    prefix[0] = c"4"
    prefix[1] = c"0" + type
    if attachments:
        prefix[1] += 3
        size += snprintf(prefix + 2, MAX_PREFIX - 2, b"%zd-", attachments)
    target = out.begin_frame(
        Opcode.TEXT,
        size + (namespace.size + 1 if namespace.size else 0)
        + id.size + head.size + tail.size,
    )
    target = copy(target, Slice(&prefix[0], size))
    if namespace.size:
        # "/admin," keeps its comma where nothing follows: "1/admin,".
        target = copy(target, namespace)
        target[0] = c","
        target += 1
    copy(copy(copy(target, id), head), tail)
    return 0


cdef int put_attachment(
    FrameBuffer out, const char* data, Py_ssize_t size, bint base64
) except -1:
    cdef bytes text
    if not base64:
        return out.put_frame(Opcode.BINARY, data, size)
    text = b"b" + b2a_base64(data[:size], newline=False)
    return out.put_frame(Opcode.TEXT, text, len(text))

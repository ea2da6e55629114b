"""Socket.IO packets: types, the parse of a header, the object form.

The header grammar (Socket.IO protocol 5, "Packet encoding"):

    packet = type [ attachments "-" ] [ nsp "," ] [ id ] [ json ]

The parse allocates nothing: a Header borrows the text it was read from.
"""

from enum import IntEnum

from msgspec.json import decode

from sioc.exceptions import LimitError, ParseError


class PacketType(IntEnum):
    """The packet types of the Socket.IO protocol, revision 5."""

    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


cdef str event_name(const char* payload, Py_ssize_t size):
    """Read the name alone, for those who watch packets go by."""
    cdef:
        const char* end = payload + size
        const char* name = skip_blanks(payload + 1, end)
        const char* p = name

    if p < end and p[0] == c'"':
        p += 1
        while p < end and p[0] != c'"':
            p += 2 if p[0] == c"\\" else 1
        p += 1
    else:
        while p < end and p[0] not in b",] \t\r\n":
            p += 1
    try:
        return str(decode(name[: min(p, end) - name]))
    except ValueError:
        return None


cdef class Packet:
    """One Socket.IO packet as an object.

    Args:
        type: One of PacketType.
        nsp: The namespace.
        data: The payload: a list for events and acks, a dict for CONNECT, None for
            no payload.
        id: The ack id, or None.
    """

    def __init__(
        self, int type, str nsp not None="/", object data=None, object id=None
    ):
        if not 0 <= type <= 6:
            raise ValueError(f"{type} is no packet type; see PacketType")
        self.type = type
        self.nsp = nsp
        self.data = data
        self.id = id

    def __repr__(self):
        name = PacketType(self.type).name
        return f"Packet({name}, nsp={self.nsp!r}, data={self.data!r}, id={self.id!r})"

    def __eq__(self, other):
        if not isinstance(other, Packet):
            return NotImplemented
        return (self.type, self.nsp, self.data, self.id) == (
            other.type, other.nsp, other.data, other.id
        )

    __hash__ = None


# 2**53 - 1, the largest integer a JavaScript peer counts exactly.
cdef int64_t MAX_ID = 9007199254740991


cdef int parse_header(
    const char* text, Py_ssize_t size, Py_ssize_t max_attachments, Header* header
) except -1:
    cdef:
        const char* p = text
        const char* end = text + size
        int type

    header.attachments = 0
    header.nsp = NULL
    header.nsp_size = 0
    header.id = -1

    if size == 0:
        raise ParseError("empty packet")
    type = <unsigned char>p[0] - c"0"
    if type < 0 or type > BINARY_ACK:
        raise ParseError(f"unknown packet type {text[:1]!r}")
    p += 1

    if type >= BINARY_EVENT:
        header.attachments = parse_attachments(&p, end, max_attachments)
        type -= 3
    header.type = type

    if p < end and p[0] == c"/":
        header.nsp = p
        while p < end and p[0] != c",":
            p += 1
        header.nsp_size = p - header.nsp
        if header.nsp_size == 1:
            header.nsp = NULL
        if p < end:
            p += 1

    if p < end and c"0" <= p[0] <= c"9":
        header.id = parse_id(&p, end)

    header.payload = p
    header.payload_size = end - p
    return check_payload_start(header)


cdef Py_ssize_t parse_attachments(
    const char** cursor, const char* end, Py_ssize_t maximum
) except -1:
    """Read `1*DIGIT "-"`: canonical, at least 1, at most the limit."""
    cdef:
        const char* p = cursor[0]
        Py_ssize_t count = 0

    while p < end and c"0" <= p[0] <= c"9" and p - cursor[0] < 11:
        count = count * 10 + (p[0] - c"0")
        p += 1
    if p == cursor[0] or p == end or p[0] != c"-" or cursor[0][0] == c"0":
        shown = cursor[0][: min(end - cursor[0], 16)]
        raise ParseError(f"illegal attachments: {shown!r}")
    if count > maximum:
        raise LimitError.exceeded("max_attachments", count, maximum)
    cursor[0] = p + 1
    return count


cdef int64_t parse_id(const char** cursor, const char* end) except -1:
    cdef:
        const char* p = cursor[0]
        int64_t value = 0

    while p < end and c"0" <= p[0] <= c"9":
        if p - cursor[0] >= 16:
            raise ParseError("ack id of more than 16 digits")
        value = value * 10 + (p[0] - c"0")
        p += 1
    if value > MAX_ID:
        raise ParseError(f"ack id {value} is beyond 2**53 - 1")
    cursor[0] = p
    return value


cdef int check_payload_start(Header* header) except -1:
    """Check that the payload's first byte fits the type (5.4.6); JSON comes later."""
    cdef char first

    if header.payload_size == 0:
        if header.type == EVENT:
            raise ParseError("invalid payload: an event without one")
        return check_ack_id(header)
    first = header.payload[0]
    if header.type == EVENT or header.type == ACK:
        if first == c"[":
            return check_ack_id(header)
    elif header.type == CONNECT:
        if first == c"{":
            return 0
    elif header.type == CONNECT_ERROR:
        if first == c"{" or first == c'"':
            return 0
    shown = header.payload[: min(header.payload_size, 32)]
    raise ParseError(
        f"invalid payload of a {PacketType(header.type).name} packet: {shown!r}"
    )


cdef int check_ack_id(Header* header) except -1:
    if header.type == ACK and header.id < 0:
        raise ParseError("invalid payload: an ACK packet without id")
    return 0

"""Packets of the MessagePack parser (behaviour of socket.io-msgpack-parser).

A packet is one map with the keys `type`, `nsp`, `data` and `id`, in one binary message.
Out, its parts are written next to each other; in, they are found without decoding them,
and a Header says where they are.
"""

cimport cython
from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from libc.stdint cimport int64_t
from libc.string cimport memcmp, memcpy

from sioc._outlet cimport Outlet
from sioc._cursor cimport (
    array_head_size,
    read_array,
    read_integer,
    read_map,
    read_text,
    read_undefined,
    read_utf8,
    skip_value,
    write_array,
)
from sioc._encoder cimport (
    MAX_NAMES,
    Encoded,
    PacketEncoder,
    Prepared,
    check_name,
    encoded_chunks,
)
from sioc._msgpack cimport Msgpack
from sioc._packet cimport ACK, CONNECT, CONNECT_ERROR, EVENT, Header

from sioc.exceptions import ParseError

cdef int64_t MAX_ID = 9007199254740991


cdef bytes pack_packet(
    int type, bytes nsp, int64_t id, const char* data, Py_ssize_t size
):
    """Return a packet.

    Args:
        type: Its type.
        nsp: The namespace, as MessagePack.
        id: The ack id; negative: none.
        data: The payload, as MessagePack.
        size: Its size; 0: none.
    """
    cdef:
        Py_ssize_t nsp_size = PyBytes_GET_SIZE(nsp)
        bytes packet
        char* p
        int i

    packet = PyBytes_FromStringAndSize(
        NULL,
        1 + 6 + 4 + nsp_size + (12 if id >= 0 else 0) + (5 + size if size else 0),
    )
    p = PyBytes_AS_STRING(packet)
    p[0] = <char>(0x82 + (id >= 0) + (size > 0))
    memcpy(p + 1, b"\xa4type", 5)
    p[6] = <char>type
    memcpy(p + 7, b"\xa3nsp", 4)
    memcpy(p + 11, PyBytes_AS_STRING(nsp), nsp_size)
    p += 11 + nsp_size
    if id >= 0:
        memcpy(p, b"\xa2id\xcf", 4)
        for i in range(8):
            p[4 + i] = <char>((id >> (56 - 8 * i)) & 0xFF)
        p += 12
    if size:
        memcpy(p, b"\xa4data", 5)
        memcpy(p + 5, data, size)
    return packet


@cython.final
cdef class PackedEncoder(PacketEncoder):
    """The encoder of one namespace.

    Args:
        nsp: The namespace, with its leading slash.
        msgpack: Encodes the payloads.
    """

    def __cinit__(self, str nsp, Msgpack msgpack):
        self.msgpack = msgpack
        self.nsp = msgpack.encode(nsp)
        self.names = {}

    cdef bytes body(self, str event, tuple args):
        """Return the array of an event's name and arguments."""
        cdef:
            bytes name = <bytes>self.names.get(event)
            bytes items
            bytes array
            Py_ssize_t count = len(args)
            Py_ssize_t head = array_head_size(count + 1)
            Py_ssize_t skipped = array_head_size(count)
            Py_ssize_t size
            char* p

        if name is None:
            check_name(event)
            name = self.msgpack.encode(event)
            if len(self.names) >= MAX_NAMES:
                self.names.clear()
            self.names[event] = name
        items = self.msgpack.encode(args)
        size = PyBytes_GET_SIZE(items) - skipped
        array = PyBytes_FromStringAndSize(NULL, head + PyBytes_GET_SIZE(name) + size)
        p = PyBytes_AS_STRING(array)
        p += write_array(p, count + 1)
        memcpy(p, PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name))
        memcpy(
            p + PyBytes_GET_SIZE(name), PyBytes_AS_STRING(items) + skipped, size
        )
        return array

    cdef int pack(self, int type, str event, int64_t id, bytes data) except -1:
        self.type = type
        self.last_event = event
        self.id = id
        self.packet = pack_packet(
            type, self.nsp, id, PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data)
        )
        return 0

    cdef int event(self, str event, tuple args, int64_t id) except -1:
        return self.pack(EVENT, event, id, self.body(event, args))

    cdef Prepared keep(self, str event, tuple args):
        cdef Prepared packet = Prepared.__new__(Prepared)

        packet.event = event
        packet.args = args
        packet.packed = self.body(event, args)
        return packet

    cdef int prepared(self, Prepared packet, int64_t id) except -1:
        if packet.packed is None:
            packet.packed = self.body(packet.event, packet.args)
        return self.pack(EVENT, packet.event, id, packet.packed)

    cdef int ack(self, tuple args, int64_t id) except -1:
        return self.pack(ACK, None, id, self.msgpack.encode(args))

    cdef Encoded control(self, int type, object data):
        self.pack(
            type, None, -1, b"" if data is None else self.msgpack.encode(data)
        )
        return self.take()

    cdef int put(self, Outlet outlet) except -1:
        return outlet.put_binary(self.packet)

    cdef Encoded take(self):
        id = None if self.id < 0 else self.id
        return encoded_chunks([self.packet], (self.type, self.last_event, id))


cdef int parse_packed(
    const char* data, Py_ssize_t size, Py_ssize_t max_depth, Header* header
) except -1:
    """Find the parts of a packet and check what kind each is (9.4)."""
    cdef:
        const char* p = data
        const char* end = data + size
        const char* key
        Py_ssize_t key_size, count
        int64_t type = -1

    header.attachments = 0
    header.nsp = NULL
    header.nsp_size = -1
    header.id = -1
    header.payload = NULL
    header.payload_size = 0
    count = read_map(&p, end)
    if count < 0:
        raise ParseError("invalid packet: no MessagePack map")
    while count:
        count -= 1
        if not read_text(&p, end, &key, &key_size):
            p = skip_value(skip_value(p, end, max_depth), end, max_depth)
        elif key_size == 4 and memcmp(key, b"type", 4) == 0:
            if not read_integer(&p, end, &type):
                raise ParseError("invalid packet type: no integer")
        elif key_size == 3 and memcmp(key, b"nsp", 3) == 0:
            if not read_utf8(&p, end, &header.nsp, &header.nsp_size):
                raise ParseError("invalid namespace: no text")
        elif key_size == 2 and memcmp(key, b"id", 2) == 0:
            read_id(&p, end, header)
        elif key_size == 4 and memcmp(key, b"data", 4) == 0:
            if not read_undefined(&p, end):
                header.payload = p
                p = skip_value(p, end, max_depth)
                header.payload_size = p - header.payload
        else:
            p = skip_value(p, end, max_depth)
    if p != end:
        raise ParseError(f"invalid packet: {end - p} trailing bytes")
    if type < 0 or type > CONNECT_ERROR:
        raise ParseError(f"invalid packet type: {type}")
    if header.nsp_size < 0:
        raise ParseError("invalid namespace: there is none")
    header.type = <int>type
    if header.nsp_size == 1 and header.nsp[0] == c"/":
        header.nsp = NULL
    return check_payload(header)


cdef int read_id(const char** cursor, const char* end, Header* header) except -1:
    if not read_undefined(cursor, end) and not (
        read_integer(cursor, end, &header.id) and 0 <= header.id <= MAX_ID
    ):
        raise ParseError("invalid packet id")
    return 0


cdef int check_payload(Header* header) except -1:
    """Check that the payload's kind fits the type."""
    cdef:
        const char* p = header.payload
        const char* end = header.payload + header.payload_size
        const char* text
        Py_ssize_t size
        bint fits = header.payload_size == 0

    if header.type == EVENT or header.type == ACK:
        fits = not fits and read_array(&p, end) >= 0
        if header.type == ACK and header.id < 0:
            raise ParseError("invalid packet id: an ACK packet without one")
    elif header.type == CONNECT_ERROR:
        fits = not fits and (
            read_map(&p, end) >= 0 or read_text(&p, end, &text, &size)
        )
    elif header.type == CONNECT and not fits:
        fits = read_map(&p, end) >= 0
    if not fits:
        raise ParseError(f"invalid payload of a packet of type {header.type}")
    return 0

"""Socket.IO v5 over an Engine.IO session: namespaces, and packets made whole.

Strategy: a text packet is dispatched where it lies, in picows' read buffer. A binary
packet waits: its text is kept, its attachments are laid out as the frames in which
most of them will leave again, and it is dispatched with the last one.
"""

from secrets import token_urlsafe

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.string cimport memcmp
from picows.picows cimport WSCloseCode

import msgspec

from sioc.testing._engine cimport EngineSession
from sioc.testing._hub cimport Hub
from sioc.testing._namespace cimport Namespace
from sioc.testing._packet cimport (
    Packet,
    PacketType,
    Slice,
    empty,
    parse_packet,
    put_attachment,
    put_packet,
    slice_of,
)
from sioc.testing._wire cimport FrameBuffer


cdef:
    object decode_object = msgspec.json.Decoder(dict).decode
    bytes REFUSED = b"/refused"
    bytes REFUSAL = (
        b'{"message":"not authorized",'
        b'"data":{"content":"refused by the test peer"}}'
    )
    bytes UNKNOWN = b'{"message":"Invalid namespace"}'

cdef enum:
    # Attachments as large as this go out by themselves; copying them costs more than
    # a second write.
    LARGE = 16 * 1024
    # What `out` may hold before it leaves ahead of the end of the read.
    FULL = 256 * 1024


cdef class Session(EngineSession):
    """One connection with its namespaces."""

    def __init__(self, Hub hub not None, bint base64):
        EngineSession.__init__(self, hub, base64)
        self.attachments = FrameBuffer()
        self._namespaces = {}

    # For the layer above.

    cdef int on_event(self, Namespace namespace, Packet* packet) except -1:
        return 0

    cdef int on_ack(self, Namespace namespace, Packet* packet) except -1:
        return 0

    cdef int put(
        self, PacketType type, Namespace namespace, Slice id, bytes payload
    ) except -1:
        return put_packet(
            self.out, type, 0,
            slice_of(namespace.name), id, slice_of(payload), empty(),
        )

    cdef int put_along(
        self, FrameBuffer out, PacketType type, Namespace namespace,
        Slice id, Slice head, Slice tail
    ) except -1:
        cdef FrameBuffer block = self.attachments
        put_packet(
            out, type, self._count, slice_of(namespace.name), id, head, tail
        )
        # A packet and its attachments stand together: nothing comes between.
        if out is self.out and block.size >= LARGE:
            self.write(block.data, block.size)
        else:
            out.put_raw(block.data, block.size)
            if out is self.out and out.size >= FULL:
                self.flush()
        return 0

    cdef int leave(self, Namespace namespace) except -1:
        namespace.joined = False
        del self._namespaces[namespace.name]
        if namespace is self._root:
            self._root = None
        self._last = None
        return 0

    cdef int reject(self, const char* what) except -1:
        return self.close(WSCloseCode.PROTOCOL_ERROR, what)

    cpdef bint deliver(self, bytes namespace, bytes frames) except -1:
        if self.closing or namespace not in self._namespaces:
            return False
        self.write(frames, len(frames))
        return True

    # Inwards.

    cdef int on_message(self, const char* text, Py_ssize_t size) except -1:
        cdef:
            Packet packet
            const char* wrong = parse_packet(text, size, &packet)
        if wrong != NULL:
            return self.reject(wrong)
        if self._missing:
            return self.reject(b"text where an attachment is due")
        if packet.attachments == 0:
            return self._dispatch(&packet)
        self._header = PyBytes_FromStringAndSize(text, size)
        self._missing = packet.attachments
        return 0

    cdef int on_attachment(self, const char* data, Py_ssize_t size) except -1:
        cdef Packet packet
        if self._missing == 0:
            return self.reject(b"binary that no packet announced")
        put_attachment(self.attachments, data, size, self.base64)
        self.hub.attachments += 1
        self._missing -= 1
        if self._missing == 0:
            parse_packet(self._header, len(self._header), &packet)
            self._count = packet.attachments
            self._dispatch(&packet)
            self._count = 0
            self._header = None
            self.attachments.clear()
        return 0

    cdef int _dispatch(self, Packet* packet) except -1:
        cdef Namespace namespace
        if packet.type == PacketType.CONNECT:
            return self._connect(packet)
        namespace = self._find(packet.namespace)
        if namespace is None or packet.type == PacketType.CONNECT_ERROR:
            return self.reject(b"packet for a namespace that is not joined")
        if packet.type == PacketType.EVENT:
            return self.on_event(namespace, packet)
        if packet.type == PacketType.ACK:
            return self.on_ack(namespace, packet)
        if packet.payload.size:
            return self.reject(b"DISCONNECT with a payload")
        return self.leave(namespace)

    cdef int _connect(self, Packet* packet) except -1:
        cdef:
            Slice name = packet.namespace
            Namespace namespace
        if self._find(name) is not None:
            return self.reject(b"CONNECT to a joined namespace")
        if packet.payload.size:
            try:
                decode_object(packet.payload.start[:packet.payload.size])
            except msgspec.DecodeError:
                return self.reject(b"CONNECT with an invalid payload")
        namespace = Namespace(name.start[:name.size])
        if namespace.name == REFUSED:
            return self._refuse(name, REFUSAL)
        if (
            self.hub.namespaces is not None
            and (namespace.name or b"/") not in self.hub.namespaces
        ):
            return self._refuse(name, UNKNOWN)
        self._namespaces[namespace.name] = namespace
        if name.size == 0:
            self._root = namespace
        self.settle()
        return self.put(
            PacketType.CONNECT, namespace, empty(),
            b'{"sid":"%b"}' % token_urlsafe(15).encode(),
        )

    cdef int _refuse(self, Slice name, bytes error) except -1:
        return put_packet(
            self.out, PacketType.CONNECT_ERROR, 0,
            name, empty(), slice_of(error), empty(),
        )

    cdef Namespace _find(self, Slice name):
        cdef Namespace found = self._last
        if name.size == 0:
            return self._root
        if (
            found is not None
            and len(found.name) == name.size
            and memcmp(<const char*>found.name, name.start, name.size) == 0
        ):
            return found
        found = self._namespaces.get(name.start[:name.size])
        self._last = found
        return found

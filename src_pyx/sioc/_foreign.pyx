"""From messages to namespaces for parsers other than JSON's."""

from libc.stdint cimport int64_t

from sioc._objects cimport ObjectChannel
from sioc._packed cimport parse_packed
from sioc._packet cimport (
    ACK,
    BINARY_ACK,
    BINARY_EVENT,
    CONNECT,
    CONNECT_ERROR,
    DISCONNECT,
    EVENT,
    Header,
    Packet,
)
from sioc._router cimport Router

from types import NoneType

from sioc.exceptions import LimitError, ParseError

cdef int64_t MAX_ID = 9007199254740991

# What the payload of each packet type may be (5.4.6).
cdef dict DATA_TYPES = {
    CONNECT: (dict, NoneType),
    DISCONNECT: NoneType,
    EVENT: (list, tuple),
    ACK: (list, tuple, NoneType),
    CONNECT_ERROR: object,
}


cdef class ForeignRouter(Router):
    """Route packets, whatever the parser."""

    def __cinit__(self, *args, **kwargs):
        if self.wire.decoder is not None:
            self.decoded = []
            # What the decoder emits is routed when it has returned: a listener's error
            # is none of the parser's.
            self.wire.decoder.on("decoded", self.decoded.append)

    def _reset(self):
        """Forget a packet that is not complete: its connection is over."""
        Router._reset(self)
        if self.wire.decoder is not None:
            self.decoded.clear()
            self.wire.decoder.destroy()

    cdef int check_size(self, Py_ssize_t size) except -1:
        if size > self.max_packet_size:
            raise LimitError.exceeded("max_packet_size", size, self.max_packet_size)
        return 0

    cdef int feed_foreign_text(self, char* text, Py_ssize_t size) except -1:
        self.check_size(size)
        if self.wire.msgpack is not None:
            raise ParseError("a text message where MessagePack is spoken")
        return self.feed_chunk(text[:size].decode())

    cdef int feed_foreign_binary(self, char* data, Py_ssize_t size) except -1:
        cdef Header header

        self.check_size(size)
        if self.wire.msgpack is None:
            return self.feed_chunk(<bytes>data[:size])
        parse_packed(data, size, self.wire.msgpack.max_depth, &header)
        return self.route_packed(&header)

    cdef int tell_object(
        self, int type, str nsp, object data, object id, Py_ssize_t size
    ) except -1:
        """Tell the observer, if there is one, of a packet that came."""
        if self.wire.observer is None:
            return 0
        event = str(data[0]) if type == EVENT and data else None
        return self.wire.tell(True, type, nsp, event, id, 0, size)

    # MessagePack.

    cdef int route_packed(self, Header* header) except -1:
        cdef ObjectChannel channel = self.root

        data = None
        self.wire.packets_in += 1
        if header.payload_size and (self.observed or header.type != EVENT):
            data = self.wire.msgpack.decode(header.payload, header.payload_size)
        if self.observed:
            nsp = "/" if header.nsp == NULL else header.nsp[: header.nsp_size].decode()
            id = None if header.id < 0 else header.id
            self.tell_object(header.type, nsp, data, id, header.payload_size)
            self.emit_local("packet", (Packet(header.type, nsp, data, id),))
        if header.nsp != NULL:
            channel = self.find(header.nsp, header.nsp_size)
        if channel is None:
            return self.wire.ignore("packet of an unknown namespace")
        if header.type == EVENT:
            return channel.on_packed(header)
        if header.type == ACK:
            return channel.take_ack(header.id, data)
        channel._on_control(header.type, data)
        return 0

    # A custom parser.

    cdef int feed_chunk(self, object chunk) except -1:
        """Give the parser a message; route what it makes of it."""
        self.fed += len(chunk)
        try:
            self.wire.decoder.add(chunk)
        except (ValueError, RecursionError):
            raise
        except Exception as error:
            raise ParseError(f"the parser raised {error!r}") from error
        finally:
            self.route_decoded()
        return 0

    cdef int route_decoded(self) except -1:
        while self.decoded:
            self.route_object(self.decoded.pop(0))
        return 0

    cdef int route_object(self, object packet) except -1:
        """Route a packet object; check what the rest of the way takes for granted."""
        cdef ObjectChannel channel

        type, nsp, data, id = [
            getattr(packet, name, None) for name in ("type", "nsp", "data", "id")
        ]
        if type == BINARY_EVENT or type == BINARY_ACK:
            type -= 3
        if type not in DATA_TYPES or not isinstance(nsp, str):
            raise ParseError(f"the parser made no valid packet: {repr(packet)[:200]}")
        if not isinstance(data, DATA_TYPES[type]) or (type == EVENT and not data):
            raise ParseError(
                f"invalid payload of a packet of type {type}: {repr(data)[:200]}"
            )
        if (id is not None or type == ACK) and not (
            isinstance(id, int) and 0 <= id <= MAX_ID
        ):
            raise ParseError(f"invalid packet id {repr(id)[:64]}")
        self.wire.packets_in += 1
        if self.observed:
            self.tell_object(type, nsp, data, id, self.fed)
            self.emit_local("packet", (packet,))
        self.fed = 0
        channel = self.channels.get(nsp.encode())
        if channel is None:
            return self.wire.ignore("packet of an unknown namespace")
        if type == EVENT:
            return channel.on_object(list(data), -1 if id is None else id)
        if type == ACK:
            return channel.take_ack(id, list(data or ()))
        channel._on_control(type, data)
        return 0

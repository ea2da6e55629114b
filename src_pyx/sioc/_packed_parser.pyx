"""The MessagePack parser with the classes parsers have: packets as objects."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from sioc._emitter cimport EventEmitter
from sioc._msgpack cimport Msgpack
from sioc._packed cimport pack_packet, parse_packed
from sioc._packet cimport CONNECT_ERROR, EVENT, Header, Packet
from sioc._parser cimport check_event, check_id

from sioc.exceptions import LimitError
from sioc.limits import Limits


cdef class Encoder:
    """Encode packets.

    Args:
        limits: sioc.Limits; only the depth counts here.
        enc_hook: Called with a value of a type that msgspec does not know; returns one
            of a type that it knows.
    """

    def __cinit__(self, limits=None, enc_hook=None, *args, **kwargs):
        self.msgpack = Msgpack((limits or Limits()).max_depth, enc_hook, None)

    def encode(self, Packet packet not None):
        """Return the packet as a list of one bytes.

        Raises:
            TypeError, ValueError: The payload cannot be encoded.
            LimitError: It nests too deep.
        """
        cdef bytes data = b""

        if not 0 <= packet.type <= CONNECT_ERROR:
            raise ValueError(f"MessagePack has no packet of type {packet.type}")
        if packet.id is not None:
            check_id(packet.id)
        if packet.data is not None:
            data = self.msgpack.encode(packet.data)
        return [
            pack_packet(
                packet.type, self.msgpack.encode(packet.nsp),
                -1 if packet.id is None else packet.id,
                PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data),
            )
        ]


cdef class Decoder(EventEmitter):
    """Decode packets: give it the chunks, it emits `decoded(packet)`.

    Args:
        limits: sioc.Limits, for size and depth.
    """

    def __cinit__(self, limits=None, *args, **kwargs):
        limits = limits or Limits()
        self.msgpack = Msgpack(limits.max_depth, None, None)
        self.max_packet_size = limits.max_packet_size

    def add(self, object chunk):
        """Take a packet.

        Args:
            chunk: bytes.

        Raises:
            ParseError: The packet is malformed.
            LimitError: It passes a limit.
            TypeError: The chunk is not bytes.
        """
        cdef:
            Header header
            Packet packet
            bytes data

        if not isinstance(chunk, (bytes, bytearray, memoryview)):
            raise TypeError(f"a chunk is bytes, not {type(chunk).__name__}")
        data = bytes(chunk)
        if len(data) > self.max_packet_size:
            raise LimitError.exceeded(
                "max_packet_size", len(data), self.max_packet_size
            )
        parse_packed(
            PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data), self.msgpack.max_depth,
            &header,
        )
        packet = Packet(header.type)
        if header.nsp != NULL:
            packet.nsp = header.nsp[: header.nsp_size].decode()
        if header.id >= 0:
            packet.id = header.id
        if header.payload_size:
            packet.data = self.msgpack.decode(header.payload, header.payload_size)
        if header.type == EVENT:
            check_event(packet.data)
        self.emit_local("decoded", (packet,))

    def destroy(self):
        """Do nothing: every chunk is a whole packet."""

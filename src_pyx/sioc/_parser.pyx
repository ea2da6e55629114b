"""The JSON parser with the classes parsers have: packets as objects, in and out."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from sioc._binary cimport Reassembler, restore, strip
from sioc._emitter cimport EventEmitter
from sioc._encoder cimport RESERVED
from sioc._json cimport Json
from sioc._packet cimport ACK, CONNECT_ERROR, EVENT, Header, Packet, parse_header
from sioc._utf8 cimport is_utf8

from math import isfinite

from sioc.exceptions import LimitError, ParseError
from sioc.limits import Limits


cdef class Encoder:
    """Encode packets.

    Args:
        limits: sioc.Limits; only the depth counts here.
        enc_hook: Called with a value of a type that msgspec does not know; returns one
            of a type that it knows.
    """

    def __cinit__(self, limits=None, enc_hook=None, *args, **kwargs):
        self.json = Json((limits or Limits()).max_depth, enc_hook)

    def encode(self, Packet packet not None):
        """Return the packet's text, followed by its attachments.

        Raises:
            TypeError: The payload cannot be encoded.
            LimitError: It nests too deep.
        """
        cdef:
            list attachments = []
            object data = packet.data
            int type = packet.type
            str text

        if not 0 <= type <= CONNECT_ERROR:
            raise ValueError(
                f"a packet of type {type} is not encoded; the binary types come of the "
                f"payload"
            )
        if packet.id is not None:
            check_id(packet.id)
        if data is not None:
            data = strip(self.json.known(data), attachments, self.json.max_depth)
        if attachments and type != EVENT and type != ACK:
            raise TypeError("only events and acks carry binary values")
        text = str(type + 3 if attachments else type)
        if attachments:
            text += f"{len(attachments)}-"
        if packet.nsp not in ("", "/"):
            text += packet.nsp + ","
        if packet.id is not None:
            text += str(packet.id)
        if data is not None:
            text += self.json.encode(data).decode()
        return [text, *attachments]


cdef class Decoder(EventEmitter):
    """Decode packets: give it the chunks, it emits `decoded(packet)`.

    Args:
        limits: sioc.Limits, for size, depth and number of attachments.
    """

    def __cinit__(self, limits=None, *args, **kwargs):
        limits = limits or Limits()
        self.json = Json(limits.max_depth)
        self.reassembler = Reassembler(limits.max_packet_size)
        self.max_attachments = limits.max_attachments
        self.max_packet_size = limits.max_packet_size

    def add(self, object chunk):
        """Take the text of a packet, or one attachment.

        Args:
            chunk: str, or bytes for an attachment.

        Raises:
            ParseError: The packet is malformed, or stands where none may stand.
            LimitError: It passes a limit.
            TypeError: The chunk is neither str nor bytes.
        """
        if isinstance(chunk, str):
            self.add_text((<str>chunk).encode("utf-8", "surrogatepass"))
        elif isinstance(chunk, (bytes, bytearray, memoryview)):
            self.add_attachment(bytes(chunk))
        else:
            raise TypeError(f"a chunk is str or bytes, not {type(chunk).__name__}")

    def destroy(self):
        """Forget a packet that is not complete; the decoder can be used again."""
        self.reassembler.clear()

    cdef int add_text(self, bytes text) except -1:
        cdef:
            Header header
            Py_ssize_t size = PyBytes_GET_SIZE(text)

        if self.reassembler.text is not None:
            raise ParseError("got plaintext data when reconstructing a packet")
        if size > self.max_packet_size:
            raise LimitError.exceeded("max_packet_size", size, self.max_packet_size)
        if not is_utf8(PyBytes_AS_STRING(text), size):
            raise ParseError("the text is not valid UTF-8")
        parse_header(PyBytes_AS_STRING(text), size, self.max_attachments, &header)
        packet = self.packet(&header)
        if header.attachments:
            self.reassembler.begin(
                PyBytes_AS_STRING(text), size, header.attachments
            )
        else:
            self.emit_local("decoded", (packet,))
        return 0

    cdef int add_attachment(self, bytes data) except -1:
        cdef:
            Header header
            Packet packet
            bytes text

        if not self.reassembler.add(data):
            return 0
        text = self.reassembler.text
        attachments = self.reassembler.take()
        parse_header(
            PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text),
            self.max_attachments, &header,
        )
        packet = self.packet(&header)
        packet.data = restore(packet.data, attachments)
        return self.emit_local("decoded", (packet,))

    cdef Packet packet(self, Header* header):
        """Return the packet of a header, its payload decoded and checked (5.4.6)."""
        cdef Packet packet = Packet(header.type)

        if header.nsp != NULL:
            packet.nsp = header.nsp[: header.nsp_size].decode()
        if header.id >= 0:
            packet.id = header.id
        if header.payload_size:
            packet.data = self.json.decode(header.payload, header.payload_size)
            if header.type == EVENT:
                check_event(packet.data)
        return packet


cdef int check_id(object id) except -1:
    """Refuse what is no ack id."""
    if isinstance(id, bool) or not isinstance(id, int):
        raise TypeError(f"an ack id is an int, not {id!r}")
    if not 0 <= id <= 9007199254740991:
        raise ValueError(f"an ack id is from 0 to 2**53 - 1, not {id}")
    return 0


cdef int check_event(object data) except -1:
    """Refuse an event without a name, or with one that is no name."""
    if not data:
        raise ParseError("invalid payload: an event without a name")
    name = data[0]
    number = isinstance(name, (int, float)) and not isinstance(name, bool)
    if not isinstance(name, str) and not (number and isfinite(name)):
        raise ParseError(f"invalid payload: {repr(name)[:64]} is no event name")
    if name in RESERVED:
        raise ParseError(f"invalid payload: {name!r} is a reserved event name")
    return 0

# Socket.IO packets as slices of the frame they came in: nothing is copied, nothing of
# the payload is decoded.
from sioc.testing._wire cimport FrameBuffer


cdef enum PacketType:
    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


cdef struct Slice:
    const char* start
    Py_ssize_t size


# packet = type [attachments "-"] [namespace ","] [id] [payload]
cdef struct Packet:
    # The binary types become EVENT and ACK; `attachments` tells them apart.
    PacketType type
    Py_ssize_t attachments
    # Empty for the root namespace.
    Slice namespace
    # Empty where the packet has none.
    Slice id
    Slice payload


# The payload of an event, ["name",rest
cdef struct Event:
    # Without its quotes.
    Slice name
    # The other arguments up to and with the closing bracket, or the bracket alone.
    Slice rest


# Reads what follows the Engine.IO type; NULL, or what is wrong with the packet.
cdef const char* parse_packet(
    const char* text, Py_ssize_t size, Packet* packet
) noexcept

# True if the payload is written as JSON.stringify does; False says nothing about it.
cdef bint split_event(Slice payload, Event* event) noexcept

# True if the payload is an array; `rest` is what follows its opening bracket.
cdef bint split_ack(Slice payload, Slice* rest) noexcept

# Puts a frame with a packet whose payload is `head` and then `tail`.
cdef int put_packet(
    FrameBuffer out, PacketType type, Py_ssize_t attachments,
    Slice namespace, Slice id, Slice head, Slice tail
) except -1

# Puts a frame with an attachment: binary, or base64 text for a client with b64=1.
cdef int put_attachment(
    FrameBuffer out, const char* data, Py_ssize_t size, bint base64
) except -1

cdef inline Slice slice_of(bytes text) noexcept:
    return Slice(<const char*>text, len(text))

cdef inline Slice empty() noexcept:
    return Slice(b"", 0)

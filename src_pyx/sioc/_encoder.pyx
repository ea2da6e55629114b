"""The packet encoder: event and arguments to the text on the wire.

Strategy: the arguments alone are encoded, as the JSON array Python holds already; the
event's name stands in front of them as text made once per name. So `emit("a", x)`
becomes `42["a",` + `x]`, the body's opening bracket replaced by the head's comma.

Encoding and putting are two steps: event() or ack() prepare, put() writes straight into
an outlet, take() keeps the packet for later. Whatever cannot be encoded raises in the
first step, when nothing has been written.
"""

cimport cython
from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from libc.stdint cimport int64_t
from libc.string cimport memcpy

from sioc._binary cimport check_count, strip
from sioc._outlet cimport Outlet
from sioc._digits cimport append_unsigned
from sioc._json cimport Json
from sioc._packet cimport ACK, EVENT
from sioc._writer cimport writer

from sioc.exceptions import ReservedEventError
from sioc.limits import Limits

# What the protocol and the clients keep for themselves (4.8.1).
cdef frozenset RESERVED = frozenset((
    "connect", "connect_error", "disconnect", "disconnecting",
    "newListener", "removeListener",
))

cdef enum:
    MAX_NUMBERS = 64            # bytes for type, attachment count and ack id


@cython.final
cdef class Encoded:

    cdef int put(self, Outlet outlet) except -1:
        if self.chunks is not None:
            return put_chunks(outlet, self.chunks)
        return outlet.put_packet(
            PyBytes_AS_STRING(self.text), PyBytes_GET_SIZE(self.text),
            b"", 0, self.attachments,
        )

    cdef int put_anyway(self, Outlet outlet) except -1:
        """Put what was within a limit while it was held, or has to go: none counts."""
        cdef Py_ssize_t maximum = outlet.lift_limit()

        try:
            return self.put(outlet)
        finally:
            outlet.maximum = maximum


cdef Encoded encoded(bytes text, list attachments):
    cdef Encoded packet = Encoded.__new__(Encoded)

    packet.text = text
    packet.attachments = attachments
    packet.size = size_of(text, attachments)
    return packet


cdef Encoded encoded_chunks(list chunks, tuple about):
    """Return a packet of messages: str for a text message, bytes for a binary one.

    Args:
        chunks: The messages.
        about: The packet's type, its event or None, its ack id or None.
    """
    cdef:
        list texts = ["4" + chunk for chunk in chunks if isinstance(chunk, str)]
        Encoded packet = encoded(
            "\n".join(texts).encode(),
            [chunk for chunk in chunks if isinstance(chunk, bytes)],
        )

    packet.chunks = chunks
    packet.about = about
    return packet


cdef int put_chunks(Outlet outlet, list chunks) except -1:
    """Put the messages of one packet; raise BufferFullError before any of them."""
    cdef:
        bytes text
        Py_ssize_t size = 0

    if len(chunks) > 1:
        for chunk in chunks:
            # As large as base64 and a frame's header make it, or text as UTF-8.
            size += 32 + 4 * len(chunk)
        outlet.reserve(size)
    for chunk in chunks:
        if isinstance(chunk, bytes):
            outlet.put_binary(chunk)
        else:
            text = (<str>chunk).encode()
            outlet.put_packet(
                b"4", 1, PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text), None
            )
    return 0


cdef int check_name(str event) except -1:
    """Refuse to emit what is the protocol's own."""
    if event in RESERVED:
        raise ReservedEventError(event)
    return 0


cdef Py_ssize_t size_of(bytes text, list attachments) except -1:
    cdef:
        Py_ssize_t size = PyBytes_GET_SIZE(text)
        bytes attachment

    if attachments is not None:
        for attachment in attachments:
            size += PyBytes_GET_SIZE(attachment)
    return size


cdef class Prepared:
    """An event encoded once, to be emitted many times; made by prepare().

    Attributes:
        event: The event's name.
        args: Its arguments.
    """

    def __init__(self):
        raise TypeError("a Prepared is made by sioc.prepare()")

    def __repr__(self):
        return f"<Prepared {self.event!r} of {self.size()} bytes>"

    def __len__(self):
        return self.size()

    cdef Py_ssize_t size(self) except -1:
        """Return its bytes; 0 for a custom parser, which encodes it anew each time."""
        if self.body is not None:
            return size_of(self.body, self.attachments)
        return 0 if self.packed is None else PyBytes_GET_SIZE(self.packed)


def prepare(str event not None, *args):
    """Encode an event once, to be emitted many times on many Sockets.

    Args:
        event: The event's name.
        *args: As for Socket.emit().

    Returns:
        What Socket.emit_prepared() takes.

    Raises:
        ReservedEventError: The name is the protocol's own.
        TypeError: An argument cannot be encoded.
    """
    cdef Encoder encoder = Encoder("/", Json(Limits().max_depth))

    return encoder.keep(event, args)


cdef class PacketEncoder:

    cdef int send(self, str event, tuple args, Outlet outlet) except -1:
        """Encode an event without ack id and put it."""
        self.event(event, args, -1)
        return self.put(outlet)

    cdef int send_prepared(self, Prepared packet, Outlet outlet) except -1:
        """Put an event that was encoded before, without ack id and attachments."""
        self.prepared(packet, -1)
        return self.put(outlet)

    cdef int event(self, str event, tuple args, int64_t id) except -1:
        """Prepare an EVENT or BINARY_EVENT; an id of -1 is none.

        Raises:
            ReservedEventError: The name is the protocol's own.
            TypeError: An argument holds what cannot be encoded.
            LimitError: The arguments nest too deep.
        """
        raise NotImplementedError

    cdef Prepared keep(self, str event, tuple args):
        """Encode an event once, for many packets; raise as event() does."""
        raise NotImplementedError

    cdef int prepared(self, Prepared packet, int64_t id) except -1:
        """Prepare an event that was encoded before; an id of -1 is none."""
        raise NotImplementedError

    cdef int ack(self, tuple args, int64_t id) except -1:
        """Prepare an ACK or BINARY_ACK; raise as event() does."""
        raise NotImplementedError

    cdef int put(self, Outlet outlet) except -1:
        """Write the prepared packet into an outlet; raise BufferFullError."""
        raise NotImplementedError

    cdef Encoded take(self):
        """Return the prepared packet as an object of its own."""
        raise NotImplementedError

    cdef Encoded control(self, int type, object data):
        """Return a CONNECT or DISCONNECT packet; None is no payload.

        Raises:
            TypeError: The payload cannot be encoded.
        """
        raise NotImplementedError


@cython.final
cdef class Encoder(PacketEncoder):

    def __cinit__(self, str nsp, Json json):
        self.json = json
        self.nsp_prefix = b"" if nsp == "/" else nsp.encode() + b","
        self.opening = b"42" + self.nsp_prefix
        self.heads = {}

    def __dealloc__(self):
        PyMem_Free(self.head)

    cdef int send(self, str event, tuple args, Outlet outlet) except -1:
        """Encode an event without ack id and put it, in one go where it is plain."""
        if event is not self.last_event:
            self.find_head(event)
        if not writer.write(args, self.json.max_depth) or writer.found_count:
            self.event(event, args, -1)
            return self.put(outlet)
        # Without arguments the text is "[]", and the head's comma stays behind.
        return outlet.put_packet(
            PyBytes_AS_STRING(self.last_head),
            PyBytes_GET_SIZE(self.last_head) - (writer.size == 2),
            writer.data + 1, writer.size - 1,
            None,
        )

    cdef int send_prepared(self, Prepared packet, Outlet outlet) except -1:
        return outlet.put_packet(
            PyBytes_AS_STRING(self.opening), PyBytes_GET_SIZE(self.opening),
            PyBytes_AS_STRING(packet.body), PyBytes_GET_SIZE(packet.body),
            None,
        )

    cdef int event(self, str event, tuple args, int64_t id) except -1:
        cdef:
            bytes head
            Py_ssize_t name = 2 + PyBytes_GET_SIZE(self.nsp_prefix)

        if event is not self.last_event:
            self.find_head(event)
        head = self.last_head
        self.arguments(args)
        return self.write_head(
            EVENT, id, PyBytes_AS_STRING(head) + name,
            PyBytes_GET_SIZE(head) - name - (PyBytes_GET_SIZE(self.body) == 2),
        )

    cdef int ack(self, tuple args, int64_t id) except -1:
        self.arguments(args)
        return self.write_head(ACK, id, b"[", 1)

    cdef int find_head(self, str event) except -1:
        """Make an event's head the last one."""
        cdef bytes head = <bytes>self.heads.get(event)

        if head is None:
            head = self.new_head(event)
        self.last_head = head
        self.last_event = event
        return 0

    cdef bytes new_head(self, str event):
        """Return what stands before an event's arguments, and remember it.

        Raises:
            ReservedEventError: The name is the protocol's own.
        """
        check_name(event)
        head = b"%b[%b," % (self.opening, self.json.encode(event))
        if len(self.heads) >= MAX_NAMES:
            self.heads.clear()
        self.heads[event] = head
        return head

    cdef int arguments(self, tuple args) except -1:
        cdef:
            bytes body
            list attachments

        if writer.write(args, self.json.max_depth):
            body = PyBytes_FromStringAndSize(writer.data, writer.size)
            attachments = writer.take_attachments()
        else:
            attachments = []
            value = self.json.known(args)
            body = self.json.encode(strip(value, attachments, self.json.max_depth))
        if attachments:
            # A warning may run code that emits: nothing is kept before it.
            check_count(attachments)
        self.body = body
        self.attachments = attachments or None
        return 0

    cdef Prepared keep(self, str event, tuple args):
        cdef:
            Prepared packet = Prepared.__new__(Prepared)
            Py_ssize_t name = 2 + PyBytes_GET_SIZE(self.nsp_prefix)

        self.event(event, args, -1)
        packet.event = event
        packet.args = args
        # Without the "42" of write_head, and without the comma where nothing follows.
        head = self.heads[event]
        packet.body = head[name : len(head) - (not args)] + self.body[1:]
        packet.attachments = self.attachments
        return packet

    cdef int prepared(self, Prepared packet, int64_t id) except -1:
        self.body = packet.body
        self.attachments = packet.attachments
        return self.write_head(EVENT, id, b"[", 1)

    cdef int write_head(
        self, int type, int64_t id, const char* name, Py_ssize_t name_size
    ) except -1:
        """Write "4", type, attachment count, namespace, id and what opens the array."""
        cdef:
            Py_ssize_t nsp_size = PyBytes_GET_SIZE(self.nsp_prefix)
            Py_ssize_t capacity = nsp_size + name_size + MAX_NUMBERS
            char* p

        if capacity > self.head_capacity:
            p = <char*>PyMem_Realloc(self.head, capacity)
            if p == NULL:
                raise MemoryError("no memory for the head of a packet")
            self.head = p
            self.head_capacity = capacity
        p = self.head
        p[0] = c"4"
        if self.attachments is None:
            p[1] = <char>(c"0" + type)
            p += 2
        else:
            p[1] = <char>(c"3" + type)
            p = append_unsigned(p + 2, len(self.attachments))
            p[0] = c"-"
            p += 1
        memcpy(p, PyBytes_AS_STRING(self.nsp_prefix), nsp_size)
        p += nsp_size
        if id >= 0:
            p = append_unsigned(p, id)
        memcpy(p, name, name_size)
        self.head_size = p + name_size - self.head
        return 0

    cdef int put(self, Outlet outlet) except -1:
        # The body's "[" is in the head already.
        return outlet.put_packet(
            self.head, self.head_size,
            PyBytes_AS_STRING(self.body) + 1, PyBytes_GET_SIZE(self.body) - 1,
            self.attachments,
        )

    cdef Encoded take(self):
        return encoded(
            PyBytes_FromStringAndSize(self.head, self.head_size) + self.body[1:],
            self.attachments,
        )

    cdef Encoded control(self, int type, object data):
        cdef:
            list attachments = []
            bytes payload = b""

        if data is not None:
            data = self.json.known(data)
            strip(data, attachments, self.json.max_depth)
            if attachments:
                # CONNECT cannot carry them (5.3.6).
                raise TypeError("the auth payload must not hold binary values")
            payload = self.json.encode(data)
        return encoded(b"4%d%b%b" % (type, self.nsp_prefix, payload), None)

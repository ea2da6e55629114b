"""From Engine.IO messages to namespaces: one look-up a packet.

Every transport feeds the same two functions, feed_text and feed_binary. What a peer
does wrong raises ParseError or LimitError out of them, and nothing of that packet has
been delivered.
"""

from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from libc.string cimport memcmp

from sioc._binary cimport Reassembler, restore
from sioc._clock cimport now
from sioc._emitter cimport EventEmitter
from sioc._objects cimport ObjectChannel
from sioc._packet cimport ACK, EVENT, Header, Packet, event_name, parse_header
from sioc._wire cimport Wire

from asyncio import get_running_loop

from sioc.exceptions import LimitError, ParseError


cdef class Router(EventEmitter):
    """Route packets to the namespaces of one Manager.

    Args:
        wire: What the namespaces share.
    """

    def __cinit__(self, Wire wire, *args, **kwargs):
        limits = wire.limits
        self.wire = wire
        self.foreign = wire.msgpack is not None or wire.decoder is not None
        self.channels = {}
        self.reassembler = Reassembler(limits.max_packet_size)
        self.attachment_timeout = limits.attachment_timeout
        self.max_attachments = limits.max_attachments
        self.max_packet_size = limits.max_packet_size

    def _attach(self, ObjectChannel channel not None):
        """Route a namespace's packets to this channel."""
        self.channels[channel.key] = channel
        channel._watch_outgoing()
        if channel.nsp == "/":
            self.root = channel

    def _trust(self):
        """The peer is alive after all: send what was held on suspicion."""
        self.wire.trust()
        for channel in list(self.channels.values()):
            channel._send_held()

    def _reset(self):
        """Forget a packet that is not complete: its connection is over (5.5.7)."""
        self.reassembler.clear()
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    cdef int feed_text(self, char* text, Py_ssize_t size, Py_ssize_t openers) except -1:
        cdef:
            Header header
            ObjectChannel root = self.root

        self.wire.bytes_in += size
        if (
            size > 1 and text[0] == c"2" and text[1] == c"["
            and root is not None
            and root.connected
            and not self.observed
            and not self.foreign
            and size <= self.max_packet_size
            and self.reassembler.text is None
        ):
            # An event of "/" without ack id: what nearly every packet is.
            self.wire.packets_in += 1
            return root.deliver(text + 1, size - 1, openers, -1, None)
        if self.foreign:
            return self.feed_foreign_text(text, size)
        if self.reassembler.text is not None:
            raise ParseError("got plaintext data when reconstructing a packet")
        if size > self.max_packet_size:
            raise LimitError.exceeded("max_packet_size", size, self.max_packet_size)
        parse_header(text, size, self.max_attachments, &header)
        if header.attachments == 0:
            return self.route(&header, None)
        self.reassembler.begin(text, size, header.attachments)
        return self.watch_attachments()

    cdef int feed_binary(self, const char* data, Py_ssize_t size) except -1:
        cdef:
            Header header
            bytes text
            list attachments

        self.wire.bytes_in += size
        if self.foreign:
            return self.feed_foreign_binary(<char*>data, size)
        if not self.reassembler.add(PyBytes_FromStringAndSize(data, size)):
            return 0
        text = self.reassembler.text
        attachments = self.reassembler.take()
        # The text is the reassembler's own copy, seen by nobody else: writable.
        parse_header(
            PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text),
            self.max_attachments, &header,
        )
        return self.route(&header, attachments)

    cdef int feed_foreign_text(self, char* text, Py_ssize_t size) except -1:
        """Take a text message of a parser other than JSON's."""
        raise NotImplementedError

    cdef int feed_foreign_binary(self, char* data, Py_ssize_t size) except -1:
        """Take a binary message of a parser other than JSON's."""
        raise NotImplementedError

    cdef int route(self, Header* header, list attachments) except -1:
        cdef ObjectChannel channel = self.root

        self.wire.packets_in += 1
        if self.observed:
            self.observe(header, attachments)
        if header.nsp != NULL:
            channel = self.find(header.nsp, header.nsp_size)
        if channel is None:
            return self.wire.ignore("packet of an unknown namespace")
        if header.type == EVENT:
            return channel.on_event(header, attachments)
        if header.type == ACK:
            return channel.on_ack(header, attachments)
        data = None
        if header.payload_size:
            data = self.wire.json.decode(header.payload, header.payload_size)
        channel._on_control(header.type, data)
        return 0

    cdef ObjectChannel find(self, const char* nsp, Py_ssize_t size):
        cdef ObjectChannel channel = self.last

        if (
            channel is not None
            and PyBytes_GET_SIZE(channel.key) == size
            and memcmp(PyBytes_AS_STRING(channel.key), nsp, size) == 0
        ):
            return channel
        channel = self.channels.get(PyBytes_FromStringAndSize(nsp, size))
        if channel is not None:
            self.last = channel
        return channel

    cdef int observe(self, Header* header, list attachments) except -1:
        """Tell the observer, and those who listen to `packet`, of a packet."""
        cdef Packet packet

        if self.wire.observer is not None:
            self.tell(header, attachments)
        if "packet" not in self._slots:
            return 0
        packet = Packet.__new__(Packet)

        packet.type = header.type
        packet.nsp = "/"
        if header.nsp != NULL:
            packet.nsp = header.nsp[: header.nsp_size].decode()
        packet.id = None if header.id < 0 else header.id
        if header.payload_size:
            packet.data = self.wire.json.decode(header.payload, header.payload_size)
        if attachments is not None:
            packet.data = restore(packet.data, attachments)
        return self.emit_local("packet", (packet,))

    cdef int tell(self, Header* header, list attachments) except -1:
        cdef:
            Py_ssize_t size = header.payload_size
            str event = None

        if header.type == EVENT:
            event = event_name(header.payload, header.payload_size)
        for attachment in attachments or ():
            size += len(attachment)
        return self.wire.tell(
            True, header.type,
            "/" if header.nsp == NULL else header.nsp[: header.nsp_size].decode(),
            event, None if header.id < 0 else header.id, header.attachments, size,
        )

    def _observe_packets(self, object observer):
        """Have the observer told of packets and acks from now on; None: nobody."""
        self.wire.observer = observer
        self.observed = observer is not None or "packet" in self._slots
        for channel in self.channels.values():
            channel._watch_outgoing()

    cdef int watch_attachments(self) except -1:
        """Bound the time from a header to its last attachment (R3)."""
        self.incomplete_since = now()
        if self.timer is None:
            self.timer = get_running_loop().call_later(
                self.attachment_timeout, self._check_attachments
            )
        return 0

    def _check_attachments(self):
        # The timer outlives the packet it was set for: traffic sets one timer for
        # many packets.
        self.timer = None
        if self.reassembler.text is None:
            return
        left = self.attachment_timeout - (now() - self.incomplete_since)
        if left > 0:
            self.timer = get_running_loop().call_later(left, self._check_attachments)
            return
        self._on_violation(
            LimitError(
                f"the attachments of a packet did not come within "
                f"{self.attachment_timeout} s (limits.attachment_timeout)",
                limit="attachment_timeout",
                value=self.attachment_timeout,
            )
        )

    cdef int listeners_changed(self, str event) except -1:
        if event == "packet":
            self.observed = self.wire.observer is not None or event in self._slots
        return 0


cdef int feed_router(
    Router router, char* text, Py_ssize_t size, Py_ssize_t openers
) except -1:
    return router.feed_text(text, size, openers)

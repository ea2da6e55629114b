"""Engine.IO packets of one session (Engine.IO protocol 4), whatever carries them.

A transport feeds packets in and offers an outlet. Messages go to the router; pings are
answered here, at once, so that no listener and no task can delay a pong; everything
rarer is handed to the Python half. The first error ends the session: nothing is
delivered after it, whatever is still in the transport's buffers.
"""

from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from libc.string cimport memchr

from sioc._outlet cimport EnginePacket, Outlet, text_packet
from sioc._call cimport propagate
from sioc._clock cimport now
from sioc._emitter cimport EventEmitter
from sioc._router cimport Router, feed_router
from sioc._utf8 cimport scan

from asyncio import get_running_loop
from base64 import b64decode

from sioc.exceptions import ParseError

OUTWARD = ("packetCreate", "flush", "drain")

cdef enum:
    SEPARATOR = 0x1e            # between the packets of a polling payload
    SMALL_READ = 16_384         # bytes of one that are taken while listeners are slow

# A function that leaves its exception set, for the caller to look at.
ctypedef int (*Feed)(
    Router router, char* text, Py_ssize_t size, Py_ssize_t openers
) noexcept

# What the peer has done wrong (ParseError and LimitError are ValueErrors), and that a
# listener ends the program.
cdef tuple ENDING = (ValueError, RecursionError, KeyboardInterrupt, SystemExit)


cdef class Session(EventEmitter):
    """One Engine.IO session.

    Args:
        router: Where its messages go.
    """

    def __cinit__(self, Router router, *args, **kwargs):
        self.router = router
        self.rtt = -1

    # Life, as the Python half tells it.

    def _use(self, Outlet outlet not None):
        """Answer pings through this outlet from now on."""
        if self.open:
            outlet.deadline = self.outlet.deadline
        else:
            # What a transport did that was tried before is forgotten.
            self.ended = False
        if self.outlet is not None:
            self.outlet.watch(None)
        self.outlet = outlet
        self.listeners_changed("")

    def _begin(self, double interval, double timeout):
        """The handshake is valid: take messages, expect pings this often (seconds)."""
        self.open = True
        self.allowance = interval + timeout
        self.timeout = timeout
        self.listeners_changed("")
        self.outlet.deadline = now() + self.allowance

    def _end(self):
        """Deliver nothing any more."""
        self.ended = True

    def _fail(self, error):
        """The peer broke the protocol, or the transport failed."""
        self.ended = True
        self._on_violation(error)

    @property
    def heartbeat_rtt(self):
        """Seconds of the last heartbeat's round trip; None before the second ping.

        From our pong to the next ping, less the interval in which the server sends
        them: both ways on the network, and the lateness of the server's timer.
        """
        return self.rtt if self.rtt >= 0 else None

    def _answer_unread(self):
        """Answer the ping that must lie unread while reading is paused."""
        self.timed = False
        self.outlet.deadline = now() + self.allowance
        self.outlet.put_pong()

    def _overdue(self):
        """Return the seconds by which a ping is overdue; negative: not yet."""
        return now() - self.outlet.deadline

    # Inbound.

    cdef int feed_text(self, char* text, Py_ssize_t size, Py_ssize_t openers) except -1:
        """Take one text packet.

        Args:
            text: What it is; the memory must be writable.
            size: Its bytes.
            openers: At most how many "[" and "{" it holds.
        """
        if self.ended:
            return 0
        if self.fast and size > 1 and text[0] == c"4":
            if (<Feed>feed_router)(self.router, text + 1, size - 1, openers) == -1:
                self.violated()
            return 0
        return self.feed_watched(text, size, openers)

    cdef int feed_watched(
        self, char* text, Py_ssize_t size, Py_ssize_t openers
    ) except -1:
        """Take one that is observed, or of another type, or comes too early.

        Apart from feed_text: a try block costs where it is not entered, too.
        """
        try:
            self.feed_packet(text, size, openers)
        except ENDING as error:
            self.end_with(error)
        return 0

    cdef int violated(self) except -1:
        """Take the exception that is set, if it ends the session."""
        try:
            propagate()
        except ENDING as error:
            self.end_with(error)
        return 0

    cdef int end_with(self, object error) except -1:
        if isinstance(error, Exception):
            self._fail(error)
        else:
            # Thrown out of a read, uvloop would take it for a failure of the
            # connection, and go on.
            self.ended = True
            get_running_loop().call_soon(throw, error)
        return 0

    cdef int feed_binary(self, const char* data, Py_ssize_t size) except -1:
        """Take one binary message."""
        if self.ended:
            return 0
        try:
            if not self.open:
                raise ParseError("binary data before the handshake")
            if self.observed:
                self.observe(EnginePacket("message", data[:size]))
            self.router.feed_binary(data, size)
        except ENDING as error:
            self.end_with(error)
        return 0

    def _feed_payload(self, bytearray payload not None, Py_ssize_t begin=0):
        """Take the packets of a polling payload (Engine.IO protocol 4, "Payload").

        Once too many listeners run, some more packets are taken and no others: tell
        where to go on, or -1 at the end.
        """
        cdef:
            char* start = PyByteArray_AS_STRING(payload)
            char* end = start + PyByteArray_GET_SIZE(payload)
            char* p = start + begin
            char* separator

        if begin == 0:
            self.last_inbound = now()
            if scan(p, end - p) < 0:
                self._fail(ParseError("a polling payload is not valid UTF-8"))
        while not self.ended:
            separator = <char*>memchr(p, SEPARATOR, end - p)
            if separator == NULL:
                self.feed_text(p, end - p, end - p)
                break
            self.feed_text(p, separator - p, separator - p)
            p = separator + 1
            if self.router.wire.crowded and p - start - begin > SMALL_READ:
                return p - start
        return -1

    cdef int feed_packet(
        self, char* text, Py_ssize_t size, Py_ssize_t openers
    ) except -1:
        cdef char type

        if size == 0:
            raise ParseError("empty Engine.IO packet")
        type = text[0]
        if self.observed and type != c"b":
            self.observe(text_packet(text[:size]))
        if self.open:
            if type == c"4" and size > 1:
                return self.router.feed_text(text + 1, size - 1, openers)
            if type == c"2":
                return self.on_ping()
            if type == c"b":
                return self.feed_base64(text + 1, size - 1)
            if type == c"1":
                self._on_close_packet()
                return 0
            if type == c"3" or type == c"5" or type == c"6":
                # A pong nobody asked for, an upgrade, a noop (6.6.4).
                return self.router.wire.ignore("unexpected Engine.IO packet")
        else:
            self._on_first_packet(PyBytes_FromStringAndSize(text, size))
            return 0
        raise ParseError(f"unexpected Engine.IO packet {text[:1]!r}")

    cdef int feed_base64(self, const char* text, Py_ssize_t size) except -1:
        cdef bytes data

        try:
            data = b64decode(text[:size], validate=True)
        except ValueError as error:
            raise ParseError(f"invalid base64 in a binary message: {error}") from None
        if self.observed:
            self.observe(EnginePacket("message", data))
        return self.router.feed_binary(PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))

    cdef int observe(self, EnginePacket packet) except -1:
        """Tell those who listen of an inbound packet (6.2.3, 6.2.4)."""
        self.emit_local("packet", (packet,))
        if packet.type == "message":
            self.emit_local("message", (packet.data,))
        return 0

    # The emitter's hook.

    cdef int listeners_changed(self, str event) except -1:
        """Go the fast way, in and out, while nobody listens to packets."""
        self.observed = "packet" in self._slots or "message" in self._slots
        self.fast = self.open and not self.observed
        if self.outlet is not None:
            for name in OUTWARD:
                if name in self._slots:
                    self.outlet.watch(self._on_outlet)
                    return 0
            self.outlet.watch(None)
        return 0

    def _on_outlet(self, str event not None, packet):
        """Tell those who listen of what goes out."""
        self.emit_local(event, () if packet is None else (packet,))

    cdef int on_ping(self) except -1:
        """Answer with one pong, whatever the ping carried (6.4.3)."""
        cdef double at = now()

        if self.timed:
            # The deadline is as far from the last pong as the allowance.
            self.rtt = at - self.outlet.deadline + self.timeout
        self.timed = True
        self.outlet.deadline = at + self.allowance
        self.outlet.put_pong()
        if self._slots:
            self.emit_local("ping", ())
            self.emit_local("pong", ())
        self.router.emit_local("ping", ())
        return 0


def throw(error):
    """Raise it, in a turn of the loop of its own."""
    raise error

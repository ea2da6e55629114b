"""The floor: per job, the least program on picows and msgspec that does it.

No event names are looked up, no states are kept, nothing is checked beyond the two
leading bytes of a frame. Naive all the same, so it can be passed: an inbound payload
is copied into bytes and decoded whole, event name included.
"""

import asyncio

import msgspec

cimport cython
from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from libc.stdint cimport int64_t
from posix.time cimport CLOCK_MONOTONIC, clock_gettime, timespec

from picows.picows cimport WSFrame, WSListener, WSMsgType, WSTransport

from floor._wire cimport Wire


cdef object encode = msgspec.json.Encoder().encode
cdef object decode = msgspec.json.Decoder().decode


cdef inline int64_t now_ns() noexcept nogil:
    cdef timespec at
    clock_gettime(CLOCK_MONOTONIC, &at)
    return <int64_t>at.tv_sec * 1_000_000_000 + at.tv_nsec


cdef class Session(WSListener):
    """The handshake, and the end of a job. Subclasses do the jobs."""

    cdef:
        WSTransport transport
        Wire wire
        readonly object joined
        readonly object done
        readonly bint paused
        object resumed

    def __init__(self):
        loop = asyncio.get_running_loop()
        self.joined = loop.create_future()
        self.done = loop.create_future()
        self.resumed = None

    def request(self, *event):
        """Send an event at once."""
        cdef bytes text = encode(event)
        self.wire.put(
            WSMsgType.TEXT, b"42", 2, PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text)
        )
        self.wire.flush()

    async def drain(self):
        """Wait until the transport takes more."""
        if self.paused:
            self.resumed = asyncio.get_running_loop().create_future()
            await self.resumed

    def close(self):
        """Close the connection without a closing handshake."""
        self.transport.disconnect(False)

    cpdef on_ws_connected(self, WSTransport transport):
        self.transport = transport
        self.wire = Wire(transport, True)

    cpdef on_ws_disconnected(self, WSTransport transport):
        for waiter in (self.joined, self.done, self.resumed):
            if waiter is not None and not waiter.done():
                waiter.set_exception(ConnectionError("the connection is closed"))

    cpdef pause_writing(self):
        self.paused = True

    cpdef resume_writing(self):
        self.paused = False
        if self.resumed is not None:
            self.resumed.set_result(None)
            self.resumed = None

    cdef int control(self, WSFrame frame) except -1:
        """Take a frame that is none of the job's own."""
        cdef char* text = frame.payload_ptr
        if frame.msg_type != WSMsgType.TEXT or frame.payload_size == 0:
            return 0
        if text[0] == c"0":
            # Engine.IO OPEN; answer with a Socket.IO CONNECT to the main namespace.
            self.wire.put(WSMsgType.TEXT, b"40", 2, b"", 0)
            self.wire.flush()
        elif frame.payload_size > 1 and text[0] == c"4" and text[1] == c"0":
            self.joined.set_result(None)
        return 0


@cython.final
cdef class Idler(Session):
    """Join, and answer heartbeats."""

    cpdef on_ws_frame(self, WSTransport transport, WSFrame frame):
        if frame.payload_size == 1 and frame.payload_ptr[0] == c"2":
            self.wire.put(WSMsgType.TEXT, b"3", 1, b"", 0)
            self.wire.flush()
        else:
            self.control(frame)


@cython.final
cdef class Receiver(Session):
    """Decode every event and call a function with its argument."""

    cdef:
        Py_ssize_t remaining
        object fn

    def start(self, Py_ssize_t count, fn):
        """Call fn count times; the event after those ends the job."""
        self.remaining = count
        self.fn = fn

    cpdef on_ws_frame(self, WSTransport transport, WSFrame frame):
        cdef:
            char* text = frame.payload_ptr
            list event
        if frame.payload_size < 2 or text[0] != c"4" or text[1] != c"2":
            self.control(frame)
        elif self.remaining:
            self.remaining -= 1
            event = decode(PyBytes_FromStringAndSize(text + 2, frame.payload_size - 2))
            self.fn(event[1])
        else:
            self.done.set_result(None)


@cython.final
cdef class Skipper(Session):
    """Look at the two leading bytes of every frame and no further."""

    cdef Py_ssize_t remaining

    def start(self, Py_ssize_t count):
        self.remaining = count

    cpdef on_ws_frame(self, WSTransport transport, WSFrame frame):
        cdef char* text = frame.payload_ptr
        if frame.payload_size < 2 or text[0] != c"4" or text[1] != c"2":
            self.control(frame)
        elif self.remaining:
            self.remaining -= 1
        else:
            self.done.set_result(None)


@cython.final
cdef class Emitter(Session):
    """Encode, frame and mask into a buffer; one write a turn of the loop."""

    cdef:
        object call_soon
        object flush
        bint scheduled

    def __init__(self):
        Session.__init__(self)
        self.call_soon = asyncio.get_running_loop().call_soon
        # Bound once: a bound method made at every turn is work the job does not need.
        self.flush = self._flush

    def emit(self, event, value):
        cdef bytes text = encode([event, value])
        self.wire.put(
            WSMsgType.TEXT, b"42", 2, PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text)
        )
        if not self.scheduled:
            self.scheduled = True
            self.call_soon(self.flush)

    def _flush(self):
        self.scheduled = False
        self.wire.flush()

    cpdef on_ws_frame(self, WSTransport transport, WSFrame frame):
        cdef char* text = frame.payload_ptr
        if frame.payload_size < 2 or text[0] != c"4" or text[1] != c"2":
            self.control(frame)
        else:
            # The only event that arrives: the sink has counted everything.
            event = decode(PyBytes_FromStringAndSize(text + 2, frame.payload_size - 2))
            self.done.set_result(event[1:])


cdef class Laps(Session):
    """Round trips: whenever an answer is there, note the time and send the next."""

    cdef:
        int64_t* stamps
        Py_ssize_t count
        Py_ssize_t sent
        Py_ssize_t received

    def __dealloc__(self):
        PyMem_Free(self.stamps)

    def start(self, Py_ssize_t count, Py_ssize_t in_flight):
        """Make count round trips, in_flight of them at a time."""
        self.stamps = <int64_t*>PyMem_Realloc(
            self.stamps, (count + 1) * sizeof(int64_t)
        )
        if self.stamps is NULL:
            raise MemoryError
        self.count = count
        self.sent = self.received = 0
        self.stamps[0] = now_ns()
        while self.sent < in_flight:
            self.put_next()
        self.wire.flush()

    def seconds(self):
        """Return the time from each answer to the next, in seconds."""
        return [
            (self.stamps[i + 1] - self.stamps[i]) / 1e9 for i in range(self.received)
        ]

    cdef int put_next(self) except -1:
        raise NotImplementedError

    cdef int answered(self, WSFrame frame) except -1:
        self.received += 1
        self.stamps[self.received] = now_ns()
        if self.sent < self.count:
            self.put_next()
        if frame.last_in_buffer:
            self.wire.flush()
        if self.received == self.count:
            self.done.set_result(None)
        return 0


@cython.final
cdef class Echo(Laps):
    """An event that asks for an ack, as text ready made."""

    cdef int put_next(self) except -1:
        self.sent += 1
        self.wire.put(WSMsgType.TEXT, b"420", 3, b'["echo",1]', 10)
        return 0

    cpdef on_ws_frame(self, WSTransport transport, WSFrame frame):
        cdef char* text = frame.payload_ptr
        if frame.payload_size < 2 or text[0] != c"4" or text[1] != c"3":
            self.control(frame)
        else:
            self.answered(frame)


@cython.final
cdef class BlobEcho(Laps):
    """A header frame and the frame of its attachment, there and back."""

    cdef bytes blob

    def load(self, bytes blob not None):
        """Set the attachment."""
        self.blob = blob

    cdef int put_next(self) except -1:
        cdef bytes header = b'1-["blob",{"_placeholder":true,"num":0}]'
        self.sent += 1
        self.wire.put(
            WSMsgType.TEXT,
            b"45", 2, PyBytes_AS_STRING(header), PyBytes_GET_SIZE(header)
        )
        self.wire.put(
            WSMsgType.BINARY,
            b"", 0, PyBytes_AS_STRING(self.blob), PyBytes_GET_SIZE(self.blob)
        )
        return 0

    cpdef on_ws_frame(self, WSTransport transport, WSFrame frame):
        if frame.msg_type == WSMsgType.BINARY:
            self.answered(frame)
        else:
            self.control(frame)

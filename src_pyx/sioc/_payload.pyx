"""The outlet of HTTP long-polling: packets joined into the bodies of requests.

Strategy: packets are encoded as they stand in a payload (Engine.IO protocol 4,
"Payload": separated by U+001E, binary as base64) and wait in a queue. At the end of a
turn of the loop the transport is told, and takes as many as one request may carry. What
is left when a session is upgraded moves on to the outlet of the new transport.
"""

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize, PyBytes_GET_SIZE

from sioc._buffer cimport WriteBuffer
from sioc._outlet cimport EnginePacket, Outlet

from base64 import b64encode
from collections import deque

from sioc.exceptions import BufferFullError


@cython.final
cdef class PayloadBuffer(Outlet):

    def __cinit__(
        self, object loop, Py_ssize_t high_water, Py_ssize_t maximum, object on_ready
    ):
        self.packets = deque()
        self.high_water = high_water
        self.maximum = maximum
        self.on_ready = on_ready
        self.flush_callback = self._flush
        self.writable = True

    # From above.

    cdef int put_packet(
        self, const char* head, Py_ssize_t head_size,
        const char* body, Py_ssize_t body_size, list attachments
    ) except -1:
        cdef:
            Py_ssize_t needed = head_size + body_size
            list encoded = []
            bytes packet, text

        text = PyBytes_FromStringAndSize(head, head_size)
        if body_size:
            text += PyBytes_FromStringAndSize(body, body_size)
        if self.watcher is not None:
            self.tell_text(text, needed, b"", 0, attachments)
        if attachments is not None:
            for attachment in attachments:
                packet = b"b" + b64encode(attachment)
                encoded.append(packet)
                needed += PyBytes_GET_SIZE(packet)
        self.reserve(needed)
        self.append(text)
        for packet in encoded:
            self.append(packet)
        return self.schedule()

    cdef int put_binary(self, bytes data) except -1:
        if self.watcher is not None:
            self.watcher("packetCreate", EnginePacket("message", data))
        packet = b"b" + b64encode(data)
        self.reserve(PyBytes_GET_SIZE(packet))
        self.append(packet)
        return self.schedule()

    cdef int put_pong(self) except -1:
        if not self.pong_waits:
            self.send_anyway(b"3")
            self.pong_waits = True
        return 0

    cdef Py_ssize_t buffered(self) except -1:
        return self.size + self.in_flight

    cdef int reserve(self, Py_ssize_t needed) except -1:
        needed += self.buffered()
        if needed > self.maximum:
            raise BufferFullError.exceeded("max_write_buffer", needed, self.maximum)
        return 0

    cdef int append(self, bytes packet) except -1:
        if not self.closed:
            self.packets.append(packet)
            self.size += PyBytes_GET_SIZE(packet)
        return 0

    cdef int schedule(self) except -1:
        self.writable = False
        if not self.scheduled and not self.closed:
            self.scheduled = True
            self.loop.call_soon(self.flush_callback)
        return 0

    async def drain(self):
        """Wait until less than the low-water mark is unsent, or the end."""
        while self.buffered() > self.high_water:
            await self.next_wake()

    async def flushed(self):
        """Wait until everything taken is sent, or the end."""
        while self.buffered():
            await self.next_wake()
        if self.successor is not None:
            await self.successor.flushed()

    # From the transport.

    @property
    def empty(self):
        """Whether no packet waits."""
        return self.size == 0

    def _flush(self):
        self.scheduled = False
        if self.in_flight == 0 and not self.closed:
            self.writable = True
            if self.size:
                self.on_ready()

    def take(self, object max_payload):
        """Return the body of the next request (6.5.5).

        Args:
            max_payload: Bytes it may have; a larger packet goes alone. None: no limit.
        """
        cdef:
            Py_ssize_t maximum = self.maximum if max_payload is None else max_payload
            Py_ssize_t size = -1
            list taken = []
            bytes packet

        while self.packets:
            packet = self.packets[0]
            size += 1 + PyBytes_GET_SIZE(packet)
            if taken and size > maximum:
                break
            taken.append(self.packets.popleft())
            self.size -= PyBytes_GET_SIZE(packet)
        body = b"\x1e".join(taken)
        self.in_flight = PyBytes_GET_SIZE(body)
        self.bytes_out += self.in_flight
        self.pong_waits = False
        self.writable = False
        if self.watcher is not None:
            self.watcher("flush", None)
        return body

    def sent(self):
        """The request was answered: what it carried has arrived."""
        self.in_flight = 0
        self.writable = not self.scheduled
        if self.watcher is not None and self.size == 0:
            self.watcher("drain", None)
        self.wake()

    def move(self, WriteBuffer successor not None):
        """Give what waits to another outlet, and close."""
        successor.adopt(self.packets)
        self.successor = successor
        self.close()

    def close(self):
        """Forget what waits: the connection is over."""
        self.closed = True
        self.writable = False
        self.packets.clear()
        self.size = 0
        self.in_flight = 0
        self.wake()

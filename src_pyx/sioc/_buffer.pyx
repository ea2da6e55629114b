"""The write buffer: WebSocket frames built in place, few writes per turn of the loop.

Strategy: a packet is framed and masked straight into one growing buffer, header and
attachments back to back. The first packet of a turn schedules the flush; it goes out at
once where the last turn had no other: a program that awaits each answer would lose a
turn every time. A buffer that fills up within a turn is flushed early, so that a burst
neither grows it nor leaves the cache. While the transport is paused nothing is handed
to it: what waits, waits here, where it is counted and bounded.

Mask keys come from OpenSSL's generator, which the operating system seeds (RFC 6455
section 5.3 asks for a strong source of entropy), a block of them at a time. put_packet
runs no Python code before it has copied the packet, and drawing keys is none: its text
may lie where any other emit would write.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from libc.stdint cimport uint32_t
from libc.string cimport memcpy

from picows.picows cimport WSTransport

from sioc._debug cimport SIOC_DEBUG
from sioc._frame cimport (
    MAX_FRAME_HEADER,
    OPCODE_BINARY,
    OPCODE_TEXT,
    copy_masked,
    turned,
    write_frame_header,
)
from sioc._outlet cimport EnginePacket, Outlet

import os
from base64 import b64decode, b64encode
from ssl import RAND_bytes

from sioc.exceptions import BufferFullError

cdef enum:
    EARLY_FLUSH = 65536         # bytes; a burst is handed over in pieces of this size
    KEEP = 131072               # bytes; a larger buffer is freed once it is empty
    KEYS = 1024                 # mask keys drawn at a time

cdef:
    uint32_t[KEYS] keys
    Py_ssize_t keys_left = 0

    # The largest buffer given back, for whoever writes next: many connections, of which
    # few write in the same turn, need few buffers.
    char* spare = NULL
    Py_ssize_t spare_capacity = 0


def _forget_mask_keys():
    global keys_left
    keys_left = 0


# A child draws keys of its own. Windows does not fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_mask_keys)


cdef inline uint32_t next_mask_key() except? 0:
    global keys_left

    if keys_left == 0:
        memcpy(keys, PyBytes_AS_STRING(RAND_bytes(sizeof(keys))), sizeof(keys))
        keys_left = KEYS
    keys_left -= 1
    return keys[keys_left]


@cython.final
cdef class WriteBuffer(Outlet):

    def __cinit__(
        self, object loop, Py_ssize_t high_water, Py_ssize_t maximum,
        bint base64=False,
    ):
        self.base64 = base64
        self.high_water = high_water
        self.maximum = maximum
        self.flush_callback = self._flush

    def __dealloc__(self):
        PyMem_Free(self.data)

    cdef int attach(self, WSTransport transport) except -1:
        """Send through this transport from now on."""
        self.transport = transport
        self.writable = True
        return 0

    cdef int put_packet(
        self, const char* head, Py_ssize_t head_size,
        const char* body, Py_ssize_t body_size, list attachments
    ) except -1:
        cdef:
            Py_ssize_t text_size = head_size + body_size
            Py_ssize_t needed = text_size + MAX_FRAME_HEADER
            char* start
            bytes attachment, copy

        if self.slow and self.watcher is not None:
            # A listener may send: of the packet a copy is told of, and then taken.
            copy = self.tell_text(head, head_size, body, body_size, attachments)
            head, head_size, body_size = PyBytes_AS_STRING(copy), text_size, 0
        if attachments is not None:
            if self.base64:
                attachments = [b"b" + b64encode(each) for each in attachments]
            for attachment in attachments:
                needed += PyBytes_GET_SIZE(attachment) + MAX_FRAME_HEADER
        if self.slow or self.size + needed > self.capacity:
            self.reserve(needed)

        key = next_mask_key()
        start = write_frame_header(self.data + self.size, OPCODE_TEXT, text_size, key)
        copy_masked(start, head, head_size, key)
        copy_masked(start + head_size, body, body_size, turned(key, head_size))
        self.size = start + text_size - self.data
        if attachments is not None:
            for attachment in attachments:
                self.append_binary(attachment)
        return self.schedule()

    cdef int put_binary(self, bytes data) except -1:
        if self.watcher is not None:
            self.watcher("packetCreate", EnginePacket("message", data))
        if self.base64:
            data = b"b" + b64encode(data)
        self.reserve(PyBytes_GET_SIZE(data) + MAX_FRAME_HEADER)
        self.append_binary(data)
        return self.schedule()

    cdef int append_binary(self, bytes data) except -1:
        return self.append(
            OPCODE_TEXT if self.base64 else OPCODE_BINARY,
            PyBytes_AS_STRING(data),
            PyBytes_GET_SIZE(data),
        )

    cdef int adopt(self, object packets) except -1:
        """Take what another outlet has taken and could not send, in its order.

        All of it has passed a limit before, so none counts here.

        Args:
            packets: Engine.IO packets as they stand in a polling payload.
        """
        cdef:
            Py_ssize_t maximum = self.lift_limit()
            bytes packet

        try:
            for packet in packets:
                if packet[:1] == b"b":
                    self.put_binary(b64decode(packet[1:]))
                else:
                    self.send_text(packet)
        finally:
            self.maximum = maximum
        return 0

    cdef int put_pong(self) except -1:
        if not self.pong_waits:
            self.send_anyway(b"3")
            self.pong_waits = self.size > 0
        return 0

    cdef int put_control(self, int opcode, const char* data, Py_ssize_t size) except -1:
        """Take one WebSocket frame of at most 125 bytes, ping, pong or close."""
        self.reserve(size + MAX_FRAME_HEADER)
        self.append(opcode, data, size)
        return self.schedule()

    cdef int append(self, int opcode, const char* data, Py_ssize_t size) except -1:
        key = next_mask_key()
        start = write_frame_header(self.data + self.size, opcode, size, key)
        copy_masked(start, data, size, key)
        self.size = start + size - self.data
        return 0

    cdef int reserve(self, Py_ssize_t needed) except -1:
        """Make room, within the limit."""
        cdef:
            Py_ssize_t size = self.size + needed
            Py_ssize_t capacity
            char* data

        if size + self.behind > self.maximum:
            raise BufferFullError.exceeded(
                "max_write_buffer", size + self.behind, self.maximum
            )
        if size > self.capacity:
            if self.data == NULL and size <= spare_capacity:
                return self.take_spare()
            capacity = max(size, 2 * self.capacity, 512)
            data = <char*>PyMem_Realloc(self.data, capacity)
            if data == NULL:
                raise MemoryError(f"no memory for a write buffer of {capacity} bytes")
            self.data = data
            self.capacity = capacity
        return 0

    cdef int take_spare(self) except -1:
        global spare, spare_capacity

        self.data = spare
        self.capacity = spare_capacity
        spare = NULL
        spare_capacity = 0
        return 0

    cdef int schedule(self) except -1:
        self.writable = False
        if self.size >= EARLY_FLUSH and not self.paused:
            self.flush()
        if not self.scheduled and not self.corked:
            self.scheduled = True
            self.loop.call_soon(self.flush_callback)
            if self.alone:
                self.flush()
            self.first = self.size
        return 0

    def _flush(self):
        self.scheduled = False
        self.alone = self.size == self.first
        self.uncork()

    cdef int uncork(self) except -1:
        """End the turn: flush, and be writable again."""
        self.corked = False
        self.flush()
        self.writable = self.transport is not None and not self.paused
        return 0 if self.paused else self.wake()

    cdef int flush(self) except -1:
        """Hand what was taken to the transport, unless it is paused."""
        if self.size == 0 or self.slow or self.transport is None:
            return self.flush_slowly()
        return self.hand_over()

    cdef int flush_slowly(self) except -1:
        """Flush, and tell the watcher; do nothing while paused."""
        if self.size == 0 or self.paused or self.transport is None:
            return 0
        self.watcher("flush", None)
        self.hand_over()
        if not self.paused:
            self.watcher("drain", None)
        return 0

    cdef int hand_over(self) except -1:
        cdef Py_ssize_t size = self.size

        if SIOC_DEBUG:
            assert size <= self.capacity
        # Emptied first: the transport may call pause() before it returns.
        self.size = 0
        self.pong_waits = False
        self.bytes_out += size
        self.transport._fast_write(self.data, size)
        return self.release()

    cdef int watched(self) except -1:
        self.slow = self.paused or self.watcher is not None
        return 0

    cdef int pause(self) except -1:
        self.paused = True
        self.slow = True
        self.writable = False
        self.behind = self.transport.underlying_transport.get_write_buffer_size()
        return 0

    cdef int resume(self) except -1:
        self.paused = False
        self.behind = 0
        self.watched()
        return self.uncork()

    cdef Py_ssize_t buffered(self) except -1:
        if self.transport is None:
            return self.size
        return self.size + <Py_ssize_t>(
            self.transport.underlying_transport.get_write_buffer_size()
        )

    async def drain(self):
        """Wait until less than the low-water mark is unsent, or the end."""
        self.flush()
        if self.paused:
            await self.next_wake()

    async def flushed(self):
        """Wait until everything taken is handed to the kernel, or the end."""
        self.flush()
        if self.transport is None or self.buffered() == 0:
            return
        below = self.transport.underlying_transport
        # With no high-water mark the transport pauses us now and resumes us when its
        # buffer is empty.
        below.set_write_buffer_limits(high=0)
        try:
            if self.paused:
                await self.next_wake()
        finally:
            below.set_write_buffer_limits(high=self.high_water)

    cdef int detach(self) except -1:
        """Forget the transport and what it did not take: the connection is over."""
        self.transport = None
        self.writable = False
        self.paused = False
        self.behind = 0
        self.watched()
        self.size = 0
        self.release()
        return self.wake()

    cdef int release(self) except -1:
        """Hand the memory on; an idle connection holds none."""
        global spare, spare_capacity

        if self.size == 0 and self.data != NULL:
            if spare_capacity < self.capacity <= KEEP:
                self.data, spare = spare, self.data
                spare_capacity = self.capacity
            PyMem_Free(self.data)
            self.data = NULL
            self.capacity = 0
        return 0

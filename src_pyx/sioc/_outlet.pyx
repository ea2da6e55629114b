"""What every outlet has: the way out of a session, whatever carries it."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

cdef extern from "Python.h":
    const Py_ssize_t PY_SSIZE_T_MAX

# What the first character of a text packet stands for (Engine.IO protocol 4).
TYPES = ("open", "close", "ping", "pong", "message", "upgrade", "noop")


cdef class EnginePacket:
    """One Engine.IO packet as an object, for those who listen to the engine.

    Args:
        type: The name of its type.
        data: Text, binary, or None for no data.
    """

    def __init__(self, str type not None, object data=None):
        self.type = type
        self.data = data

    def __repr__(self):
        return f"EnginePacket({self.type!r}, {self.data!r})"


cdef EnginePacket text_packet(bytes text):
    """Return a packet for a text of the protocol's, its type included."""
    cdef int type = (<const unsigned char*>text)[0] - c"0"

    data = text[1:].decode("utf-8", "replace") or None
    return EnginePacket(TYPES[type] if 0 <= type < 7 else "error", data)


cdef class Outlet:

    def __cinit__(self, object loop not None, *args, **kwargs):
        self.loop = loop

    def send_text(self, bytes packet not None):
        """Send one Engine.IO packet as text, its type included.

        Raises:
            BufferFullError: It does not fit; nothing of it was taken.
        """
        self.put_packet(
            PyBytes_AS_STRING(packet), PyBytes_GET_SIZE(packet), b"", 0, None
        )

    def send_binary(self, bytes data not None):
        """Send one binary Engine.IO message.

        Raises:
            BufferFullError: It does not fit; nothing of it was taken.
        """
        self.put_binary(data)

    def watch(self, watcher):
        """Tell somebody of each packet and flush; None: nobody any more.

        Args:
            watcher: `fn(event, packet)`: with `"packetCreate"` and an EnginePacket, or
                with `"flush"` or `"drain"` and None.
        """
        self.watcher = watcher
        self.watched()

    cdef int watched(self) except -1:
        """The watcher has changed."""
        return 0

    cdef bytes tell_text(
        self, const char* head, Py_ssize_t head_size,
        const char* body, Py_ssize_t body_size, list attachments
    ):
        """Tell the watcher of a packet and its attachments; return its text."""
        cdef bytes text = head[:head_size] + body[:body_size]
        self.watcher("packetCreate", text_packet(text))
        if attachments is not None:
            for attachment in attachments:
                self.watcher("packetCreate", EnginePacket("message", attachment))
        return text

    cdef int send_anyway(self, bytes packet) except -1:
        """Send a packet as send_text() does, however much is unsent."""
        cdef Py_ssize_t maximum = self.lift_limit()

        try:
            self.send_text(packet)
        finally:
            self.maximum = maximum
        return 0

    cdef Py_ssize_t lift_limit(self) noexcept:
        """Have no maximum for now; return the one to be put back."""
        cdef Py_ssize_t maximum = self.maximum

        self.maximum = PY_SSIZE_T_MAX
        return maximum

    def next_wake(self):
        """Return a future that is done when there is room again."""
        future = self.loop.create_future()
        if self.drainers is None:
            self.drainers = []
        self.drainers.append(future)
        return future

    cdef int wake(self) except -1:
        """Resolve those who wait for room."""
        if self.drainers:
            drainers, self.drainers = self.drainers, None
            for future in drainers:
                if not future.done():
                    future.set_result(None)
        return 0

    cdef int put_packet(
        self, const char* head, Py_ssize_t head_size,
        const char* body, Py_ssize_t body_size, list attachments
    ) except -1:
        """Take one packet: its text in two pieces, its attachments (None: none).

        Raises:
            BufferFullError: It does not fit; nothing of it was taken.
        """
        raise NotImplementedError

    cdef int put_binary(self, bytes data) except -1:
        """Take one binary message; raise BufferFullError."""
        raise NotImplementedError

    cdef int put_pong(self) except -1:
        """Take an Engine.IO pong, unless one waits already."""
        raise NotImplementedError

    cdef int reserve(self, Py_ssize_t needed) except -1:
        """Make sure that so many bytes can be taken; raise BufferFullError."""
        raise NotImplementedError

    cdef Py_ssize_t buffered(self) except -1:
        """Return how many bytes were taken and not yet handed to the kernel."""
        raise NotImplementedError

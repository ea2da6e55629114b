"""What the namespaces of one Manager share.

The Manager owns a Wire for life; connections come and go as its outlet. Every send
asks usable() first, which notices an overdue heartbeat at the first send of a turn.
"""

cimport cython

from sioc._outlet cimport Outlet
from sioc._json cimport Json
from sioc._msgpack cimport Msgpack

import os
from asyncio import get_running_loop
from threading import current_thread

ELSEWHERE = (
    "a Socket and its Manager belong to the event loop of their first connect(), which "
    "is another one: "
)


def _forked():
    global forks
    forks += 1


# Windows does not fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


@cython.final
cdef class Wire:
    """The way out and the counters of one Manager.

    Args:
        limits: The sioc.Limits of the Manager.
        packed: Whether packets are MessagePack instead of JSON.
        enc_hook: Called with a value of a type that msgspec does not know.
        dec_hook: Called with a type that msgspec does not know and a decoded value.
        encoder: Of a custom parser; None: there is none.
        decoder: The same.
    """

    def __cinit__(
        self, object limits, *, bint packed=False, object enc_hook=None,
        object dec_hook=None, object encoder=None, object decoder=None,
    ):
        self.limits = limits
        self.max_handlers = limits.max_pending_handlers
        self.json = Json(limits.max_depth, enc_hook, dec_hook)
        if packed:
            self.msgpack = Msgpack(limits.max_depth, enc_hook, dec_hook)
        self.encoder = encoder
        self.decoder = decoder
        self.ignored = {}

    # Where it belongs.

    def bind(self):
        """Belong to the running loop and its thread from now on; or check as check().

        Raises:
            RuntimeError: No event loop is running.
        """
        if self.thread == 0:
            try:
                self.loop = get_running_loop()
            except RuntimeError:
                raise RuntimeError(
                    "no event loop is running: connect inside of a coroutine (such as "
                    "the one given to sioc.run), or make the Socket with "
                    "auto_connect=False and connect later"
                ) from None
            self.thread = thread_number()
            self.process = os.getpid()
        else:
            self.check()

    cpdef object check(self):
        """Check that the caller is in the thread, and on the loop, of the connection.

        Raises:
            RuntimeError: It is not; the text says what to do instead.
        """
        if self.thread == 0:
            return
        if self.thread != thread_number():
            self.check_process()
            raise RuntimeError(
                f"{ELSEWHERE}call emit_threadsafe() from the thread "
                f"{current_thread().name!r}, loop.call_soon_threadsafe() for all but "
                f"events, or use sioc.sync.Socket there"
            )
        try:
            running = get_running_loop()
        except RuntimeError:
            running = self.loop
        if running is not self.loop:
            raise RuntimeError(
                f"{ELSEWHERE}make a new one with sioc.io() for each loop"
            )

    cpdef object check_process(self):
        """Check that the caller is in the process of the connection, which there is.

        Raises:
            RuntimeError: It is in a child of that; the text says what to do instead.
        """
        if os.getpid() != self.process:
            raise RuntimeError(
                "this process was forked from the one that opened the connection: make "
                "a new Socket with sioc.io() in the child"
            )

    # The way out.

    def open(self, Outlet outlet not None):
        """Send through this outlet from now on."""
        self.outlet = outlet
        self.suspect = False

    def switch(self, Outlet before not None, Outlet after not None):
        """Send through another outlet, if it was the one before until now."""
        if self.outlet is before:
            self.bytes_out += before.bytes_out
            self.outlet = after

    def close(self):
        """Have no way out until the next open()."""
        if self.outlet is not None:
            self.bytes_out += self.outlet.bytes_out
        self.outlet = None
        self.suspect = False

    def trust(self):
        """Clear the suspicion: the peer is alive."""
        self.suspect = False

    @property
    def total_bytes_out(self):
        """Bytes handed to the kernel, this connection's included."""
        return self.bytes_out + (0 if self.outlet is None else self.outlet.bytes_out)

    cdef int tell(
        self, bint inwards, int type, str nsp, object event, object id,
        Py_ssize_t attachments, Py_ssize_t size
    ) except -1:
        """Tell the observer, which must be there, of a packet; size is in bytes."""
        self.observer.packet(inwards, type, nsp, event, id, attachments, size)
        return 0

    cdef bint become_suspect(self) except -1:
        self.suspect = True
        self.manager._on_suspect()
        return False

    cdef int ignore(self, str cause) except -1:
        """Count something of the server's that was passed over."""
        self.ignored[cause] = self.ignored.get(cause, 0) + 1
        return 0

    cdef int handler_started(self) except -1:
        self.handlers += 1
        if self.handlers >= self.max_handlers and not self.crowded:
            self.crowded = True
            self.manager._on_crowded(True)
        return 0

    cdef int handler_ended(self) except -1:
        self.handlers -= 1
        if self.crowded and self.handlers <= self.max_handlers // 2:
            self.crowded = False
            self.manager._on_crowded(False)
        return 0

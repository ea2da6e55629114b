"""What the namespaces of one Manager share.

The Manager owns a Wire for life; connections come and go as its outlet. Every send
asks usable() first, which notices an overdue heartbeat at the first send of a turn.
"""

cimport cython

from sioc._buffer cimport Outlet
from sioc._json cimport Json


@cython.final
cdef class Wire:
    """The way out and the counters of one Manager.

    Args:
        limits: The sioc.Limits of the Manager.
    """

    def __cinit__(self, object limits):
        self.limits = limits
        self.max_handlers = limits.max_pending_handlers
        self.json = Json(limits.max_depth)
        self.ignored = {}

    def open(self, Outlet outlet not None):
        """Send through this outlet from now on."""
        self.outlet = outlet
        self.suspect = False

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

    cdef bint become_suspect(self) except -1:
        self.suspect = True
        self.on_suspect()
        return False

    cdef int ignore(self, str cause) except -1:
        """Count something of the server's that was passed over."""
        self.ignored[cause] = self.ignored.get(cause, 0) + 1
        return 0

    cdef int handler_started(self) except -1:
        self.handlers += 1
        if self.handlers >= self.max_handlers and not self.crowded:
            self.crowded = True
            self.on_crowded(True)
        return 0

    cdef int handler_ended(self) except -1:
        self.handlers -= 1
        if self.crowded and self.handlers <= self.max_handlers // 2:
            self.crowded = False
            self.on_crowded(False)
        return 0

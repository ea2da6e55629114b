"""The options, the counters and the sessions of one peer."""


cdef class Hub:
    def __init__(
        self, *, double ping_interval, double ping_timeout, double connect_timeout,
        double delay, Py_ssize_t max_payload, frozenset namespaces,
    ):
        self.ping_interval = ping_interval
        self.ping_timeout = ping_timeout
        self.connect_timeout = connect_timeout
        self.delay = delay
        self.max_payload = max_payload
        self.namespaces = namespaces
        self.sessions = set()
        self._closed = True

    def open(self, loop):
        self.loop = loop
        self._closed = False

    def close(self):
        self._closed = True

    def stats(self):
        return {
            "events": self.events,
            "bytes": self.bytes_in,
            "binary": self.attachments,
            "connections": len(self.sessions),
        }

    async def abort_sessions(self):
        if not self.sessions:
            return
        for session in tuple(self.sessions):
            session.abort()
        if self._emptied is None:
            self._emptied = self.loop.create_future()
        await self._emptied

    cdef bint enter(self, session) except -1:
        if self._closed:
            return False
        self.sessions.add(session)
        return True

    cdef int leave(self, session) except -1:
        self.sessions.discard(session)
        if self._emptied is not None and not self.sessions:
            if not self._emptied.done():
                self._emptied.set_result(None)
            self._emptied = None
        return 0

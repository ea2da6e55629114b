# What the namespaces of one Manager share: the way out, JSON, limits, counters.

cimport cython

from sioc._outlet cimport Outlet
from sioc._clock cimport now
from sioc._json cimport Json
from sioc._msgpack cimport Msgpack

cdef extern from "Python.h":
    ctypedef struct PyThreadState
    PyThreadState* PyThreadState_Get() noexcept

# Times this process was forked: added to a thread's number, it makes that of a child
# another one.
cdef size_t forks


cdef inline size_t thread_number() noexcept:
    return <size_t>PyThreadState_Get() + forks


@cython.final
cdef class Wire:
    cdef:
        # The way out. None while there is no open connection.
        readonly Outlet outlet

        # The heartbeat is overdue, or looks so because the loop was blocked: what is
        # emitted waits in the send buffers until that is known.
        readonly bint suspect

        # Coroutine listeners running, and whether they are too many.
        readonly Py_ssize_t handlers
        readonly bint crowded

        # The Manager: its _on_suspect() is called once when the wire becomes so, its
        # _on_crowded() with True and later with False.
        public object manager

        # Where it belongs: the loop of the first connection, and the number of its
        # thread; None and 0 before that.
        readonly object loop
        size_t thread
        object process

        # Told of packets and acks (sioc.observer.Observer); None: nobody wants to know.
        public object observer

        # The parser: JSON unless one of the others is there.
        readonly Json json
        readonly Msgpack msgpack
        readonly object encoder         # of a custom parser
        readonly object decoder
        readonly object limits          # sioc.Limits
        Py_ssize_t max_handlers

        # Counters, behind Manager.stats.
        public Py_ssize_t packets_in
        public Py_ssize_t packets_out
        public Py_ssize_t bytes_in
        public Py_ssize_t bytes_out     # of connections that are over
        public Py_ssize_t events_delivered
        public Py_ssize_t events_skipped
        public Py_ssize_t events_dropped
        public Py_ssize_t listener_errors
        public Py_ssize_t reconnections
        readonly dict ignored           # cause -> count

    cdef inline int check_turn(self) except -1:
        """Check as check() does; the loop only where this turn may be another's."""
        cdef Outlet outlet = self.outlet

        # A flush is due in this turn of the loop, or a read is delivered: it runs. To
        # ask which loop runs takes longer than to send a short event.
        if (
            outlet is None
            or not (outlet.scheduled or outlet.corked)
            or thread_number() != self.thread
        ):
            self.check()
        return 0

    cdef inline bint usable(self) except -1:
        """Tell whether a packet can be sent now."""
        cdef Outlet outlet = self.outlet

        self.check_turn()
        if outlet is None or self.suspect:
            return False
        # The clock is read once a turn: later sends of it find the outlet written to.
        if outlet.writable and 0 < outlet.deadline < now():
            return self.become_suspect()
        return True

    cpdef object check(self)
    cpdef object check_process(self)
    cdef int tell(
        self, bint inwards, int type, str nsp, object event, object id,
        Py_ssize_t attachments, Py_ssize_t size
    ) except -1
    cdef bint become_suspect(self) except -1
    cdef int ignore(self, str cause) except -1
    cdef int handler_started(self) except -1
    cdef int handler_ended(self) except -1

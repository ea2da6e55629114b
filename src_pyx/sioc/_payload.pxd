# The way out by HTTP long-polling: packets that wait for the next request.

cimport cython

from sioc._outlet cimport Outlet


@cython.final
cdef class PayloadBuffer(Outlet):
    cdef:
        object packets              # deque of encoded packets that wait
        Py_ssize_t size             # bytes of them
        Py_ssize_t in_flight        # bytes of the request on its way; 0: there is none

        object on_ready             # called when there is something to request
        object flush_callback       # the bound method, made once
        bint pong_waits             # one among the packets: pings add no more
        bint closed
        Outlet successor            # took over what was left; None: nobody yet

        readonly Py_ssize_t high_water

    cdef int append(self, bytes packet) except -1
    cdef int schedule(self) except -1

"""A flag that two threads pass to and fro, to time the way between their cores."""

cimport cython


@cython.final
cdef class Flag:
    cdef volatile int side

    def play(self, int side, int times):
        cdef int _
        with nogil:
            for _ in range(times):
                while self.side != side:
                    pass
                self.side = not side

"""A namespace that a session has joined."""


cdef class Namespace:
    def __cinit__(self, bytes name):
        self.name = name
        self.joined = True
        self.asked = set()
        self._next_id = 0

    cdef long long ask(self) except -1:
        cdef long long id = self._next_id
        self._next_id += 1
        self.asked.add(id)
        return id

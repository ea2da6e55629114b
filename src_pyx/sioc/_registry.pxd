# Registering a namespace's listeners.

from sioc._listener cimport Slot
from sioc._sender cimport Sender


cdef class Registry(Sender):
    cdef:
        Slot incoming           # catch-alls of what comes; None: there are none

# Registering a namespace's listeners.

from sioc._listener cimport Slot
from sioc._modifiers cimport ModifiedSender


cdef class Registry(ModifiedSender):
    cdef:
        Slot incoming           # catch-alls of what comes; None: there are none

# Assertions the release build deletes: `if SIOC_DEBUG: assert ...`.

cdef extern from *:
    """
    #ifndef SIOC_DEBUG
    #define SIOC_DEBUG 0
    #endif
    """
    const bint SIOC_DEBUG

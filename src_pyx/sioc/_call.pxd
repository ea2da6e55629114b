# Calling without a try block around it: the result as it comes from the C API, NULL for
# an exception that is set. A try block saves and restores the thread's exception state,
# which costs as much as a small call.

from cpython.object cimport PyObject


cdef extern from *:
    """
    static inline PyObject *sioc_steal(PyObject *owned) { return owned; }
    static inline PyObject *sioc_propagate(void) { return NULL; }
    """
    # Take over a reference that is owned already.
    object steal "sioc_steal"(PyObject* owned)
    # Raise the exception that is set.
    object propagate "sioc_propagate"()

cdef extern from "Python.h":
    const size_t PY_VECTORCALL_ARGUMENTS_OFFSET
    PyObject* PyObject_Vectorcall(
        object callable, PyObject** args, size_t nargsf, PyObject* kwnames
    )


cdef inline PyObject* call_one(object fn, object argument) noexcept:
    """Call a function with one argument; NULL when it raised."""
    cdef PyObject* stack[2]

    # A bound method may put its self into the first place, instead of copying.
    stack[0] = NULL
    stack[1] = <PyObject*>argument
    return PyObject_Vectorcall(fn, &stack[1], 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL)

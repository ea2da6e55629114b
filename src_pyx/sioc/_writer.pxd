# JSON text of plain values, and the binary in them: one walk does both.

cimport cython
from cpython.object cimport PyObject


# What a put_* of the writer returns beside -1, for an exception that is set.
cdef enum Outcome:
    WRITTEN = 0
    FOREIGN = 1                 # there is something in it that needs the long way


@cython.final
cdef class Writer:
    cdef:
        # The text; overwritten by the next write.
        char* data
        Py_ssize_t size
        Py_ssize_t capacity

        # The bytes found, in order, owned.
        PyObject** found
        int found_count
        int found_capacity

        object encode_number        # msgspec's, for numbers that are not easy

    cdef bint write(self, object value, Py_ssize_t max_depth) except -1
    cdef list take_attachments(self)
    cdef int forget(self) except -1

    cdef int reserve(self, Py_ssize_t needed) except -1
    cdef int put_value(self, PyObject* value, Py_ssize_t depth) except -1
    cdef int put_dict(self, PyObject* value, Py_ssize_t depth) except -1
    cdef int put_items(
        self, PyObject* value, bint is_list, Py_ssize_t depth
    ) except -1
    cdef int put_bytes(self, PyObject* value) except -1
    cdef int put_str(self, PyObject* value) except -1
    cdef int put_escaped(self, const char* text, Py_ssize_t size) except -1
    cdef int put_int(self, PyObject* value) except -1
    cdef int put_float(self, PyObject* value) except -1
    cdef int put_number(self, PyObject* value) except -1
    cdef int put_text(self, const char* text, Py_ssize_t size) except -1
    cdef int close(self, char bracket) except -1


# The one of this process. Between write() and the last use of what it wrote no Python
# code may run: it could write too, here or in another thread.
cdef Writer writer

# JSON in and out: msgspec, a depth guard before it and a tolerant second try behind it.

cimport cython
from cpython.object cimport PyObject


# Bytes: below this a copy made anew costs less than the buffer protocol.
cdef enum:
    COPY_BELOW = 1024


@cython.final
cdef class View:
    # One reusable read-only window onto memory somebody else owns, so that a decode
    # needs neither a copy nor an allocation.
    cdef:
        const char* data
        Py_ssize_t size
        int exports


@cython.final
cdef class Json:
    cdef:
        object _encode              # msgspec.json.Encoder().encode
        object _decode              # msgspec.json.Decoder().decode
        View _view
        readonly Py_ssize_t max_depth
        readonly object enc_hook    # for types msgspec does not know; None: no hook
        readonly object dec_hook    # for types of listeners it does not know
        readonly Py_ssize_t fallbacks   # decodes that needed the second try

    cdef object decode(self, const char* data, Py_ssize_t size)
    cdef PyObject* try_decode(self, const char* data, Py_ssize_t size) noexcept
    cdef PyObject* decode_in_place(self, const char* data, Py_ssize_t size) noexcept
    cdef object decode_again(self, const char* data, Py_ssize_t size)
    cdef bytes encode(self, object value)
    cdef object known(self, object value)
    cdef bytes encode_again(self, object value)
    cdef int check_depth(self, const char* data, Py_ssize_t size) except -1


cdef object to_known(object value, tuple kept, object hook)

# MessagePack in and out: msgspec, with the extension types of notepack.

cimport cython
from sioc._json cimport View


@cython.final
cdef class Msgpack:
    cdef:
        object _encode              # msgspec.msgpack.Encoder().encode
        object _decode              # msgspec.msgpack.Decoder().decode
        View _view
        readonly Py_ssize_t max_depth
        readonly object enc_hook    # for types msgspec does not know; None: no hook
        readonly object dec_hook    # for types of listeners it does not know

    cdef object decode(self, const char* data, Py_ssize_t size)
    cdef bytes encode(self, object value)
    cdef bytes encode_again(self, object value, bint mend)

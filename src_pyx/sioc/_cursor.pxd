# Encoded MessagePack, read and written by its bytes.

from libc.stdint cimport int64_t

# Reading encoded values. A cursor is moved behind what was read; it stays where it was
# when that is not of the kind asked for.
cdef const char* skip_value(
    const char* p, const char* end, Py_ssize_t depth
) except NULL
cdef Py_ssize_t read_array(const char** cursor, const char* end) except -2
cdef Py_ssize_t read_map(const char** cursor, const char* end) except -2
cdef bint read_text(
    const char** cursor, const char* end, const char** text, Py_ssize_t* size
) except -1
cdef bint read_utf8(
    const char** cursor, const char* end, const char** text, Py_ssize_t* size
) except -1
cdef bint read_integer(const char** cursor, const char* end, int64_t* value) except -1
cdef bint read_undefined(const char** cursor, const char* end) noexcept

# Writing what stands before an array's items.
cdef Py_ssize_t write_array(char* p, Py_ssize_t count) noexcept
cdef Py_ssize_t array_head_size(Py_ssize_t count) noexcept

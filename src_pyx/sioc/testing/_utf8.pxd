# True if the bytes are well-formed UTF-8 (RFC 3629): nothing overlong, no surrogate.
cdef bint is_utf8(const char* text, Py_ssize_t size) noexcept

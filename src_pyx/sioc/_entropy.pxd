# Random bytes of the operating system, without a Python object and without a switch of
# threads, which os.urandom() allows.

from libc.stdint cimport uint32_t

cdef extern from *:
    """
    #include <stdint.h>
    #if defined(_WIN32)
    #define _CRT_RAND_S
    #include <stdlib.h>
    static int sioc_random(uint32_t *words, int count) {
        for (int i = 0; i < count; i++)
            if (rand_s(&words[i]) != 0) return -1;
        return 0;
    }
    #elif defined(__linux__)
    #include <errno.h>
    #include <sys/random.h>
    static int sioc_random(uint32_t *words, int count) {
        char *p = (char *)words;
        size_t left = (size_t)count * 4;
        while (left) {
            ssize_t got = getrandom(p, left, 0);
            if (got < 0) {
                if (errno == EINTR) continue;
                return -1;
            }
            p += got;
            left -= (size_t)got;
        }
        return 0;
    }
    #else
    #include <stdlib.h>
    static int sioc_random(uint32_t *words, int count) {
        arc4random_buf(words, (size_t)count * 4);
        return 0;
    }
    #endif
    """
    # Fill so many words; -1 when the system has none to give.
    int random_words "sioc_random"(uint32_t* words, int count) noexcept nogil

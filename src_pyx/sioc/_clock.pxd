# One clock for deadlines that must notice a suspended machine.
#
# CLOCK_MONOTONIC stands still while Linux sleeps, CLOCK_BOOTTIME does not; on macOS
# the monotonic clock already counts sleep. Only differences of now() are meaningful.

cdef extern from *:
    """
    #include <time.h>
    #if defined(_WIN32)
    #include <windows.h>
    static double sioc_now(void) { return (double)GetTickCount64() / 1e3; }
    #else
    #if defined(CLOCK_BOOTTIME)
    #define SIOC_CLOCK CLOCK_BOOTTIME
    #else
    #define SIOC_CLOCK CLOCK_MONOTONIC
    #endif
    static double sioc_now(void) {
        struct timespec t;
        clock_gettime(SIOC_CLOCK, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
    }
    #endif
    """
    double now "sioc_now"() noexcept nogil

"""Tell callgrind, if this process runs in it, what to count."""

cdef extern from *:
    """
    #include <valgrind/callgrind.h>
    static void start(void) { CALLGRIND_START_INSTRUMENTATION; CALLGRIND_ZERO_STATS; }
    static void stop(const char *name) {
        CALLGRIND_DUMP_STATS_AT(name);
        CALLGRIND_STOP_INSTRUMENTATION;
    }
    """
    void start()
    void stop(const char* name)


def begin():
    """Count from here."""
    start()


def end(bytes name not None):
    """Count to here, and write what was counted under this name."""
    stop(name)

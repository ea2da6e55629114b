"""Keep a core from falling asleep: `python -m awake`, pinned to it.

A core with nothing to do halts, and waking it costs tens of microseconds (in a virtual
machine a trip to the host), which would drown the difference between two round trips.
This process spins in the scheduler's idle class: it runs only when nothing else wants
the core, and gives way at once.
"""

import os

CHECK_EVERY = 100_000
"""Turns between two looks at whether the run is still there."""


def spin() -> None:
    """Spin until the parent process is gone or ends this one."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    parent = os.getppid()
    print("awake", flush=True)
    while os.getppid() == parent:
        for _ in range(CHECK_EVERY):
            pass


if __name__ == "__main__":
    spin()

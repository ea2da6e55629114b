"""What a test may not leave behind: tasks, timers, descriptors, threads, loop errors.

Two watches, each used as ``watch = ...Watch()`` before a test and ``watch.check()``
after it. What is on its way out (a socket whose ``connection_lost`` is scheduled) gets
`GRACE` seconds to go.
"""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
import warnings
from typing import Any

import pytest

from peers.process import ServerProcess

GRACE = 1.0  # seconds
PAUSE = 0.01  # seconds between two looks

FD_FOLDER = "/proc/self/fd"

# uvloop opens it for itself.
LOOP_FILE = "/dev/null"

# The loop's default executor keeps its threads as long as the loop lives.
EXECUTOR_THREADS = ("asyncio_", "uvloop_")

# aiofastnet, which serves our peer's TLS, keeps this timer when a client goes without
# TLS's goodbye, as asyncio's do on Python 3.10.
SHUTDOWN_TIMER = "SSLTransportBase._check_shutdown_timeout"


def open_fds() -> dict[int, str]:
    """Return the process' descriptors and what they refer to; {} where unknown."""
    if not os.path.isdir(FD_FOLDER):
        return {}
    found: dict[int, str] = {}
    for name in os.listdir(FD_FOLDER):
        try:
            found[int(name)] = os.readlink(f"{FD_FOLDER}/{name}")
        except OSError:  # the descriptor of the listing itself
            continue
    return {
        fd: to
        for fd, to in found.items()
        if fd not in ServerProcess.held_fds and to != LOOP_FILE
    }


def live_threads() -> set[threading.Thread]:
    """Return the threads that are not a loop's own."""
    return {
        thread
        for thread in threading.enumerate()
        if not thread.name.startswith(EXECUTOR_THREADS)
    }


def pending_timers(loop: asyncio.AbstractEventLoop) -> list[asyncio.TimerHandle]:
    """Return the loop's timers; [] for a loop that does not show them."""
    timers: list[asyncio.TimerHandle] = getattr(loop, "_scheduled", [])
    return [
        timer
        for timer in timers
        if not timer.cancelled() and SHUTDOWN_TIMER not in repr(timer)
    ]


class ProcessWatch:
    """Watch descriptors and threads."""

    def __init__(self) -> None:
        self._fds = open_fds()
        self._threads = live_threads()

    def leaks(self) -> list[str]:
        """Describe what is there now and was not at the start."""
        # By number alone: uvloop makes its wake-up sockets anew for every run, and they
        # get the numbers of those before.
        now = open_fds()
        fds = [(fd, now[fd]) for fd in sorted(now.keys() - self._fds.keys())]
        threads = live_threads() - self._threads
        return [f"fd {fd}: {to}" for fd, to in fds] + [
            f"{thread}" for thread in threads
        ]

    def check(self) -> None:
        """Fail if something is left behind."""
        gc.collect()
        deadline = time.monotonic() + GRACE
        while self.leaks() and time.monotonic() < deadline:
            time.sleep(PAUSE)
        assert not self.leaks(), "left behind: " + "; ".join(self.leaks())


class LoopWatch:
    """Watch the running loop as well.

    Attributes:
        errors: The contexts the loop's exception handler was called with.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._process = ProcessWatch()
        self._tasks = asyncio.all_tasks()
        self._timers = pending_timers(self._loop)
        self.errors: list[dict[str, Any]] = []
        self._loop.set_exception_handler(self._on_error)

    async def check(self, *, errors_expected: bool) -> None:
        """Fail if something is left behind, or if the loop reported an error.

        Args:
            errors_expected: The test has looked at ``errors`` itself.
        """
        gc.collect()
        deadline = self._loop.time() + GRACE
        while self._leaks() and self._loop.time() < deadline:
            await asyncio.sleep(PAUSE)
        if leaks := self._leaks():
            # uvloop warns of every open transport when it is closed, and if that
            # warning is an error it waits for ever.
            warnings.simplefilter("ignore", ResourceWarning)
            raise AssertionError("left behind: " + "; ".join(leaks))
        assert errors_expected or not self.errors, f"loop errors: {self.errors}"

    def _on_error(
        self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]
    ) -> None:
        self.errors.append(context)
        error = context.get("exception")
        if isinstance(error, (pytest.fail.Exception, KeyboardInterrupt, SystemExit)):
            # The time limit's signal: uvloop reports what a signal handler raises
            # here and goes on, so that a test that hangs would hang for ever.
            loop.stop()

    def _leaks(self) -> list[str]:
        own = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() - self._tasks if task is not own]
        timers = [
            timer
            for timer in pending_timers(self._loop)
            if all(timer is not old for old in self._timers)
        ]
        return [*map(repr, tasks), *map(repr, timers), *self._process.leaks()]

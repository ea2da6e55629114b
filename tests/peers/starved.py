"""A program in which one allocation fails: what tests/live/test_no_memory.py runs.

For every number of a range, a child process is forked in which that allocation of
Python's, counted from a moment on, fails, and no other does. What became of the
children is printed: what is remarkable about one, and how many ended how, as JSON.

Arguments: the server's URL, the kind of loop, the transport, the stage from which on
allocations are counted, the first number, the last, and the step.
"""

from __future__ import annotations

import _testcapi  # type: ignore[import-not-found]  # of CPython's own tests
import asyncio
import ctypes
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Coroutine
from itertools import groupby
from traceback import extract_tb
from typing import Any

import sioc

LIMIT = 3.0  # seconds a child may take
PATIENCE = 0.3  # seconds it waits for an answer
ROUNDS = 5

PACKAGE = os.path.dirname(sioc.__file__)

Run = Callable[[Coroutine[Any, Any, None]], None]

ENDS = (
    "went well",
    "MemoryError raised to the program",
    "connection ended, or no answer in time",
    "the event loop itself failed",
    "hung",
    "another exception",
    "crashed",
)
WELL, NO_MEMORY, ENDED, LOOP, HUNG, OTHER, CRASHED = range(len(ENDS))


class Symbol(ctypes.Structure):
    """Where an address is: Dl_info of dlfcn.h."""

    _fields_ = (
        ("file", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    )


@ctypes.CFUNCTYPE(None, ctypes.c_int)
def crashed(number: int) -> None:
    """Tell which libraries were on the stack, the one that has crashed first."""
    libc = ctypes.CDLL(None)
    frames = (ctypes.c_void_p * 64)()
    files = []
    for address in frames[: libc.backtrace(frames, len(frames))]:
        symbol = Symbol()
        libc.dladdr(ctypes.c_void_p(address), ctypes.byref(symbol))
        files.append(os.path.basename((symbol.file or b"?").decode()))
    # The handler's own frames end in libffi; behind them comes where it happened.
    own = max(index for index, file in enumerate(files) if "ffi" in file)
    names = [file.partition(".")[0] for file, _ in groupby(files[own + 1 :])]
    end(CRASHED, "crashed: " + " < ".join(names[:8]))


def end(how: int, remark: str = "") -> None:
    """End the child."""
    if remark:
        os.write(1, remark.encode() + b"\n")
    os._exit(how)


def is_ours(error: BaseException) -> bool:
    """Tell whether an exception has passed through sioc."""
    names = (frame.filename for frame in extract_tb(error.__traceback__))
    return any(name.startswith((PACKAGE, "src_pyx")) for name in names)


class Child:
    """One run.

    Args:
        url: The server.
        transport: The transport.
        stage: From when on allocations are counted.
        number: The one that fails.
    """

    def __init__(self, url: str, transport: str, stage: str, number: int) -> None:
        self._url = url
        self._transport = transport
        self._stage = stage
        self._number = number
        self._task: asyncio.Task[None] | None = None
        self._forgotten = False

    async def main(self) -> None:
        """Connect, ask some questions, disconnect."""
        self._task = asyncio.current_task()
        asyncio.get_running_loop().set_exception_handler(self._on_error)
        client = sioc.io(
            self._url,
            transports=[self._transport],
            force_new=True,
            reconnection_delay=0.01,
            timeout=PATIENCE,
            close_timeout=PATIENCE,
        )
        self._fail("connecting")
        await client.wait_connected(LIMIT / 2)
        self._fail("talking")
        for number in range(ROUNDS):
            value = {"a": [1, "b" * number]}
            await client.emit_with_ack("ack", b"x" * 1000, value, timeout=PATIENCE)
        self._fail("leaving")
        await client.disconnect()

    def run(self, run: Run) -> None:
        """Run, and end the process."""
        for number in signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT:
            ctypes.CDLL(None).signal(number, crashed)
        signal.signal(signal.SIGALRM, self._late)
        signal.setitimer(signal.ITIMER_REAL, LIMIT)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            run(self.main())
        except MemoryError:
            end(NO_MEMORY)
        except (sioc.SocketIOError, TimeoutError, asyncio.TimeoutError):
            end(ENDED)
        except BaseException as error:
            _testcapi.remove_mem_hooks()
            remark = f"{self._stage} {self._number}: {error!r}"
            end(*((OTHER, remark) if is_ours(error) else (LOOP,)))
        end(WELL)

    def _fail(self, stage: str) -> None:
        if stage == self._stage:
            _testcapi.set_nomemory(self._number, self._number + 1)

    def _on_error(
        self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]
    ) -> None:
        """Note that a callback was not so much as begun."""
        error = context.get("exception")
        if isinstance(error, MemoryError) and "callback" in context["message"]:
            self._forgotten |= not is_ours(error)

    def _late(self, *_: object) -> None:
        """The time is up: whose fault is that."""
        _testcapi.remove_mem_hooks()
        assert self._task is not None
        future = getattr(self._task, "_fut_waiter", None)
        if self._forgotten or self._task.done() or future is None or future.done():
            end(LOOP)
        end(HUNG, f"{self._stage} {self._number}: {self._task!r}")


def main() -> None:
    """Fork the children, one after the other."""
    url, loop, transport, stage, *numbers = sys.argv[1:]
    run: Run = asyncio.run
    if loop == "uvloop":
        import uvloop

        run = uvloop.run
    run(Child(url, transport, "never", 0).main())  # what is made once is made here
    ends: Counter[str] = Counter()
    for number in range(*map(int, numbers)):
        pid = os.fork()
        if pid == 0:
            Child(url, transport, stage, number).run(run)
        status = os.waitpid(pid, 0)[1]
        if os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            print(f"{stage} {number}: {name}", flush=True)
            ends[name] += 1
        else:
            ends[ENDS[os.WEXITSTATUS(status)]] += 1
    print(json.dumps(ends))


if __name__ == "__main__":
    main()

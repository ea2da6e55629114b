"""The processes of a run: each on a core of its own, spoken to by lines."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parent
ANSWER_TIMEOUT = 120.0
EXIT_TIMEOUT = 10.0
LINE_LIMIT = 1024 * 1024

AWAKE = (sys.executable, "-m", "cores.awake")
DISTANCE = (sys.executable, "-m", "cores.distance")
SERVER = (sys.executable, "-m", "floor.server")
POLLING_SERVER = ("node", "echo/polling_server.js")
CONTENDERS = {
    "floor": (sys.executable, "-m", "echo.floor"),
    "sioc": (sys.executable, "-m", "echo.sioc"),
    "python-socketio": (sys.executable, "-m", "echo.python_socketio"),
    "node": ("node", "--expose-gc", "echo/socketio_client.js"),
    "bun": (f"{BENCH}/echo/node_modules/.bin/bun", "echo/socketio_client.js"),
}


class WorkerError(Exception):
    """A process did not start, or did not answer."""


def cores() -> tuple[int, int]:
    """Return the core of the clients and the core of the server.

    Raises:
        WorkerError: there are no two cores, so no figure would be worth anything.
    """
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise WorkerError("a benchmark needs two cores, one for each end")
    return usable[0], usable[-1]


class Worker:
    """A process pinned to one core.

    Args:
        command: what to run, in the folder bench.
        core: where.
        seed: of the hashes of strings, if it is Python.
    """

    def __init__(
        self, command: tuple[str, ...], core: int, seed: int | str = "random"
    ) -> None:
        self._command = command
        self._core = core
        self._environment = os.environ | {"PYTHONHASHSEED": str(seed)}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> str:
        """Start the process and return its first line."""
        before = os.sched_getaffinity(0)
        # A child inherits the affinity of its parent, and its threads inherit its own.
        os.sched_setaffinity(0, {self._core})
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=BENCH,
                env=self._environment,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=LINE_LIMIT,
            )
        except FileNotFoundError as error:
            raise WorkerError(str(error)) from error
        finally:
            os.sched_setaffinity(0, before)
        return await self._line()

    async def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """Hand over a job and return its result."""
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        try:
            await self._process.stdin.drain()
        except ConnectionError as error:
            raise WorkerError(f"{' '.join(self._command[-2:])}: {error}") from error
        result: dict[str, Any] = json.loads(await self._line())
        return result

    def held_up(self) -> float:
        """Return for how long the process has stood ready while others had its core.

        In seconds since its start. Counted is the main thread, which does the work, and
        not held against others is the time its own other threads took (Node's collect
        its garbage).
        """
        assert self._process is not None
        tasks = Path(f"/proc/{self._process.pid}/task")
        held_up = 0
        for stat in tasks.glob("*/schedstat"):
            try:
                # Nanoseconds on the processor, nanoseconds waiting for it, turns.
                ran, waited, _turns = map(int, stat.read_text().split())
            except OSError:
                # The thread has ended meanwhile.
                continue
            held_up += waited if stat.parent.name == str(self._process.pid) else -ran
        return held_up / 1e9

    def pause(self) -> None:
        """Take it off its core until `resume()`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def stop(self) -> None:
        """End the process: by the end of its input, by force if that is no use."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), EXIT_TIMEOUT)
        except asyncio.TimeoutError:
            self.kill()
            await self._process.wait()

    async def _line(self) -> str:
        assert self._process is not None and self._process.stdout is not None
        name = " ".join(self._command[-2:])
        try:
            line = await asyncio.wait_for(
                self._process.stdout.readline(), ANSWER_TIMEOUT
            )
        except asyncio.TimeoutError as error:
            raise WorkerError(f"{name}: no answer in {ANSWER_TIMEOUT} s") from error
        if not line:
            raise WorkerError(f"{name}: ended, code {await self._process.wait()}")
        return line.decode()

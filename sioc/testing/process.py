"""The peer in a process of its own: started, killed, started again on its port."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import IO

    from typing_extensions import Self

__all__ = ["PeerProcess"]

# Seconds that a terminated process has before it is killed.
_STOP_TIMEOUT = 5.0


class PeerProcess:
    """A peer that runs as `python -m sioc.testing`.

    A context manager, sync and async; leaving it stops the process. The process also
    ends when this one does, however that happens.

    Args:
        port: The TCP port; 0 takes a free one, which later starts keep.
        host: The address to listen on.
        path: The path of the Engine.IO endpoint.
        ping_interval: Seconds from a pong to the next ping.
        ping_timeout: Seconds that a client has to answer a ping.
        max_payload: Bytes of one WebSocket message from a client.
        delay: Seconds before acks and echoes.
        uvloop: Whether to run on uvloop; None where it is installed.
        start_timeout: Seconds that the process has to start listening.
        prefix: A command to run it with, as `["taskset", "-c", "1"]`.

    Example:
        >>> with sioc.testing.PeerProcess() as process:
        ...     with sioc.sync.io(process.url) as socket:
        ...         socket.emit("echo", "hello")
    """

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        path: str = "/socket.io",
        ping_interval: float = 25.0,
        ping_timeout: float = 20.0,
        max_payload: int = 1_000_000,
        delay: float = 0.0,
        uvloop: bool | None = None,
        start_timeout: float = 20.0,
        prefix: list[str] | None = None,
    ) -> None:
        self._command = [*(prefix or ()), sys.executable, "-m", "sioc.testing"]
        self._command += ["--exit-with-stdin", "--host", host, "--path", path]
        self._command += ["--ping-interval", str(ping_interval)]
        self._command += ["--ping-timeout", str(ping_timeout)]
        self._command += ["--max-payload", str(max_payload), "--delay", str(delay)]
        if uvloop is not None:
            self._command.append("--uvloop" if uvloop else "--no-uvloop")
        self._start_timeout = start_timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._url = ""
        self._port = port

    @property
    def url(self) -> str:
        """The URL of the root namespace.

        Example:
            >>> async with sioc.io(process.url) as socket: ...
        """
        return self._url

    @property
    def port(self) -> int:
        """The TCP port it listens on.

        Example:
            >>> assert process.url.endswith(str(process.port))
        """
        return self._port

    @property
    def pid(self) -> int:
        """The id of the process.

        Raises:
            RuntimeError: If it is not running.

        Example:
            >>> print("listening, process", process.pid)
        """
        if self._process is None:
            raise RuntimeError("the peer is not running")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process was started and has not ended.

        Example:
            >>> process.running
            True
        """
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Start the process and wait until it listens.

        Returns:
            The peer itself.

        Raises:
            RuntimeError: If it runs already, or ends without listening.
            TimeoutError: If it does not listen in time.

        Example:
            >>> process = sioc.testing.PeerProcess().start()
            >>> process.stop()
        """
        line = self._launch()
        try:
            self._adopt(line.result(self._start_timeout))
        except BaseException as error:
            self.kill()
            raise self._translated(error) from None
        return self

    async def start_async(self) -> Self:
        """Start the process and wait until it listens, without blocking the loop.

        Returns:
            The peer itself.

        Raises:
            RuntimeError: If it runs already, or ends without listening.
            TimeoutError: If it does not listen in time.

        Example:
            >>> process = await sioc.testing.PeerProcess().start_async()
            >>> process.stop()
        """
        line = self._launch()
        try:
            self._adopt(
                await asyncio.wait_for(asyncio.wrap_future(line), self._start_timeout)
            )
        except BaseException as error:
            self.kill()
            raise self._translated(error) from None
        return self

    def stop(self) -> None:
        """End the process cleanly, which closes its connections; do nothing without.

        Example:
            >>> process.stop()
            >>> process.running
            False
        """
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
        self._reap()

    def kill(self) -> None:
        """End the process at once (SIGKILL); do nothing without.

        Example:
            >>> process.kill()
            >>> process.running
            False
        """
        if self._process is not None:
            self._process.kill()
            self._reap()

    def restart(self) -> Self:
        """Kill the process if it runs, and start one on the same port.

        Returns:
            The peer itself.

        Example:
            >>> process.restart()  # its clients connect again
        """
        self.kill()
        return self.start()

    async def restart_async(self) -> Self:
        """Kill the process if it runs, and start one on the same port.

        Returns:
            The peer itself.

        Example:
            >>> await process.restart_async()  # its clients connect again
        """
        self.kill()
        return await self.start_async()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await self.start_async()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _launch(self) -> Future[bytes]:
        if self._process is not None:
            if self.running:
                raise RuntimeError("the peer is running already")
            self._reap()
        self._process = subprocess.Popen(
            [*self._command, "--port", str(self._port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        # A pipe cannot be waited for in one way on all platforms and loops; a thread
        # that ends with the line, or with the process, can.
        line: Future[bytes] = Future()
        self._reader = threading.Thread(
            target=_read_line, args=(self._process.stdout, line), daemon=True
        )
        self._reader.start()
        return line

    def _adopt(self, line: bytes) -> None:
        self._join_reader()
        if not line:
            raise RuntimeError("the peer ended without listening; see its stderr")
        ready = json.loads(line)
        self._url = ready["url"]
        self._port = ready["port"]

    def _translated(self, error: BaseException) -> BaseException:
        # Before Python 3.11 futures and asyncio had a TimeoutError of their own each.
        if isinstance(error, (TimeoutError, FutureTimeout, asyncio.TimeoutError)):
            return TimeoutError(
                f"the peer does not listen after {self._start_timeout} seconds"
            )
        return error

    def _reap(self) -> None:
        process = self._process
        assert process is not None
        process.wait()
        # Before its pipe is closed.
        self._join_reader()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()
        self._process = None

    def _join_reader(self) -> None:
        assert self._reader is not None
        self._reader.join()


def _read_line(pipe: IO[bytes], line: Future[bytes]) -> None:
    text = pipe.readline()
    if line.set_running_or_notify_cancel():
        line.set_result(text)

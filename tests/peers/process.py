"""A server in a process of its own, commanded over its stdin and stdout.

Commands and replies are JSON objects, one a line. A command is
``{"id": n, "do": name, ...}``, its reply ``{"id": n, "value": ...}`` or
``{"id": n, "error": text}``; the first line says ``{"ready": true, "port": p}``. The
end of stdin ends the process. No thread is needed: the running loop watches the pipe
only while a reply is awaited, so one process can serve tests on loops of different
kinds.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import subprocess
from collections.abc import Sequence
from typing import Any, ClassVar

START_TIMEOUT = 8.0  # seconds; a cold interpreter on a busy machine
REPLY_TIMEOUT = 6.0  # seconds


class ControlError(Exception):
    """The server could not be started, died, or refused a command."""


class ServerProcess:
    """A server process and its control channel.

    Args:
        argv: The command line that starts the server.
    """

    # Pipes to living servers, which the descriptor leak check must not count.
    held_fds: ClassVar[set[int]] = set()

    def __init__(self, argv: Sequence[str]) -> None:
        self._argv = list(argv)
        self._numbers = itertools.count(1)
        self._replies: dict[int, asyncio.Future[Any]] = {}
        self._pending = b""
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The server's origin."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start the process and wait until it listens."""
        self._process = subprocess.Popen(
            self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self.held_fds.update((self._stdin, self._stdout))
        self._pending = b""
        ready = await self._reply_to(0, START_TIMEOUT)
        self.port = ready["port"]

    async def command(
        self, do: str, *, timeout: float = REPLY_TIMEOUT, **fields: Any
    ) -> Any:
        """Send a command and return the value of its reply."""
        number = next(self._numbers)
        line = json.dumps({"id": number, "do": do, **fields}) + "\n"
        os.write(self._stdin, line.encode())
        reply = await self._reply_to(number, timeout)
        if "error" in reply:
            raise ControlError(f"{do}: {reply['error']}")
        return reply["value"]

    def freeze(self) -> None:
        """Stop the process (SIGSTOP): its connections stay open and silent."""
        self._living.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on (SIGCONT)."""
        self._living.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the process at once (SIGKILL)."""
        self._living.kill()
        self._forget()

    def close(self) -> None:
        """End the process in good order; do nothing if it has ended."""
        if self._process is None:
            return
        self.thaw()
        self._forget()

    @property
    def _living(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ControlError("the server is not running")
        return self._process

    @property
    def _stdin(self) -> int:
        stdin = self._living.stdin
        assert stdin is not None
        return stdin.fileno()

    @property
    def _stdout(self) -> int:
        stdout = self._living.stdout
        assert stdout is not None
        return stdout.fileno()

    def _forget(self) -> None:
        """Close the pipes, which ends a living server, and reap the process."""
        if self._replies:
            self._fail_all()
        process, self._process = self._living, None
        assert process.stdin is not None
        assert process.stdout is not None
        for pipe in (process.stdin, process.stdout):
            self.held_fds.discard(pipe.fileno())
            pipe.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    async def _reply_to(self, number: int, timeout: float) -> Any:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._replies[number] = future
        stdout = self._stdout
        loop.add_reader(stdout, self._on_readable, stdout)
        try:
            return await asyncio.wait_for(future, timeout)
        except asyncio.TimeoutError:
            raise ControlError(f"no answer within {timeout} s") from None
        finally:
            del self._replies[number]
            if not self._replies:
                loop.remove_reader(stdout)

    def _on_readable(self, stdout: int) -> None:
        data = os.read(stdout, 1 << 16)
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            reply = json.loads(line)
            self._resolve(reply.get("id", 0), reply)
        if not data:
            self._fail_all()

    def _resolve(self, number: int, reply: Any) -> None:
        future = self._replies.get(number)
        if future is not None and not future.done():
            future.set_result(reply)

    def _fail_all(self) -> None:
        asyncio.get_running_loop().remove_reader(self._stdout)
        for future in self._replies.values():
            if not future.done():
                future.set_exception(ControlError("the server has ended"))

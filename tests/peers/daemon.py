"""Programs of Debian that tests need: proxies, a load balancer."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence

import pytest

START_TIMEOUT = 8.0  # seconds; a busy machine
PAUSE = 0.01  # seconds between two looks

# Below the ports that the system gives to clients, so that none of them takes one
# between the look whether it is free and its use.
PORTS = range(20000, 32000)

# System programs are not on everybody's PATH.
SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def program(name: str, package: str | None = None) -> str:
    """Return the path of a program; skip the test where it is not installed.

    Args:
        name: The program.
        package: The Debian package that has it, if it is called otherwise.
    """
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(SBIN))
    if found is None:
        reason = f"needs {name}: apt-get install {package or name}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class Daemon:
    """A program that listens on ports of 127.0.0.1.

    Args:
        command: Returns the command line for the ports the program is to have.
        ports: How many it needs.
    """

    def __init__(
        self, command: Callable[..., Sequence[str | os.PathLike[str]]], ports: int = 1
    ) -> None:
        for _ in range(3):
            self.ports = free_ports(ports)
            self._process = subprocess.Popen(
                command(*self.ports),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            if self._listens():
                return
            self.close()
        raise AssertionError(f"{command(*self.ports)[0]} does not listen")

    @property
    def port(self) -> int:
        """The first port."""
        return self.ports[0]

    def close(self) -> None:
        """End the program and the processes it has made."""
        for number in signal.SIGTERM, signal.SIGKILL:
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                break
            try:
                self._process.wait(timeout=3)
            except subprocess.TimeoutExpired:
                continue
        self._process.wait()

    def _listens(self) -> bool:
        deadline = time.monotonic() + START_TIMEOUT
        waiting = list(self.ports)
        while waiting and time.monotonic() < deadline:
            if self._process.poll() is not None:
                return False
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", waiting[0])) == 0:
                    waiting.pop(0)
                    continue
            time.sleep(PAUSE)
        return not waiting


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 that nobody uses now."""
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        if len(found) == count:
            break
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
    return found

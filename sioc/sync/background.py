"""The one event loop, in a thread of its own, that serves the blocking façades."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sioc.socket import Socket

# Seconds that the end of the program waits for what was emitted to be sent.
PATIENCE = 5.0


class Background:
    """The loop and its thread: started for the first Socket, ended with the last.

    Attributes:
        process: The id of this process.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.process = os.getpid()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._sockets: set[Socket] = set()
        self._users = 0

    def enter(self) -> asyncio.AbstractEventLoop:
        """Return the loop, running; it runs on until leave() is called as often."""
        with self._lock:
            self._users += 1
            if self._loop is None:
                self._loop = _new_loop()
                self._thread = threading.Thread(
                    target=_run, args=(self._loop,), name="sioc", daemon=True
                )
                self._thread.start()
            return self._loop

    def leave(self) -> None:
        """Let go of the loop; the last one ends it."""
        with self._lock:
            self._users -= 1
            if self._users > 0 or self._loop is None or self._thread is None:
                return
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        loop.call_soon_threadsafe(loop.stop)
        if thread is not threading.current_thread():
            thread.join()

    def adopt(self, socket: Socket) -> None:
        """Disconnect this Socket at the end of the program, unless it is let go."""
        self._sockets.add(socket)

    def let_go(self, socket: Socket) -> None:
        """Forget a Socket that was closed, and the loop with the last one."""
        try:
            self._sockets.remove(socket)
        except KeyError:
            return
        self.leave()

    def abandon(self, socket: Socket) -> None:
        """Close a Socket whose façade was dropped; may be called from anywhere."""
        loop = self._loop
        if socket in self._sockets and loop is not None:
            loop.call_soon_threadsafe(self._close, socket)

    def _close(self, socket: Socket) -> None:
        closing = asyncio.ensure_future(socket.disconnect())
        closing.add_done_callback(lambda _: self.let_go(socket))

    def at_exit(self) -> None:
        """Send what was emitted, as far as that is quick, and end the thread."""
        if not self._sockets:
            return
        loop = self.enter()  # which stays while others let go of it
        for socket in tuple(self._sockets):
            closing = asyncio.run_coroutine_threadsafe(_disconnect(socket), loop)
            with contextlib.suppress(Exception):  # nobody is left to be told
                closing.result(PATIENCE)
            self.let_go(socket)
        self.leave()

    def forked(self) -> None:
        """Begin anew in a child process: the thread is the parent's."""
        self._begin()


async def _disconnect(socket: Socket) -> None:
    await socket.disconnect()


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        loop.close()


background = Background()
atexit.register(background.at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=background.forked)

"""`python -m sioc.testing`: the test peer in a process of its own.

A test peer, not for production. It prints one line of JSON when it listens,
`{"url": ..., "port": ..., "pid": ...}`, and ends with status 0 on SIGINT or SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sioc.testing.server import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line.

    Args:
        arguments: The arguments; None for those of the process.

    Returns:
        The options by their names.
    """
    parser = argparse.ArgumentParser(
        prog="python -m sioc.testing",
        description="Run sioc's Socket.IO test peer (WebSocket only). It is made for "
        "tests, demonstrations and benchmarks, not for production.",
        epilog="One line of JSON with url, port and pid tells when it listens.",
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="TCP port; 0 takes a free one (default)")
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--path", default="/socket.io", help="Engine.IO path (%(default)s)")
    add("--ping-interval", type=float, default=25.0, help="seconds (%(default)s)")
    add("--ping-timeout", type=float, default=20.0, help="seconds (%(default)s)")
    add("--max-payload", type=int, default=1_000_000, help="bytes (%(default)s)")
    add("--delay", type=float, default=0.0, help="seconds before acks and echoes (0)")
    add(
        "--uvloop",
        action=argparse.BooleanOptionalAction,
        default=find_spec("uvloop") is not None,
        help="run on uvloop, which is the default where it is installed",
    )
    add("--exit-with-stdin", action="store_true", help="end when stdin is closed")
    return parser.parse_args(arguments)


async def run(options: argparse.Namespace) -> None:
    """Serve until a signal, or the end of stdin, asks for the end.

    Args:
        options: What `parse_arguments` returned.
    """
    stop = asyncio.Event()
    _on_signals(stop.set)
    if options.exit_with_stdin:
        _on_stdin_closed(stop.set)
    async with serve(
        options.port,
        options.host,
        options.path,
        ping_interval=options.ping_interval,
        ping_timeout=options.ping_timeout,
        max_payload=options.max_payload,
        delay=options.delay,
    ) as peer:
        ready = {"url": peer.url, "port": peer.port, "pid": os.getpid()}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await stop.wait()


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:
            # Windows: its loop learns of signals only between two waits.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))


def _on_stdin_closed(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()

    def wait() -> None:
        # Not sys.stdin: a daemon thread that holds its lock breaks the exit.
        with suppress(OSError):
            while os.read(0, 4096):
                pass
        # The loop may have ended before stdin.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(stop)

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    """Run the peer as the command line says."""
    options = parse_arguments()
    try:
        if options.uvloop:
            import uvloop

            uvloop.run(run(options))
        else:
            asyncio.run(run(options))
    except (OSError, ValueError) as error:
        sys.exit(f"sioc.testing: {error}")


if __name__ == "__main__":
    main()

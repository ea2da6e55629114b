"""The command line of the demo, and its exit status."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import time
from contextlib import AsyncExitStack

import sioc
from examples.demo.figures import plots, table
from examples.demo.job import Job, SkippedError, StepError
from examples.demo.steps import STEPS, Step
from examples.demo.view import View
from sioc.testing import PeerProcess

STEP_LIMIT = 10.0  # seconds, on top of what a step is meant to take
INTERRUPTED = 130  # the status a shell gives a program that SIGINT has ended

ECHO = """
  io.on("connection", (socket) => {
    socket.on("echo", (...args) => {
      const ack = typeof args.at(-1) === "function" ? args.pop() : null;
      if (ack) ack(...args);
      else socket.emit("echo", ...args);
    });
  });
"""


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.demo",
        description="Show what sioc does: against a test peer that it starts in a "
        "process of its own, or against a Socket.IO server of yours.",
        epilog=f"Your server needs an event that comes back:\n{ECHO}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", nargs="?", help="your server, http://host:port")
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="length of the traffic (%(default)s)"
    )
    return parser.parse_args()


async def perform(step: Step, job: Job) -> None:
    """Take one step, and show what came of it.

    Raises:
        StepError: It did not prove what it claims.
    """
    job.view.begin(step.name, step.claim)
    limit = STEP_LIMIT + (job.seconds if step.lasts else 0)
    try:
        figures = await asyncio.wait_for(step.take(job), limit)
        job.check()
    except SkippedError as reason:
        job.view.skip(str(reason))
    except sioc.SocketIOError as error:
        raise StepError(str(error)) from error
    except (TimeoutError, asyncio.TimeoutError):
        # What went wrong in a listener explains why nothing came.
        job.check()
        raise StepError(f"no result within {limit:g} seconds") from None
    except (OSError, RuntimeError) as error:
        raise StepError(str(error)) from error
    else:
        job.view.done(figures)


async def demo(url: str | None, seconds: float, view: View) -> None:
    """Do the whole job; whatever happens, leave nothing behind."""
    started = time.perf_counter()
    async with AsyncExitStack() as stack:
        peer = None
        if url is None:
            peer = await stack.enter_async_context(PeerProcess())
        job = Job(peer.url if peer is not None else str(url), peer, seconds, view)
        stack.push_async_callback(job.close)
        where = f"a peer of its own, process {peer.pid}" if peer else "your server"
        view.say(
            f"sioc {sioc.__version__} on {platform.python_implementation()} "
            f"{platform.python_version()}, against {job.url} ({where})\n"
        )
        for step in STEPS:
            if peer is not None or not step.own_peer:
                await perform(step, job)
    view.say("\n" + "\n".join([*plots(job.traffic, view.unicode), *table(job)]))
    view.say(f"\nAll of it worked, in {time.perf_counter() - started:.1f} seconds.")


def main() -> int:
    """Run the demo; return its exit status."""
    options = parse_arguments()
    view = View(sys.stdout)
    try:
        sioc.run(demo(options.url, options.seconds, view))
    except StepError as reason:
        view.fail(str(reason))
        return 1
    except (OSError, ValueError, RuntimeError) as error:
        view.fail(f"cannot begin: {error}")
        return 1
    except KeyboardInterrupt:
        view.fail("interrupted")
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        # Whoever read the output has gone; do not complain at the exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)

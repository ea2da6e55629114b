"""Python programs in processes of their own, which may not hang."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest


async def outcome(
    *arguments: str,
    timeout: float = 8.0,
    within: tuple[str, ...] = (),
    **environ: str,
) -> tuple[int | None, bytes, bytes]:
    """Run Python and return its exit status and what it wrote.

    Args:
        arguments: The arguments of Python.
        timeout: Seconds it may take.
        within: A command, with arguments, that runs it.
        environ: What to add to the environment.
    """
    process = await asyncio.create_subprocess_exec(
        *within,
        sys.executable,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environ},
    )
    try:
        out, errors = await asyncio.wait_for(process.communicate(), timeout)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        pytest.fail("the program did not end")
    return process.returncode, out, errors

"""What a result cannot be read without: processor, system, versions, commit."""

import os
import platform
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def processor() -> str:
    """Return the processor's own name for itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    for line in lines:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def interpreter() -> str:
    """Return the interpreter's name, version, and whose build it is.

    How CPython was compiled is worth a fifth of the time that decoding takes.
    """
    name = f"{platform.python_implementation()} {platform.python_version()}"
    if sys.base_prefix == "/usr":
        try:
            return f"{name} of {platform.freedesktop_os_release()['PRETTY_NAME']}"
        except OSError:
            return name
    flags = sysconfig.get_config_var("CONFIG_ARGS") or ""
    how = "with" if "--enable-optimizations" in flags else "without"
    return f"{name} built {how} --enable-optimizations"


def git(*args: str) -> str:
    """Return git's answer about this repository, empty where there is none."""
    command = ("git", "-C", str(ROOT), *args)
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else ""


def facts() -> dict[str, Any]:
    """Return what is known before the run."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": interpreter(),
        "commit": git("rev-parse", "HEAD"),
        "changed": bool(git("status", "--porcelain", "--", ".", ":!bench/results")),
        "load": os.getloadavg(),
    }

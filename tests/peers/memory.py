"""How much memory this process has."""

from __future__ import annotations

import os
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")

# AddressSanitizer keeps what was given back, to see whether it is used still.
KEPT = 256 * 1024 * 1024 if "libasan" in os.environ.get("LD_PRELOAD", "") else 0


def resident() -> int:
    """Return how much of the process is in memory, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE

"""How much memory this process has."""

from __future__ import annotations

import os
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    """Return how much of the process is in memory, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE

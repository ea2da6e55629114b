"""Reports of what the long runs have found: a page each in docs/reports/."""

from __future__ import annotations

import asyncio
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs" / "reports"


def git(*args: str) -> str:
    """Return git's answer about this repository."""
    command = ["git", "-C", str(ROOT), *args]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def commit() -> str:
    """Return the commit that is checked out, and whether files differ from it."""
    # What the runs themselves write is no difference.
    own = [":!docs/reports", ":!tests/fuzz/corpus"]
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", *own)
    return git("rev-parse", "--short=12", "HEAD") + ("-dirty" if changed else "")


def processor() -> str:
    """Return the name of the processor."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def about(now: datetime) -> dict[str, object]:
    """Return what no figure can be read without."""
    python = platform.python_version()
    loop = asyncio._get_running_loop()
    if loop is not None:
        python += f", {type(loop).__module__.partition('.')[0]}"
    return {
        "date": f"{now:%Y-%m-%d %H:%M} UTC",
        "commit": commit(),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.platform()}",
        "Python": python,
    }


def write(name: str, figures: Mapping[str, object], details: str = "") -> Path:
    """Write a page, over the one of the same name and day.

    Args:
        name: What has been run; the title, and the end of the file's name.
        figures: What came out.
        details: Markdown below the table.
    """
    now = datetime.now(timezone.utc)
    lines = [f"# {name[:1].upper()}{name[1:]}", "", "| | |", "| --- | --- |"]
    lines += [
        f"| {key} | {value} |" for key, value in {**about(now), **figures}.items()
    ]
    if details:
        lines += ["", details.rstrip()]
    FOLDER.mkdir(exist_ok=True)
    page = FOLDER / f"{now:%Y-%m-%d}-{name.replace(' ', '-')}.md"
    page.write_text("\n".join(lines) + "\n")
    return page


def report(name: str, figures: Mapping[str, object], details: str = "") -> None:
    """Write a page under `make long`, with the loop's kind in its name.

    Without SIOC_LONG in the environment, nothing is written.
    """
    if not os.environ.get("SIOC_LONG"):
        return
    loop = asyncio._get_running_loop()
    kind = "" if loop is None else f" {type(loop).__module__.partition('.')[0]}"
    write(name + kind, figures, details)

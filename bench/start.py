"""How long `import sioc` takes, against the imports it cannot do without."""

import subprocess
import sys
import time
from statistics import median

WITHOUT = "import picows, msgspec, uvloop"
TITLE = "import sioc / import of what it stands on"
ROUNDS = 15


def seconds(code: str) -> float:
    """Return what a fresh interpreter takes for some code."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def import_times(quick: bool) -> dict[str, float]:
    """Return the ratio, the start of the interpreter itself taken off both sides."""
    ratios = []
    for _ in range(5 if quick else ROUNDS):
        empty, without, own = map(seconds, ("pass", WITHOUT, "import sioc"))
        ratios.append((own - empty) / (without - empty))
    return {TITLE: median(ratios)}

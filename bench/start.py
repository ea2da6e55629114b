"""How long `import sioc` takes, against the imports it cannot do without."""

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

WITHOUT = "import picows, msgspec, uvloop"
TITLE = "import sioc / import of what it stands on"
ROUNDS = 31


def seconds(code: str, cache: str) -> float:
    """Return what a fresh interpreter takes for some code.

    Args:
        code: the code.
        cache: folder of compiled modules. What is installed has been compiled; the
            source tree has not, where the environment forbids it.
    """
    env = {**os.environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""}
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=env)
    return time.perf_counter() - start


def import_times(quick: bool) -> dict[str, float]:
    """Return the ratio, the start of the interpreter itself taken off both sides."""
    ratios = []
    with tempfile.TemporaryDirectory() as cache:
        # The first round compiles.
        for number in range((5 if quick else ROUNDS) + 1):
            codes = "pass", WITHOUT, "import sioc"
            empty, without, own = (seconds(code, cache) for code in codes)
            if number:
                ratios.append((own - empty) / (without - empty))
    return {TITLE: median(ratios)}

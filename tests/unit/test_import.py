"""`import sioc` stays light: what is loaded only when first used is not loaded."""

import json
import subprocess
import sys

LATER = ("aiohttp", "argparse", "pytest", "uvloop")

PROBE = """
import json, logging, signal, sys, threading
handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
import sioc
print(json.dumps({
    "modules": list(sys.modules),
    "threads": threading.active_count(),
    "handlers": [
        name
        for name, logger in logging.root.manager.loggerDict.items()
        if name.startswith("sioc") and getattr(logger, "handlers", None)
    ] + logging.root.handlers,
    "signals": [n for n, h in handlers.items() if signal.getsignal(n) != h],
}))
"""


def test_import_loads_and_starts_nothing_that_may_wait() -> None:
    probe = subprocess.run(
        [sys.executable, "-c", PROBE], check=True, capture_output=True, text=True
    )
    state = json.loads(probe.stdout)
    assert "sioc" in state["modules"]
    assert not set(LATER) & set(state["modules"])
    assert state["threads"] == 1
    assert not state["handlers"]
    assert not state["signals"]


def test_another_minor_version_of_picows_is_refused() -> None:
    program = "import picows; picows.__version__ = '2.4.0'; import sioc"
    argv = [sys.executable, "-c", program]
    run = subprocess.run(argv, capture_output=True, text=True)
    assert run.returncode == 1
    assert "ImportError: sioc was built for picows >=2.3.1,<2.4" in run.stderr
    assert "found picows 2.4.0" in run.stderr


def test_a_platform_that_does_not_fork() -> None:
    program = "import os, picows; del os.register_at_fork; import sioc, sioc.sync"
    subprocess.run([sys.executable, "-c", program], check=True)

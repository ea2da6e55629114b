"""The live view: a line a step, rewritten in place on a terminal, plain elsewhere."""

from __future__ import annotations

import os
import shutil
import time
from typing import TextIO

NAME_WIDTH = 12
REDRAW = 0.05  # seconds between two updates of the line of a step
ERASE_LINE = "\r\x1b[2K"
GREEN, RED, DIM, PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[0m"


class View:
    """Show the steps of the demo on a stream.

    Args:
        stream: Where to write.

    Attributes:
        unicode: Whether the stream can take check marks and block characters.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._colour = self._terminal and "NO_COLOR" not in os.environ
        self._name = ""
        self._claim = ""
        self._drawn = 0.0
        try:
            "✓✗…█".encode(stream.encoding or "ascii")
        except UnicodeEncodeError:
            self.unicode = False
        else:
            self.unicode = True

    def say(self, text: str) -> None:
        """Write a text of its own."""
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def begin(self, name: str, claim: str) -> None:
        """Begin a step: what it is called, and what it is going to prove."""
        self._name, self._claim = name, claim
        self._drawn = 0.0
        self.progress(claim)

    def progress(self, text: str) -> None:
        """Tell how far the step is; shown on a terminal only."""
        now = time.monotonic()
        if not self._terminal or now - self._drawn < REDRAW:
            return
        self._drawn = now
        mark = "…" if self.unicode else "."
        line = f"{mark} {self._name:{NAME_WIDTH}}{text}"
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(ERASE_LINE + line[:width])
        self._stream.flush()

    def done(self, figures: str) -> None:
        """End the step: it has proved its claim, with these figures."""
        self._end("✓", "ok", GREEN, self._claim)
        indent = " " * (2 + NAME_WIDTH)
        for line in figures.splitlines():
            self.say(self._painted(DIM, f"{indent}{line}"))

    def skip(self, reason: str) -> None:
        """End the step without a result."""
        self._end("-", "-", DIM, reason)

    def fail(self, reason: str) -> None:
        """End the step, and the demo: it has failed."""
        self._end("✗", "FAILED", RED, reason)

    def _end(self, mark: str, plain_mark: str, colour: str, text: str) -> None:
        mark = self._painted(colour, mark if self.unicode else plain_mark)
        start = ERASE_LINE if self._terminal else ""
        self.say(f"{start}{mark} {self._name:{NAME_WIDTH}}{text}")

    def _painted(self, colour: str, text: str) -> str:
        return f"{colour}{text}{PLAIN}" if self._colour else text

"""npm's parsers in a Node process: what the reference makes of the same packets."""

from __future__ import annotations

import base64
import json
import math
import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from peers.js_server import SERVERS
from peers.process import ControlError

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def ask(questions: Sequence[tuple[str, Any]]) -> list[Any]:
    """Return the answers to many questions, each (task, argument) of oracle.js."""
    node = shutil.which("node")
    if node is None:
        raise ControlError("the parsers of npm need node on the PATH")
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    ran = subprocess.run(
        [node, str(SERVERS / "oracle.js")],
        input=lines.encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    # Not splitlines(), which would part lines at U+2028 too.
    answers = ran.stdout.decode().split("\n")[:-1]
    assert len(answers) == len(questions)
    return [json.loads(answer) for answer in answers]


def untag(value: Any) -> Any:
    """Return a value of the oracle's with its tagged parts made Python's."""
    if isinstance(value, list):
        return [untag(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$" not in value:
        return {key: untag(item) for key, item in value.items()}
    kind, *rest = value["$"]
    if kind == "bytes":
        return base64.b64decode(rest[0])
    if kind == "number":
        return float(rest[0])
    if kind == "date":
        return EPOCH + timedelta(milliseconds=rest[0])
    return None


def same(ours: Any, theirs: Any) -> bool:
    """Tell whether two values are equal to JavaScript.

    1 is 1.0, NaN is NaN, and two halves of a character in a row are the character.
    """
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        known = {to_utf16(key): value for key, value in theirs.items()}
        return len(ours) == len(known) and all(
            to_utf16(key) in known and same(value, known[to_utf16(key)])
            for key, value in ours.items()
        )
    if isinstance(ours, str) and isinstance(theirs, str):
        return to_utf16(ours) == to_utf16(theirs)
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        if isinstance(ours, float) and math.isnan(ours):
            return math.isnan(theirs)
        return to_double(ours) == to_double(theirs)
    return type(ours) is type(theirs) and bool(ours == theirs)


def to_utf16(text: str) -> bytes:
    """Return a text as JavaScript holds it."""
    return text.encode("utf-16-le", "surrogatepass")


def to_double(number: float) -> float:
    """Return a number as JavaScript holds it."""
    try:
        return float(number)
    except OverflowError:
        return math.copysign(math.inf, number)

"""Bytes inside the JSON of a control channel: ``{"$bytes": base64}``."""

from __future__ import annotations

import base64
from typing import Any


def flatten(value: Any) -> Any:
    """Replace all bytes inside a value by their JSON form."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, (list, tuple)):
        return [flatten(item) for item in value]
    if isinstance(value, dict):
        return {key: flatten(item) for key, item in value.items()}
    return value


def revive(value: Any) -> Any:
    """Replace the JSON form of bytes inside a value by the bytes."""
    if isinstance(value, list):
        return [revive(item) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$bytes"), str):
        return base64.b64decode(value["$bytes"])
    return {key: revive(item) for key, item in value.items()}

"""The wire vectors of tests/vectors, read into objects; their README has the format."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sioc
from sioc.exceptions import LimitError, ParseError

FOLDER = Path(__file__).parent.parent / "vectors"

ERRORS: dict[str, type[ParseError]] = {
    "ParseError": ParseError,
    "LimitError": LimitError,
}


@dataclass(frozen=True)
class Vector:
    """One packet and what it is on the wire.

    Attributes:
        name: What it shows; unique in its file.
        clause: Where the documents of the design say so.
        wire: The packet's text, and its attachments.
        packet: The packet; None for a wire that must be refused.
        direction: Which of encoding and decoding it is about.
        limits: The limits it needs.
        error: What decoding must raise.
        message: A word the error's message must contain.
        reference: What the JavaScript parser does instead; empty where it agrees.
    """

    name: str
    clause: str
    wire: tuple[str | bytes, ...]
    packet: sioc.Packet | None = None
    direction: Literal["both", "encode", "decode"] = "both"
    limits: sioc.Limits = sioc.Limits()
    error: type[ParseError] | None = None
    message: str = ""
    reference: str = ""

    def __str__(self) -> str:
        return self.name.encode("ascii", "backslashreplace").decode()


def load(*files: str) -> list[Vector]:
    """Read vectors.

    Args:
        files: Names of files, without folder and suffix; none for all.
    """
    chosen = files or sorted(path.stem for path in FOLDER.glob("*.json"))
    return [
        _vector(fields)
        for name in chosen
        for fields in json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    ]


def accepted(*files: str) -> list[Vector]:
    """Read the vectors that can be decoded."""
    return [
        vector
        for vector in load(*files)
        if vector.packet is not None and vector.direction != "encode"
    ]


def refused(*files: str) -> list[Vector]:
    """Read the vectors that must be refused."""
    return [vector for vector in load(*files) if vector.error is not None]


def encodable(*files: str) -> list[Vector]:
    """Read the vectors that can be encoded."""
    return [
        vector
        for vector in load(*files)
        if vector.packet is not None and vector.direction != "decode"
    ]


def _vector(fields: dict[str, Any]) -> Vector:
    packet = fields.pop("packet", None)
    error = fields.pop("error", None)
    return Vector(
        wire=tuple(_chunk(chunk) for chunk in fields.pop("wire")),
        packet=None if packet is None else _packet(**packet),
        limits=sioc.Limits(**fields.pop("limits", {})),
        error=None if error is None else ERRORS[error],
        **fields,
    )


def _packet(type: str, nsp: str, id: int | None, data: Any) -> sioc.Packet:  # noqa: A002
    return sioc.Packet(sioc.PacketType[type], nsp, _value(data), id)


def _chunk(chunk: Any) -> str | bytes:
    if isinstance(chunk, str):
        return chunk
    if "$text" in chunk:
        return _joined(chunk["$text"])
    return base64.b64decode(chunk["$bytes"])


def _joined(parts: list[Any]) -> str:
    return "".join(
        part if isinstance(part, str) else part[0] * part[1] for part in parts
    )


def _value(value: Any) -> Any:
    """Return a value with the objects that stand for what JSON lacks replaced."""
    if isinstance(value, list):
        return [_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"$bytes": text}:
            return base64.b64decode(text)
        case {"$float": name}:
            return float(name)
        case {"$json": parts}:
            return json.loads(_joined(parts))
        case {"$nest": [count, inner]}:
            nested = _value(inner)
            for _ in range(count):
                nested = [nested]
            return nested
    return {key: _value(item) for key, item in value.items()}

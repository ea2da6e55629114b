"""The Engine.IO handshake: what a server says first, checked before it is used."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

MAX_SIZE = 64 * 1024
MAX_SID = 256
MAX_UPGRADES = 16
# A handshake has two; more of them are an attack on the decoder's stack.
MAX_BRACKETS = 64
DAY_MS = 24 * 60 * 60 * 1000


class Handshake(msgspec.Struct, frozen=True):
    """The data of an open packet (Engine.IO protocol 4, "Handshake").

    Attributes:
        sid: The session id.
        upgrades: Transports the server would upgrade to.
        ping_interval: Seconds between two pings.
        ping_timeout: Seconds a ping may be late.
        max_payload: Bytes of one polling request; None when the server names none.
    """

    sid: str
    upgrades: tuple[str, ...]
    ping_interval: float
    ping_timeout: float
    max_payload: int | None


def is_of_engine_io_3(packet: bytes) -> bool:
    """Tell whether a polling answer begins as Engine.IO 3 frames its handshake."""
    length, colon, rest = packet[:8].partition(b":")
    return length.isdigit() and bool(colon) and rest.startswith(b"0")


def parse(data: bytes) -> Handshake:
    """Read the data of an open packet.

    Raises:
        ValueError: A value is missing or absurd; the text names it.
    """
    if len(data) > MAX_SIZE:
        raise ValueError(f"the handshake has {len(data)} bytes, {MAX_SIZE} is the most")
    if data.count(b"[") + data.count(b"{") > MAX_BRACKETS:
        raise ValueError("the handshake nests too deep")
    try:
        fields = msgspec.json.decode(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the handshake is not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise ValueError(f"the handshake is no object: {data[:64]!r}")
    return Handshake(
        sid=_sid(fields.get("sid")),
        upgrades=_upgrades(fields.get("upgrades")),
        ping_interval=_seconds("pingInterval", fields.get("pingInterval")),
        ping_timeout=_seconds("pingTimeout", fields.get("pingTimeout")),
        max_payload=_max_payload(fields.get("maxPayload")),
    )


def _sid(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_SID:
        raise _absurd("sid", value)
    return value


def _upgrades(value: Any) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or len(value) > MAX_UPGRADES
        or not all(isinstance(name, str) for name in value)
    ):
        raise _absurd("upgrades", value)
    return tuple(value)


def _seconds(name: str, value: Any) -> float:
    """Return the seconds of a whole number of milliseconds, from one to a day's."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _absurd(name, value)
    if not 1 <= value <= DAY_MS or value != int(value):
        raise _absurd(name, value)
    return _in_seconds(int(value))


# Thousands of sessions have the same ones: they share the floats.
@lru_cache(maxsize=16)
def _in_seconds(milliseconds: int) -> float:
    return milliseconds / 1000


def _max_payload(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _absurd("maxPayload", value)
    return value


def _absurd(name: str, value: Any) -> ValueError:
    return ValueError(f"the handshake's {name} is {repr(value)[:64]}")

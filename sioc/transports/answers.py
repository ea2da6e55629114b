"""HTTP answers that are not what was asked for, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sioc.exceptions import ConnectError, UnsupportedServerError

# Codes of an Engine.IO server's HTTP errors (behaviour of the reference server).
TRANSPORT_UNKNOWN = 0
UNSUPPORTED_VERSION = 5

# Bytes of a body that an error keeps.
KEPT_BODY = 16384


class Answer(msgspec.Struct):
    """The body of an Engine.IO server's HTTP error."""

    code: int


def refusal(
    where: str, what: str, status: int, headers: Mapping[str, str], body: bytes
) -> ConnectError:
    """Return the error for an answer with a status nobody wanted.

    Args:
        where: The server's origin.
        what: What it refused.
        status: The HTTP status.
        headers: The answer's headers.
        body: The beginning of its body.
    """
    text = f"{where} refused {what}: HTTP {status}"
    answer: dict[str, Any] = {
        "stage": "http",
        "status": status,
        "headers": dict(headers),
        "body": body[:KEPT_BODY],
    }
    code = code_of(status, body)
    if code == UNSUPPORTED_VERSION:
        return unsupported(where, **answer)
    if code == TRANSPORT_UNKNOWN:
        text = f"{where} does not offer {what}; is the option transports right?"
    elif status == 404:
        text += "; is the option path right?"
    elif 300 <= status < 400:
        text += "; redirects are not followed, use the URL it leads to"
    return ConnectError(text, **answer)


def unsupported(where: str, **answer: Any) -> UnsupportedServerError:
    """Return the error for a server of Engine.IO 3.

    Args:
        where: The server's origin.
        **answer: What a ConnectError has besides its message.
    """
    return UnsupportedServerError(
        f"{where} speaks Engine.IO 3 (Socket.IO 2.x) only; sioc needs Socket.IO 3 or "
        f"newer",
        **answer,
    )


def dechunked(body: bytes) -> bytes:
    """Return the beginning of a body without its chunked coding (RFC 9112 7.1).

    As far as it has come and can be read: it is kept for people, and for its code.
    """
    whole, rest = bytearray(), body
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        try:
            length = int(size.partition(b";")[0], 16)
        except ValueError:
            break
        if length <= 0:
            break
        whole += rest[:length]
        rest = rest[length + 2 :]
    return bytes(whole)


def code_of(status: int | None, body: bytes | str | None) -> int | None:
    """Return the code in an Engine.IO server's HTTP error, if it is one."""
    if status != 400 or not body:
        return None
    try:
        return msgspec.json.decode(body, type=Answer).code
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def is_transport_unknown(error: ConnectError) -> bool:
    """Tell whether the server has said that it does not offer a transport."""
    return code_of(error.status, error.body) == TRANSPORT_UNKNOWN

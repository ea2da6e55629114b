"""Where sioc's parser differs from npm's socket.io-parser on purpose, and why.

Each says of one message that was refused whether the difference explains it: sioc
refuses it, npm takes it. There is nothing that sioc takes and npm refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

BLANK = r"[\s\u00a0\ufeff]"
NSP = r"(?:/[^,]*(?:,|$))?"
HEAD = rf"\A(?:[0-4]|[56][^-]*-){NSP}"


class Difference(NamedTuple):
    """One intended difference.

    Attributes:
        reason: Why sioc refuses what npm takes.
        explains: Tells whether a text message is a case of it.
    """

    reason: str
    explains: Callable[[str], bool]


def matches(pattern: str) -> Callable[[str], bool]:
    """Return a function that looks for a pattern."""
    compiled = re.compile(pattern, re.DOTALL)
    return lambda text: compiled.search(text) is not None


def has_long_id(text: str) -> bool:
    """Tell whether a message has an ack id of more than 16 digits or 53 bits."""
    found = re.search(f"{HEAD}([0-9]+)", text, re.DOTALL)
    return found is not None and (len(found[1]) > 16 or int(found[1]) >= 2**53)


INTENDED: dict[str, Difference] = {
    "blank type": Difference(
        "An empty message, or a blank, is no CONNECT packet: JavaScript's Number('') "
        "is 0. No server sends that.",
        matches(rf"\A(?:$|{BLANK})"),
    ),
    "blank id": Difference(
        "A blank is no digit of an ack id: JavaScript's Number(' ') is 0. The grammar "
        "of the protocol has no blanks before the payload.",
        matches(rf"{HEAD}[0-9]*{BLANK}"),
    ),
    "attachment count": Difference(
        "The number of attachments is written 1*DIGIT without leading zeros; npm takes "
        "whatever Number() makes an integer of, such as 01, 1.0, 1e0, 0x1 or a blank.",
        matches(r"\A[56](?![1-9][0-9]*-)[^-]*-|\A[56]-"),
    ),
    "event without payload": Difference(
        "An event without an array has no name. npm calls listeners of undefined.",
        matches(rf"{HEAD}[0-9]*\Z"),
    ),
    "ack without id": Difference(
        "An ack that answers nothing is a server's mistake; npm looks up undefined.",
        matches(r"\A(?:3|6[^-]*-)(?:/[^,]*(?:,|$))?(?:\[|$)"),
    ),
    "long id": Difference(
        "Beyond 2**53 - 1 JavaScript counts wrong: such an ack would go to another "
        "waiter, or come back as another id. 17 digits are too many in any case.",
        has_long_id,
    ),
    "infinite name": Difference(
        "A number beyond a double is no event name.",
        matches(r"\[\s*-?[0-9.]+[eE]\+?[0-9]{3,}"),
    ),
    "placeholder number": Difference(
        "The number of a placeholder is an int in JSON; npm takes 0.5, which finds "
        "nothing, and 1.0.",
        matches(r'"_placeholder"\s*:\s*true.*"num"\s*:\s*[0-9]+(?:\.|[eE])'),
    ),
}

"""Socket.IO packets: types, the parse of a header, the object form."""

from enum import IntEnum
from typing import Any, ClassVar

from typing_extensions import disjoint_base

class PacketType(IntEnum):
    """The packet types of the Socket.IO protocol, revision 5.

    Example:
        >>> sioc.PacketType(2).name
        'EVENT'
    """

    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6

@disjoint_base
class Packet:
    """One Socket.IO packet as an object.

    Args:
        type: One of PacketType.
        nsp: The namespace.
        data: The payload: a list for events and acks, a dict for CONNECT, None for
            no payload.
        id: The ack id, or None.

    Raises:
        ValueError: The type is none of PacketType.

    Example:
        >>> sioc.Packet(sioc.PacketType.EVENT, "/chat", ["hello", 1], id=7)
        Packet(EVENT, nsp='/chat', data=['hello', 1], id=7)
    """

    type: int
    nsp: str
    data: Any
    id: int | None

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __init__(
        self,
        type: int,  # noqa: A002
        nsp: str = "/",
        data: Any = None,
        id: int | None = None,  # noqa: A002
    ) -> None: ...
    def __eq__(self, other: object, /) -> bool: ...

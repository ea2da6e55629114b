"""The packet encoder: event and arguments to the text on the wire."""

from typing import Any, final

from typing_extensions import Self, disjoint_base

from sioc._json import Json

@final
class Encoded:
    """A packet ready to be put into any outlet; made by compiled code only."""

    @property
    def text(self) -> bytes:
        """The Engine.IO message: "4" and the Socket.IO packet, as UTF-8.

        Empty where the parser makes binary messages alone.
        """

    @property
    def attachments(self) -> list[bytes] | None:
        """The attachments, or other binary messages; None: none."""

    @property
    def size(self) -> int:
        """Bytes, text and attachments together."""

@disjoint_base
class Prepared:
    """An event encoded once, to be emitted many times; made by prepare().

    Attributes:
        event: The event's name.
        args: Its arguments.

    Raises:
        TypeError: It was called; only prepare() makes one.

    Example:
        >>> price = sioc.prepare("price", {"bid": 1.0854})
        >>> for each in [socket]:
        ...     each.emit_prepared(price)
    """

    def __len__(self) -> int:
        """Bytes of the payload, attachments included."""

    @property
    def event(self) -> str:
        """The event's name.

        Example:
            >>> sioc.prepare("price", 5).event
            'price'
        """

    @property
    def args(self) -> tuple[Any, ...]:
        """The event's arguments.

        Example:
            >>> sioc.prepare("price", 5, b"x").args
            (5, b'x')
        """

@disjoint_base
class PacketEncoder:
    """What every parser has to offer a namespace; used by compiled code only."""

@final
class Encoder(PacketEncoder):
    """The JSON encoder of one namespace; used by compiled code only.

    Args:
        nsp: The namespace, with its leading slash.
        json: Encodes the payloads.
    """

    def __new__(cls, nsp: str, json: Json) -> Self: ...

def prepare(event: str, *args: object) -> Prepared:
    """Encode an event once, to be emitted many times on many Sockets.

    Args:
        event: The event's name.
        *args: As for Socket.emit().

    Returns:
        What Socket.emit_prepared() takes.

    Raises:
        ReservedEventError: The name is the protocol's own.
        TypeError: An argument cannot be encoded.

    Example:
        >>> price = sioc.prepare("price", {"bid": 1.0854}, b"attachment")
        >>> socket.emit_prepared(price)
    """

"""The JSON parser with the classes parsers have: packets as objects, in and out."""

from typing import Any

from typing_extensions import Self, disjoint_base

from sioc._emitter import EventEmitter
from sioc._packet import Packet
from sioc.limits import Limits

@disjoint_base
class Encoder:
    """Encode packets.

    Args:
        limits: sioc.Limits; only the depth counts here.
    """

    def __new__(
        cls, limits: Limits | None = None, *args: Any, **kwargs: Any
    ) -> Self: ...
    def encode(self, packet: Packet) -> list[str | bytes]:
        """Return the packet's text, followed by its attachments.

        Args:
            packet: What to encode; it is left as it is.

        Raises:
            TypeError: The payload cannot be encoded.
            LimitError: It nests too deep.
            ValueError: The type is that of a binary packet, or the ack id is negative
                or beyond 2**53 - 1.
        """

@disjoint_base
class Decoder(EventEmitter):
    """Decode packets: give it the chunks, it emits `decoded(packet)`.

    Args:
        limits: sioc.Limits, for size, depth and number of attachments.
    """

    def __new__(
        cls, limits: Limits | None = None, *args: Any, **kwargs: Any
    ) -> Self: ...
    def add(self, chunk: str | bytes | bytearray | memoryview) -> None:
        """Take the text of a packet, or one attachment.

        Args:
            chunk: str, or bytes for an attachment.

        Raises:
            ParseError: The packet is malformed, or stands where none may stand.
            LimitError: It passes a limit.
            TypeError: The chunk is neither str nor bytes.
        """

    def destroy(self) -> None:
        """Forget a packet that is not complete; the decoder can be used again."""

def check_id(id: object) -> None:  # noqa: A002
    """Refuse what is no ack id.

    Args:
        id: The ack id of a packet.

    Raises:
        TypeError: It is no int.
        ValueError: It is not from 0 to 2**53 - 1.
    """

def check_event(data: list[Any]) -> None:
    """Refuse an event without a name, or with one that is no name.

    Args:
        data: The payload of an EVENT packet.

    Raises:
        ParseError: It does not begin with an event name that a server may send.
    """

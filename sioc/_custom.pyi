"""Packets of a custom parser."""

from typing import final

from typing_extensions import Self

from sioc._encoder import PacketEncoder
from sioc.typing import PacketEncoder as ParserEncoder

@final
class CustomEncoder(PacketEncoder):
    """The encoder of one namespace.

    Args:
        nsp: The namespace, with its leading slash.
        encoder: The parser's.
    """

    def __new__(cls, nsp: str, encoder: ParserEncoder) -> Self: ...

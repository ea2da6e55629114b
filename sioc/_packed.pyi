"""Packets of the MessagePack parser."""

from typing import final

from typing_extensions import Self

from sioc._encoder import PacketEncoder
from sioc._msgpack import Msgpack

@final
class PackedEncoder(PacketEncoder):
    """The encoder of one namespace.

    Args:
        nsp: The namespace, with its leading slash.
        msgpack: Encodes the payloads.
    """

    def __new__(cls, nsp: str, msgpack: Msgpack) -> Self: ...

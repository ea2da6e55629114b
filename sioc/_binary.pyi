"""Binary values on their way out and in (Socket.IO protocol 5, "Binary")."""

from typing_extensions import Self, disjoint_base

@disjoint_base
class Reassembler:
    """The packet whose attachments are on their way; filled by compiled code only.

    Args:
        max_packet_size: Bytes that text and attachments may have together.
    """

    def __new__(cls, max_packet_size: int) -> Self: ...
    @property
    def text(self) -> bytes | None:
        """Header and payload of the packet; None between packets."""

def check_key(key: object) -> None:
    """Refuse a key that would make the encoder write binary as text.

    Args:
        key: Of a dict, or an Enum member whose value is one.

    Raises:
        TypeError: It is bytes-like.
    """

def field_names(kind: type) -> tuple[str, ...] | None:
    """Return the field names of a Struct, dataclass or attrs type, else None.

    Args:
        kind: Any type.
    """

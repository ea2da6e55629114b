"""JSON text of plain values, and the binary in them: one walk does both."""

from typing import final

from typing_extensions import Self

@final
class Writer:
    """Writes the text of one value at a time; used by compiled code only."""

    def __new__(cls) -> Self: ...

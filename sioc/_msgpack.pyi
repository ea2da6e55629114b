"""MessagePack by msgspec, with what JavaScript's notepack makes of it."""

from datetime import datetime
from typing import Any, final

import msgspec
from typing_extensions import Self

from sioc.typing import DecHook, EncHook

@final
class Msgpack:
    """Encode and decode values.

    Args:
        max_depth: How deep arrays and maps may nest, both ways.
        enc_hook: Called with a value of a type that msgspec does not know; returns one
            of a type that it knows. None: there is none.
        dec_hook: Called with a type that msgspec does not know and a decoded value;
            returns one of that type. None: there is none.
    """

    def __new__(
        cls, max_depth: int, enc_hook: EncHook | None, dec_hook: DecHook | None
    ) -> Self: ...
    @property
    def max_depth(self) -> int:
        """How deep arrays and maps may nest, both ways."""

    @property
    def enc_hook(self) -> EncHook | None:
        """Makes types of the program's own known ones; None: there is none."""

    @property
    def dec_hook(self) -> DecHook | None:
        """Makes types of the program's own of decoded values; None: there is none."""

def mended(text: str) -> str:
    """Return the text with U+FFFD for each lone surrogate.

    Args:
        text: Any text.
    """

def date_extension(value: datetime) -> msgspec.msgpack.Ext | str:
    """Return a datetime as notepack's Date; a naive one is no point in time: text.

    Args:
        value: The datetime.
    """

def from_extension(code: int, data: memoryview) -> Any:
    """Return what an extension type stands for, as notepack reads it.

    Args:
        code: The extension type.
        data: Its bytes.
    """

"""JSON by msgspec, guarded before and forgiving behind."""

from typing import Any, NoReturn, final

from typing_extensions import Self

from sioc.typing import DecHook, EncHook

@final
class View:
    """A window onto memory that somebody else owns; used by compiled code only."""

@final
class Json:
    """Encode and decode payloads.

    Args:
        max_depth: How deep arrays and objects may nest, both ways.
        enc_hook: Called with a value of a type that msgspec does not know; returns one
            of a type that it knows. None: there is none.
        dec_hook: Called with a type that msgspec does not know and a decoded value;
            returns one of that type. None: there is none.
    """

    def __new__(
        cls,
        max_depth: int,
        enc_hook: EncHook | None = None,
        dec_hook: DecHook | None = None,
    ) -> Self: ...
    @property
    def max_depth(self) -> int:
        """How deep arrays and objects may nest, both ways."""

    @property
    def enc_hook(self) -> EncHook | None:
        """Makes types of the program's own known ones; None: there is none."""

    @property
    def dec_hook(self) -> DecHook | None:
        """Makes types of the program's own of decoded values; None: there is none."""

    @property
    def fallbacks(self) -> int:
        """Payloads that only the tolerant decoder could read, so far."""

def refuse_constant(name: str) -> NoReturn:
    """Refuse NaN, Infinity and -Infinity, which are no JSON.

    Args:
        name: The constant.

    Raises:
        ValueError: Always.
    """

def finite(value: Any) -> Any:
    """Return the built-in value with every non-finite float replaced by None.

    Args:
        value: What `msgspec.to_builtins` makes.
    """

"""JSON by msgspec, guarded before and forgiving behind."""

from typing import Any, NoReturn, final

from typing_extensions import Self

@final
class View:
    """A window onto memory that somebody else owns; used by compiled code only."""

@final
class Json:
    """Encode and decode payloads.

    Args:
        max_depth: How deep arrays and objects may nest, both ways.
    """

    def __new__(cls, max_depth: int) -> Self: ...
    @property
    def max_depth(self) -> int:
        """How deep arrays and objects may nest, both ways."""

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

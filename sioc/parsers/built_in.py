"""The parsers that are compiled, and what a Manager makes of a parser."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from sioc._wire import Wire

if TYPE_CHECKING:
    from sioc._packed_parser import Decoder as PackedDecoder
    from sioc._packed_parser import Encoder as PackedEncoder
    from sioc._parser import Decoder, Encoder
    from sioc.limits import Limits
    from sioc.typing import DecHook, EncHook, Parser


class BuiltIn:
    """A parser of sioc's own, with or without hooks.

    A Manager does not go through its classes: it uses the same compiled parts without
    the objects. They are there for tools and tests.

    Args:
        name: `"json"` or `"msgpack"`.
        encoder: Its encoder class.
        decoder: Its decoder class.
        enc_hook: See with_options().
        dec_hook: See with_options().

    Attributes:
        Encoder: The encoder class: `Encoder().encode(packet)` returns a list of chunks.
        Decoder: The decoder class: `add(chunk)` makes it emit `decoded(packet)`.
    """

    def __init__(
        self,
        name: str,
        encoder: type[Encoder | PackedEncoder],
        decoder: type[Decoder | PackedDecoder],
        *,
        enc_hook: EncHook | None = None,
        dec_hook: DecHook | None = None,
    ) -> None:
        self.name = name
        self.enc_hook = enc_hook
        self.dec_hook = dec_hook
        self.Encoder: Callable[..., Encoder | PackedEncoder] = encoder
        self.Decoder: Callable[..., Decoder | PackedDecoder] = decoder
        self._classes = encoder, decoder
        if enc_hook is not None:
            self.Encoder = partial(encoder, enc_hook=enc_hook)

    def __repr__(self) -> str:
        return f"<parser {self.name}>"

    def with_options(
        self, *, enc_hook: EncHook | None = None, dec_hook: DecHook | None = None
    ) -> BuiltIn:
        """Return the same parser with hooks for types of the program's own.

        Args:
            enc_hook: Called with a value of a type that msgspec does not know; returns
                one of a type that it knows, or raises NotImplementedError.
            dec_hook: Called with a type that a listener has named with `types=` and
                msgspec does not know, and the decoded value; returns one of that type.

        Raises:
            TypeError: A hook is no function.

        Example:
            >>> parser = sioc.parsers.json.with_options(enc_hook=str)
            >>> socket = sioc.io("http://localhost:3000", parser=parser)
        """
        for name, hook in (("enc_hook", enc_hook), ("dec_hook", dec_hook)):
            if hook is not None and not callable(hook):
                raise TypeError(f"{name} must be a function, not {hook!r}")
        return BuiltIn(self.name, *self._classes, enc_hook=enc_hook, dec_hook=dec_hook)


def wire_of(parser: Parser, limits: Limits) -> Wire:
    """Return the wire of a Manager that uses a parser; one is made for each."""
    # The modules of the built-in ones stand for these.
    parser = getattr(parser, "built_in", parser)
    if isinstance(parser, BuiltIn):
        return Wire(
            limits,
            packed=parser.name == "msgpack",
            enc_hook=parser.enc_hook,
            dec_hook=parser.dec_hook,
        )
    encoder: Any = parser.Encoder()
    decoder: Any = parser.Decoder()
    return Wire(limits, encoder=encoder, decoder=decoder)

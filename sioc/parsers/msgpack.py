"""MessagePack: dates, bytes, NaN and the infinities arrive as what they are.

It speaks what the npm package socket.io-msgpack-parser speaks; the server must use it
too.
"""

from sioc._packed_parser import Decoder, Encoder
from sioc.parsers.built_in import BuiltIn

__all__ = ["Decoder", "Encoder", "built_in", "with_options"]

built_in = BuiltIn("msgpack", Encoder, Decoder)
with_options = built_in.with_options

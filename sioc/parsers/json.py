"""The default parser: JSON, with binary values as attachments."""

from sioc._parser import Decoder, Encoder
from sioc.parsers.built_in import BuiltIn

__all__ = ["Decoder", "Encoder", "built_in", "with_options"]

built_in = BuiltIn("json", Encoder, Decoder)
with_options = built_in.with_options

"""The default parser: JSON with binary values as attachments.

It offers the classes a parser has, so that it can be used alone, in tools and tests. A
Manager does not go through them: it uses the same compiled parts without the objects.
"""

from sioc._parser import Decoder, Encoder

__all__ = ["Decoder", "Encoder"]

"""Parsers: Socket.IO packets to what a transport carries, and back.

Any object with an `Encoder` and a `Decoder` class can stand in the place of these.
"""

from sioc.parsers import json, msgpack
from sioc.parsers.built_in import BuiltIn, wire_of

__all__ = ["BuiltIn", "json", "msgpack", "wire_of"]

"""Parsers: Socket.IO packets to what a transport carries, and back."""

from sioc.parsers import json

__all__ = ["json"]

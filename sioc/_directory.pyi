"""From an event's name on the wire to its listeners."""

from typing_extensions import disjoint_base

from sioc._registry import Registry

@disjoint_base
class Directory(Registry):
    """The names of one namespace's events."""

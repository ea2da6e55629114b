"""From messages to namespaces for parsers other than JSON's."""

from typing_extensions import disjoint_base

from sioc._router import Router

@disjoint_base
class ForeignRouter(Router):
    """Route packets, whatever the parser."""

    def _reset(self) -> None:
        """Forget a packet that is not complete: its connection is over."""

"""A small, fast Socket.IO server to test and measure clients against.

It speaks Engine.IO v4 and Socket.IO v5 over WebSocket, and does what the names of the
events it gets ask for: echo, acknowledge, flood, disconnect. A test peer, not a server
for production.

`serve()` runs it in this process, `PeerProcess` and `python -m sioc.testing` in one of
its own, and the pytest plugin in `sioc.testing.fixtures` brings both as fixtures.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sioc.testing.process import PeerProcess
    from sioc.testing.server import Peer, Stats, serve

__all__ = ["Peer", "PeerProcess", "Stats", "serve"]

# pytest imports this package in every session, for the plugin: the server, and picows
# with it, load when first used.
_HOMES = {
    "Peer": "sioc.testing.server",
    "PeerProcess": "sioc.testing.process",
    "Stats": "sioc.testing.server",
    "serve": "sioc.testing.server",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)

"""Blocking calls: a façade of the async Socket for threads that run no event loop.

There is one client, the async one. `io()` runs its Socket on one loop in a background
thread, which all façades share; `Socket(socket)` serves other threads of an asyncio
program. docs/sync.md has more.
"""

from sioc.sync.events import Events
from sioc.sync.factory import io
from sioc.sync.socket import Socket
from sioc.sync.stream import Stream

__all__ = ["Events", "Socket", "Stream", "io"]

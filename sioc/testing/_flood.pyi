"""Events sent as fast as the client reads them."""

from typing import final

from sioc.testing._engine import EngineSession

@final
class Flood:
    """So many packets, all equal, and the one that ends them."""

@final
class FloodQueue:
    """The floods of one session, one after the other."""

    def __new__(cls, session: EngineSession) -> FloodQueue: ...

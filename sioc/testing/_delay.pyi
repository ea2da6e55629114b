"""Replies that wait for their time to leave."""

from typing import final

from sioc.testing._engine import EngineSession

@final
class DelayLine:
    """The replies of one session that wait, in the order they were made."""

    def __new__(cls, session: EngineSession) -> DelayLine: ...

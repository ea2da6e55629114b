"""Where the host has put the two cores, as seen by the run."""

import asyncio
import time

from workers import Worker

FAR = 200e-9
"""Seconds there and back. Through a cache that two cores share it is 50 to 150 ns."""
NAP = 0.5
"""Seconds for which cores that are apart are let sleep."""
PATIENCE = 150.0


class Placement:
    """Tell whether the cores are near each other, and wait until they are.

    Args:
        distance: the process that tells how long the way between them takes.
        awake: the processes that keep them awake.

    Attributes:
        patience: for how long it still waits in this run, in seconds.
    """

    def __init__(self, distance: Worker, awake: list[Worker]) -> None:
        self._distance = distance
        self._awake = awake
        self.patience = PATIENCE

    async def apart(self) -> bool:
        """Tell whether they are apart now."""
        seconds: float = (await self._distance.ask({}))["seconds"]
        return seconds > FAR

    async def near(self) -> None:
        """Return when they are near each other, or out of patience.

        A host leaves a core that is busy where it is, and looks for a place anew when
        one wakes up. So they are let sleep.
        """
        while self.patience > 0 and await self.apart():
            start = time.monotonic()
            for worker in self._awake:
                worker.pause()
            await asyncio.sleep(NAP)
            for worker in self._awake:
                worker.resume()
            self.patience -= time.monotonic() - start

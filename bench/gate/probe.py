"""Run jobs inside callgrind: `valgrind --tool=callgrind ... python -m gate.probe`.

Arguments: the contender, the server's URL, the titles of jobs. Each job is done twice,
the second time counted; its counts are written under the title.
"""

import sys
from functools import partial
from typing import Any

import uvloop

import payloads
from echo.contender import Job, Stopwatch
from gate import _callgrind
from gate.jobs import BY_TITLE


def contender(name: str) -> Any:
    """Return the contender of that name."""
    if name == "floor":
        from echo.floor import Floor

        return Floor()
    from echo.sioc import Sioc

    return Sioc()


async def count(who: Any, url: str, titles: list[str]) -> None:
    """Do each job twice and count the second time."""
    for title in titles:
        counted = BY_TITLE[title]
        values = payloads.series(counted.payload)
        job = Job(counted.kind, url, counted.count, counted.payload, values)
        do = getattr(who, counted.kind)
        await do(job)
        Stopwatch.on_start = staticmethod(_callgrind.begin)
        Stopwatch.on_stop = staticmethod(partial(_callgrind.end, title.encode()))
        await do(job)
        Stopwatch.on_start = Stopwatch.on_stop = staticmethod(lambda: None)


def main() -> None:
    """Read the arguments and do the jobs."""
    name, url, *titles = sys.argv[1:]
    uvloop.run(count(contender(name), url, titles))


if __name__ == "__main__":
    main()

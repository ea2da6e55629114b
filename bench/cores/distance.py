"""How far two cores are apart: `python -m cores.distance ONE OTHER`.

A virtual machine's cores are threads of its host, which puts them where it likes. Now
they share a cache, now every line that one writes and the other reads crosses the whole
processor; then the kernel's copies between two processes take several times as long.

Every line in is answered by the time that one line of a cache takes there and back.
"""

import json
import os
import sys
import time
from threading import Thread

from cores._distance import Flag

TRIPS = 500
BATCHES = 5


def round_trip(one: int, other: int) -> float:
    """Return how long it takes to the other core and back, in seconds."""
    flag = Flag()
    batches = []

    def there() -> None:
        os.sched_setaffinity(0, {one})
        for _ in range(BATCHES):
            start = time.perf_counter()
            flag.play(0, TRIPS)
            batches.append(time.perf_counter() - start)

    def back() -> None:
        os.sched_setaffinity(0, {other})
        flag.play(1, TRIPS * BATCHES)

    threads = Thread(target=there), Thread(target=back)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return min(batches) / TRIPS


def serve(one: int, other: int) -> None:
    """Answer lines until standard input ends."""
    print("ready", flush=True)
    for _line in sys.stdin:
        print(json.dumps({"seconds": round_trip(one, other)}), flush=True)


if __name__ == "__main__":
    serve(*map(int, sys.argv[1:]))

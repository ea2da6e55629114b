"""No event loop: a script that blocks, with threads that emit.

A server to try it with:  python -m sioc.testing --port 3000
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"

with sioc.sync.io(URL) as socket:
    print("answer:", socket.call("question", 42, timeout=5))

    # Events in a loop; it ends when none has come for a while.
    ticks = socket.events("tick", "flood:done", timeout=1)
    socket.emit("flood", 3, "tick", {"price": 101})
    for event in ticks:
        print(event.name, event.data)

    # Any number of threads may use the same Socket.
    def work(number: int) -> int:
        socket.emit("sink", number)
        return int(socket.call("double", number)) * 2

    with ThreadPoolExecutor(4) as pool:
        print("doubled:", list(pool.map(work, range(8))))

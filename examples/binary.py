"""Binary data: bytes anywhere among the arguments, as attachments, without base64.

A server to try it with:  python -m sioc.testing --port 3000
"""

import hashlib
import os
import sys
from typing import Any

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"


async def main() -> None:
    async with sioc.io(URL) as socket:
        picture = os.urandom(200_000)
        upload: dict[str, Any] = {
            "name": "picture.png",
            "sha256": hashlib.sha256(picture).hexdigest(),
            # bytes, bytearray and memoryview may be mixed with everything else.
            "chunks": [picture[:100_000], memoryview(picture)[100_000:]],
            "thumbnail": bytearray(b"\x89PNG"),
        }
        socket.emit("echo", upload)

        # What arrives is always bytes, in the places where it was put.
        event = await socket.wait_for("echo", timeout=5)
        download = event.data
        print(download["name"], [len(chunk) for chunk in download["chunks"]])
        print("thumbnail", download["thumbnail"])

        digest = hashlib.sha256(b"".join(download["chunks"])).hexdigest()
        print("intact" if digest == download["sha256"] else "damaged")


sioc.run(main())

"""Refuse a picows that the compiled modules were not made for, in words.

picows checks the sizes of its objects, not their methods: with another minor version
the compiled modules could call the wrong ones.
"""

from __future__ import annotations

from picows import __version__ as _picows  # type: ignore[attr-defined]

LOWEST = (2, 3, 1)
BELOW = (2, 4)

_version = tuple(int(part) for part in _picows.split(".")[:3] if part.isdigit())
if not LOWEST <= _version < BELOW:
    raise ImportError(
        f"sioc was built for picows >=2.3.1,<2.4 and found picows {_picows}; run: "
        f"pip install 'picows>=2.3.1,<2.4'"
    )

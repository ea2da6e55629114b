"""Packets for a parser to decode, well and ill formed, from a seeded generator.

A case is what a decoder is given in a row: str for text messages, bytes for binary
ones. Well-formed packets come of a grammar; ill-formed ones of the same with something
put in, taken out, doubled or exchanged, anywhere from the type to the last attachment.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from typing import Any

Case = list[str | bytes]

TYPES = "0123456"
NAMESPACES = ["", "/,", "/admin,", "/a?token=x,", "/é😀,", "/a/b,", "//,", "/admin"]
IDS = ["", "", "", "0", "7", "12", "007", "9007199254740991"]
NAMES: list[Any] = [
    "a", "message", "", "é😀", '"\\/\n', "constructor", "__proto__", "0", 0, 7, -1, 1.5,
]  # fmt: skip
RESERVED = ["connect", "connect_error", "disconnect", "disconnecting", "newListener"]
SCALARS: list[Any] = [
    None, True, False, 0, 1, -1, 2**31, 2**53, 2**64, 0.5, -0.0, 1e300, 5e-324, "", "x",
    "é日😀", "\u2028", "\0\x1f", '"quoted"', "a" * 200, "_placeholder",
]  # fmt: skip
# JSON that no encoder of ours would write.
TEXTS = [
    "1e400", "-1e400", "1E2", "0.10", "-0", '"\\ud800"', '"\\u00e9\\/"', "[[[]]]",
    '{"a":1,"a":2}', '{"":{}}', ' [ 1 , { "a" : [ ] } ] ', '{"__proto__":{"x":1}}',
    "123456789012345678901234567890", '"\\ud83d\\ude00"', "\t1\n",
]  # fmt: skip
# Fragments to put where they do not belong.
NOISE = [
    *'{}[]",:-/\\ \n019eE+.#',
    "null", "true", "NaN", "Infinity", "undefined", "\\u12", "[]", "{}", "1-", "01-",
    "1.0-", "1e0-", "0x1-", "-1-", "+1-", " 1-", "11-", "99999999999-", "/x,", '["a"]',
    '{"_placeholder":true}', '{"_placeholder":true,"num":-1}', "'", "\u00a0", "\u0661",
]  # fmt: skip
NUMS = ["0", "1", "2", "-1", "0.5", "1.0", "1e0", '"0"', "null", "true", "9" * 20]
BLOBS = [b"", b"\0", b"blob", bytes(range(256))]


class Generator:
    """Makes cases, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._pick = self._random.choice

    def cases(self, count: int) -> Iterator[Case]:
        """Yield so many cases."""
        for _ in range(count):
            case = self._packet()
            wrong = self._random.random()
            if wrong < 0.45:
                self._spoil_text(case)
            elif wrong < 0.6:
                self._spoil_order(case)
            if self._random.random() < 0.2:
                case += self._packet()
            yield case

    def values(self) -> list[Any]:
        """Return values, with bytes among them, that JavaScript can hold as well."""
        return [self._object(0) for _ in range(self._random.randrange(4))]

    def _object(self, depth: int) -> Any:
        choice = self._random.random()
        if choice < 0.1:
            return self._random.randrange(-(2**53), 2**53)
        if choice < 0.2:
            return self._random.uniform(-1, 1) * 10 ** self._random.randrange(-300, 300)
        if choice < 0.3:
            points = [self._random.randrange(sys.maxunicode + 1) for _ in range(4)]
            return "".join(map(chr, points))
        if choice < 0.4 and depth < 3:
            return self._pick(BLOBS)
        if choice < 0.7 or depth > 3:
            return self._pick(SCALARS)
        items = [self._object(depth + 1) for _ in range(self._random.randrange(4))]
        keys = (f"{self._pick(SCALARS)} {number}" for number in range(4))
        return items if choice < 0.85 else dict(zip(keys, items, strict=False))

    def _packet(self) -> Case:
        kind = self._pick(TYPES)
        attachments = self._pick((1, 1, 2, 3, 10)) if kind in "56" else 0
        head = f"{kind}{attachments}-" if attachments else kind
        head += self._pick(NAMESPACES)
        head += self._pick(IDS[3:] if kind in "36" else IDS)
        payload = self._payload(kind, attachments)
        return [head + payload, *[self._pick(BLOBS) for _ in range(attachments)]]

    def _payload(self, kind: str, attachments: int) -> str:
        if kind == "0":
            return self._pick(("", '{"sid":"x"}', "{}", '{"sid":"x","pid":"y"}'))
        if kind == "1":
            return self._pick(("", "", "", "{}"))
        if kind == "4":
            return self._pick(
                (
                    '{"message":"no"}',
                    '"no"',
                    "",
                    "[]",
                    "{}",
                    '{"message":"no","data":1}',
                )
            )
        items = [self._value(0) for _ in range(self._random.randrange(4))]
        for number in range(attachments):
            held = f'{{"_placeholder":true,"num":{number}}}'
            if self._random.random() < 0.1:
                held = f'{{"_placeholder":true,"num":{self._pick(NUMS)}}}'
            items.append(self._pick((held, f"[{held}]", f'{{"k":{held}}}')))
        if kind in "25":
            name = self._pick(RESERVED) if self._random.random() < 0.05 else None
            items.insert(0, json.dumps(self._pick(NAMES) if name is None else name))
        return "[" + ",".join(items) + "]"

    def _value(self, depth: int) -> str:
        choice = self._random.random()
        if choice < 0.15:
            return self._pick(TEXTS)
        if choice < 0.7 or depth > 3:
            return json.dumps(self._pick(SCALARS), ensure_ascii=choice < 0.4)
        items = [self._value(depth + 1) for _ in range(self._random.randrange(4))]
        if choice < 0.85:
            return "[" + ",".join(items) + "]"
        keys = [json.dumps(str(self._pick(NAMES))) for _ in items]
        pairs = [f"{key}:{item}" for key, item in zip(keys, items, strict=True)]
        return "{" + ",".join(pairs) + "}"

    def _spoil_text(self, case: Case) -> None:
        """Change the text in one to three places, most often near its beginning."""
        text = case[0]
        assert isinstance(text, str)
        for _ in range(self._pick((1, 1, 2, 3))):
            at = self._random.randrange(len(text) + 1)
            if self._random.random() < 0.5:
                at = min(at, self._random.randrange(8))
            what = self._random.randrange(4)
            if what == 0:
                text = text[:at] + self._pick(NOISE) + text[at:]
            elif what == 1:
                text = text[:at] + text[at + self._pick((1, 1, 2, 9)) :]
            elif what == 2:
                text = text[:at] + self._pick(NOISE) + text[at + 1 :]
            else:
                text = text[:at] + text[at : at + 3] + text[at:]
        case[0] = text

    def _spoil_order(self, case: Case) -> None:
        """Put a message in, take one out, or exchange two."""
        what = self._random.randrange(3)
        if what == 0:
            extra = self._pick((b"extra", "", '2["late"]', "9"))
            case.insert(self._random.randrange(len(case) + 1), extra)
        elif what == 1 and len(case) > 1:
            del case[self._random.randrange(len(case))]
        else:
            self._random.shuffle(case)

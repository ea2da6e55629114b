"""The parser as it is used alone: packets in, wire out, and back; by the vectors."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest

import sioc
from sioc.parsers.json import Decoder, Encoder
from unit.vectors import accepted, encodable, refused

EVENT = sioc.PacketType.EVENT
PLACEHOLDER = '{"_placeholder":true,"num":0}'

# Type, attachments, namespace and id; the rest is the payload.
HEAD = re.compile(r"[0-6](?:\d+-)?(?:/[^,]*,)?\d*")


class Decoding:
    """A decoder and what it has emitted."""

    def __init__(self, limits: sioc.Limits | None = None) -> None:
        self.packets: list[sioc.Packet] = []
        self.decoder = Decoder(limits)
        self.decoder.on("decoded", self.packets.append)

    def add(self, *chunks: str | bytes) -> list[sioc.Packet]:
        """Add chunks and return what was emitted so far."""
        for chunk in chunks:
            self.decoder.add(chunk)
        return self.packets


def split(text: str) -> tuple[str, Any]:
    """Return a packet's head and its payload's value, None for no payload."""
    match = HEAD.match(text)
    assert match is not None, text
    payload = text[match.end() :]
    return match[0], json.loads(payload) if payload else None


def exactly(value: object) -> str:
    """Return a text that tells values apart which are equal, such as 1 and True."""
    if isinstance(value, list):
        return f"[{','.join(map(exactly, value))}]"
    if isinstance(value, dict):
        items = (f"{key!r}:{exactly(item)}" for key, item in value.items())
        return f"{{{','.join(items)}}}"
    # Python writes 1.0 where JavaScript has 1 (B.3).
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    return repr(value)


# Decoding.


def test_decode(subtests: pytest.Subtests) -> None:
    for vector in accepted():
        with subtests.test(str(vector)):
            decoding = Decoding(vector.limits)
            *head, last = vector.wire
            assert decoding.add(*head) == []
            (packet,) = decoding.add(last)
            assert packet == vector.packet
            assert exactly(packet.data) == exactly(vector.packet.data)


def test_refuse(subtests: pytest.Subtests) -> None:
    for vector in refused():
        with subtests.test(str(vector)):
            decoding = Decoding(vector.limits)
            *head, last = vector.wire
            decoding.add(*head)
            with pytest.raises(vector.error) as caught:
                decoding.add(last)
            assert type(caught.value) is vector.error
            assert vector.message in str(caught.value)
            assert decoding.packets == []


def test_go_on_after_an_error(subtests: pytest.Subtests) -> None:
    for vector in refused():
        with subtests.test(str(vector)):
            decoding = Decoding(vector.limits)
            with suppress(sioc.ParseError):
                decoding.add(*vector.wire)
            decoding.decoder.destroy()
            assert decoding.add('2["e"]')[-1] == sioc.Packet(EVENT, data=["e"])


def test_all_vectors_one_after_another() -> None:
    decoding = Decoding()
    vectors = [
        vector
        for vector in accepted("packets", "json", "attachments")
        if vector.limits == sioc.Limits()
    ]
    for vector in vectors:
        decoding.add(*vector.wire)
    assert decoding.packets == [vector.packet for vector in vectors]


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_an_attachment_of_any_buffer_is_copied(kind: type) -> None:
    decoding = Decoding()
    source = bytearray(b"abc")
    decoding.add(f'52-["a",{PLACEHOLDER}]', kind(source))
    source[:] = b"xyz"
    (packet,) = decoding.add(b"")
    assert packet.data == ["a", b"abc"]
    assert type(packet.data[1]) is bytes


def test_a_subclass_of_str_is_text() -> None:
    class Text(str):
        __slots__ = ()

    assert Decoding().add(Text('2["a"]'))[0].data == ["a"]


@pytest.mark.parametrize("chunk", [None, 1, 1.5, ["2"], {"a": 1}, object()])
def test_a_chunk_is_text_or_binary(chunk: Any) -> None:
    decoding = Decoding()
    with pytest.raises(TypeError, match="chunk"):
        decoding.add(chunk)
    assert decoding.packets == []


def test_as_many_attachments_as_the_default_limit() -> None:
    decoding = Decoding()
    decoding.add(f'51024-["a",{PLACEHOLDER}]', *[b"x"] * 1023)
    assert decoding.packets == []
    assert decoding.add(b"y")[0].data == ["a", b"x"]


def test_text_in_between_leaves_the_packet_waiting_until_destroy() -> None:
    # As in the reference: the error ends the connection, and that calls destroy().
    decoding = Decoding()
    decoding.add(f'51-["a",{PLACEHOLDER}]')
    for _ in range(2):
        with pytest.raises(sioc.ParseError, match="plaintext"):
            decoding.add('2["b"]')
    decoding.decoder.destroy()
    with pytest.raises(sioc.ParseError, match="binary"):
        decoding.add(b"x")
    assert decoding.packets == []


def test_a_destroyed_packet_counts_for_no_limit() -> None:
    decoding = Decoding(sioc.Limits(max_packet_size=60))
    for _ in range(5):
        decoding.add(f'52-["a",{PLACEHOLDER}]', b"x" * 15)
        decoding.decoder.destroy()
    assert decoding.add(f'51-["a",{PLACEHOLDER}]', b"x" * 15)[0].data[1] == b"x" * 15


def test_a_listener_of_decoded_may_add_the_next_chunk() -> None:
    decoding = Decoding()
    decoding.decoder.once("decoded", lambda packet: decoding.decoder.add('2["two"]'))
    packets = decoding.add(f'51-["one",{PLACEHOLDER}]', b"x")
    assert [packet.data[0] for packet in packets] == ["one", "two"]


def test_decoded_containers_are_the_receivers_own() -> None:
    decoding = Decoding()
    decoding.add('2["a",{"b":[]}]')
    decoding.packets[0].data[1]["b"].append(1)
    assert decoding.add('2["a",{"b":[]}]')[1].data == ["a", {"b": []}]


@pytest.mark.parametrize(
    "wire",
    [
        ('2[{"a":"%s"}]' % ("x" * 100_000),),
        ('2[["%s"]]' % ("x" * 100_000),),
        ('51-["a",{"_placeholder":true,"num":"%s"}]' % ("x" * 100_000), b"x"),
        ("2" + "x" * 100_000,),
        ("5" + "x" * 100_000,),
        ('2["a",%s]' % ("x" * 100_000),),
    ],
    ids=["name object", "name array", "num", "head", "attachments", "value"],
)
def test_an_error_shows_little_of_the_packet(wire: tuple[str | bytes, ...]) -> None:
    # R23: what a server wrote is shown in at most 200 characters.
    with pytest.raises(sioc.ParseError) as caught:
        Decoding().add(*wire)
    assert len(str(caught.value)) <= 300


UNINITIALIZED = """
from sioc.parsers.json import Decoder, Encoder
from sioc import Packet

class Bare(Decoder):
    def __init__(self):
        self.seen = []

for decoder in (Bare(), Decoder.__new__(Decoder)):
    decoder.on("decoded", print)
    for chunk in ('2["a"]', '51-["a"]', b"x"):
        try:
            decoder.add(chunk)
        except Exception:
            pass
    decoder.destroy()
try:
    Encoder.__new__(Encoder).encode(Packet(0, data={"a": [1]}))
except Exception:
    pass
"""


def test_a_subclass_that_forgets_to_call_init_does_not_crash() -> None:
    run = subprocess.run([sys.executable, "-c", UNINITIALIZED], check=False)
    assert run.returncode >= 0


# Encoding.


def test_encode(subtests: pytest.Subtests) -> None:
    for vector in encodable():
        with subtests.test(str(vector)):
            before = exactly(vector.packet.data)
            text, *attachments = Encoder(vector.limits).encode(vector.packet)
            head, payload = split(text)
            expected_head, expected_payload = split(vector.wire[0])
            assert head == expected_head
            assert exactly(payload) == exactly(expected_payload)
            assert attachments == list(vector.wire[1:])
            assert type(text) is str
            assert {type(item) for item in attachments} <= {bytes}
            assert exactly(vector.packet.data) == before


def test_encode_without_whitespace(subtests: pytest.Subtests) -> None:
    for vector in encodable("packets", "attachments"):
        with subtests.test(str(vector)):
            assert Encoder().encode(vector.packet) == list(vector.wire)


def test_an_empty_namespace_is_the_default_one() -> None:
    # 5.3.2: written only if non-empty and different from "/".
    assert Encoder().encode(sioc.Packet(EVENT, "", ["a"])) == ['2["a"]']


@pytest.mark.parametrize("kind", [-1, 5, 6, 7, 52])
def test_a_packet_has_one_of_five_types(kind: int) -> None:
    # Whether it is binary is for the encoder to find out (5.3.5).
    with pytest.raises(ValueError, match="type"):
        Encoder().encode(sioc.Packet(kind, data=["a", b"x"]))


@pytest.mark.parametrize("number", [-1, True, 1.0, "1", 2**53])
def test_an_id_is_an_integer_that_a_decoder_takes(number: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="id"):
        Encoder().encode(sioc.Packet(EVENT, data=["a"], id=number))


@pytest.mark.parametrize("kind", ["CONNECT", "CONNECT_ERROR", "DISCONNECT"])
def test_only_events_and_acks_carry_binary(kind: str) -> None:
    # Never as base64 text by accident (B.1).
    packet = sioc.Packet(sioc.PacketType[kind], data={"a": [b"x"]})
    with pytest.raises(TypeError, match="binary"):
        Encoder().encode(packet)


@pytest.mark.parametrize("kind", ["CONNECT", "EVENT", "ACK", "CONNECT_ERROR"])
def test_a_payload_that_contains_itself(kind: str) -> None:
    data: Any = {"a": 1} if kind.startswith("CONNECT") else ["a"]
    inner: list[Any] = []
    inner.append(inner)
    if isinstance(data, dict):
        data["b"] = inner
    else:
        data.append(inner)
    with pytest.raises(sioc.LimitError) as caught:
        Encoder().encode(sioc.Packet(sioc.PacketType[kind], data=data, id=0))
    assert caught.value.limit == "max_depth"


def test_encode_wants_a_packet() -> None:
    for other in (None, ["a"], '2["a"]'):
        with pytest.raises(TypeError):
            Encoder().encode(other)  # type: ignore[arg-type]

"""The price of one packet, in and out: sioc's parser, python-socketio's, msgspec alone.

sioc's is the parser that makes objects of packets, as python-socketio's does; the flow
of a connection makes none and is faster. msgspec alone does the payload, nothing else.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import socketio.packet  # type: ignore[import-untyped]
from pytest_benchmark.fixture import BenchmarkFixture

import payloads
import sioc
from sioc.parsers.json import Decoder, Encoder

TICK = payloads.series("tick")[0]
BLOB = payloads.blob(1024)
PACKETS = {
    "CONNECT": (0, {"token": "abc"}, None),
    "DISCONNECT": (1, None, None),
    "EVENT small": (2, [payloads.EVENT, 1], None),
    "EVENT tick": (2, [payloads.EVENT, TICK], None),
    "EVENT doc": (2, [payloads.EVENT, payloads.series("doc")[0]], None),
    "ACK": (3, [TICK], 12),
    "CONNECT_ERROR": (4, {"message": "no"}, None),
    "BINARY_EVENT": (2, [payloads.EVENT, BLOB], None),
    "BINARY_ACK": (3, [BLOB], 12),
    "EVENT, 10 attachments": (2, [payloads.EVENT, *[BLOB] * 10], None),
    "EVENT, 100 attachments": (2, [payloads.EVENT, *[BLOB] * 100], None),
}
LIBRARIES = ("sioc", "python-socketio", "msgspec")


def chunks_of(title: str) -> list[str | bytes]:
    """Return a packet as it stands on the wire, its attachments behind it."""
    kind, data, number = PACKETS[title]
    return Encoder().encode(sioc.Packet(kind, "/", data, number))


def is_binary(title: str) -> bool:
    return len(chunks_of(title)) > 1


def encoder(library: str, title: str) -> Callable[[], object]:
    """Return what encodes the packet once."""
    kind, data, number = PACKETS[title]
    if library == "sioc":
        encode, packet = Encoder().encode, sioc.Packet(kind, "/", data, number)
        return lambda: encode(packet)
    if library == "msgspec":
        encode_payload = msgspec.json.Encoder().encode
        return lambda: encode_payload(data)
    return lambda: socketio.packet.Packet(kind, data, id=number).encode()


def decoder(library: str, title: str) -> Callable[[], object]:
    """Return what decodes the packet once."""
    text, *attachments = chunks_of(title)
    assert isinstance(text, str)
    if library == "msgspec":
        payload = msgspec.json.encode(PACKETS[title][1])
        decode_payload = msgspec.json.Decoder().decode
        return lambda: decode_payload(payload)
    if library == "sioc":
        own = Decoder()
        packets: list[Any] = []
        own.on("decoded", packets.append)

        def decode() -> Any:
            for chunk in (text, *attachments):
                own.add(chunk)
            return packets.pop()

        return decode

    def theirs() -> Any:
        packet = socketio.packet.Packet(encoded_packet=text)
        for attachment in attachments:
            packet.add_attachment(attachment)
        return packet

    return theirs


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("title", PACKETS)
def test_encode(benchmark: BenchmarkFixture, title: str, library: str) -> None:
    if library == "msgspec" and is_binary(title):
        pytest.skip("msgspec writes bytes as text")
    benchmark.group = f"encode {title}"
    benchmark(encoder(library, title))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("title", PACKETS)
def test_decode(benchmark: BenchmarkFixture, title: str, library: str) -> None:
    if library == "msgspec" and is_binary(title):
        pytest.skip("msgspec writes bytes as text")
    if library == "python-socketio" and title.endswith("100 attachments"):
        pytest.skip("python-socketio takes 10 of them")
    benchmark.group = f"decode {title}"
    decode = decoder(library, title)
    if library != "msgspec":
        assert decode().data == PACKETS[title][1]
    benchmark(decode)

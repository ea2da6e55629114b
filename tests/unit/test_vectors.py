"""The vectors once more, through a connection: what a Manager reads without objects."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.frames import BINARY, TEXT, encode_frame
from peers.raw_connection import RawConnection
from peers.recorder import Recorder
from unit.vectors import Vector, accepted, encodable, load, refused

# Longer than the default of a test: there are hundreds of connections in one.
pytestmark = pytest.mark.timeout(60)


def frames(vector: Vector) -> bytes:
    """Return a vector's wire as a server's WebSocket frames."""
    return b"".join(
        encode_frame(BINARY, chunk)
        if isinstance(chunk, bytes)
        else encode_frame(TEXT, b"4" + chunk.encode("utf-8", "surrogatepass"))
        for chunk in vector.wire
    )


def event_of(vector: Vector) -> tuple[Any, ...] | None:
    """Return the event that a Socket of the vector's namespace delivers, if any."""
    packet = vector.packet
    assert packet is not None
    if packet.type != sioc.PacketType.EVENT or packet.data is None:
        return None
    name, *args = packet.data
    # Numbers are names as text (0.5.5).
    return (str(name), *args)


def test_names_are_unique() -> None:
    names = [vector.name for vector in load()]
    assert len(names) == len(set(names))


def test_every_vector_is_one_of_the_two_kinds() -> None:
    for vector in load():
        assert (vector.packet is None) == (vector.error is not None), vector.name
        assert vector.wire, vector.name
        assert vector.clause, vector.name
        assert bool(vector.message) == (vector.error is not None), vector.name
    assert len(accepted()) + len(refused()) < len(load())  # some are for encoding


async def test_what_can_be_decoded_is_delivered(serve: Serve, io: OpenSocket) -> None:
    vectors = [v for v in accepted() if v.limits == sioc.Limits()]
    namespaces = sorted({v.packet.nsp for v in vectors if v.packet} - {"/"})
    events = [v for v in vectors if event_of(v) is not None]

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for nsp in namespaces:
            await conn.join(nsp)
        for vector in events:
            conn.send_raw(frames(vector))
        conn.send_text('42["end"]')

    seen: list[tuple[str, tuple[Any, ...]]] = []
    peer = await serve(script)
    root = await io(peer.url)
    end = Recorder(root, "end")
    root.on_any(lambda *event: seen.append(("/", event)))
    for nsp in namespaces:
        socket = root.io.socket(nsp)
        socket.on_any(lambda *event, nsp=nsp: seen.append((nsp, event)))
        await socket
    await end.wait("end")
    assert seen.pop() == ("/", ("end",))
    assert seen == [(v.packet.nsp, event_of(v)) for v in events if v.packet]
    for nsp in namespaces:
        await root.io.socket(nsp).disconnect()


async def test_what_must_be_refused_ends_the_connection(
    serve: Serve, io: OpenSocket, subtests: pytest.Subtests
) -> None:
    # Packets of a namespace that was not joined are ignored (4.3.1).
    for vector in (v for v in refused() if "/admin" not in str(v.wire[0])):
        with subtests.test(str(vector)):

            async def script(conn: RawConnection, data: bytes) -> None:
                await conn.establish()
                conn.send_raw(data + encode_frame(TEXT, b'42["behind"]'))

            data = frames(vector)
            peer = await serve(lambda conn, data=data: script(conn, data))
            socket = io(peer.url, reconnection=False, limits=vector.limits)
            delivered: list[Any] = []
            socket.on_any(lambda *event, to=delivered: to.append(event))
            events = Recorder(socket, "disconnect", "connect_error")
            reason, details = await events.wait("disconnect")
            assert reason in ("parse error", "transport error")
            assert details is not None
            assert delivered == []
            assert events.count("connect_error") == 0
            await socket.disconnect()


@pytest.mark.filterwarnings("ignore:.* attachments in one packet")
async def test_what_is_encoded_is_on_the_wire(serve: Serve, io: OpenSocket) -> None:
    vectors = [
        vector
        for vector in encodable("packets", "attachments")
        if (event := event_of(vector)) is not None
        and vector.packet is not None
        and (vector.packet.nsp, vector.packet.id) == ("/", None)
        and isinstance(event[0], str)
    ]
    assert vectors

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for vector in vectors:
            for chunk in vector.wire:
                if isinstance(chunk, bytes):
                    await conn.expect_binary(chunk)
                else:
                    await conn.expect_text("4" + chunk)

    peer = await serve(script)
    socket = await io(peer.url)
    for vector in vectors:
        assert vector.packet is not None
        socket.emit(*vector.packet.data)
    await asyncio.wait_for(peer.played(), 10)

"""Events encoded once, and emits that fail: by Sockets that do not connect."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection

PLACEHOLDER = '{"_placeholder":true,"num":%d}'
RESERVED = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
]


@pytest.fixture
def offline() -> sioc.Socket:
    """Return a Socket that holds what is emitted."""
    return sioc.io("http://127.0.0.1:1", auto_connect=False, force_new=True)


# What is prepared is what emit() would send.

EVENTS: list[tuple[Any, ...]] = [
    ("a",),
    ("a", 1),
    ("a", None),
    ("a", [], {}),
    ("", ""),
    ('"\\', '"\\'),
    ("é😀", "é😀"),
    ("\ud83d", "\ud83d"),
    ("5", 5),
    ("a", b"one"),
    ("a", [b"one", {"k": bytearray(b"two")}], b""),
    ("a", *[bytes([n]) for n in range(12)]),
    ("a", "x" * 70_000),
    ("x" * 70_000, "a"),
]


@pytest.mark.filterwarnings("ignore:12 attachments")
@pytest.mark.parametrize("nsp", ["/", "/admin"])
async def test_a_prepared_event_is_on_the_wire_what_an_emitted_one_is(
    serve: Serve, io: OpenSocket, nsp: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.join(nsp)
        for _ in EVENTS:
            text = await conn.next_text()
            attachments = int(text[2 : text.index("-")]) if text[1] == "5" else 0
            frames = [await conn.next_frame() for _ in range(attachments)]
            for _ in range(2):
                await conn.expect_text(text)
                for frame in frames:
                    await conn.expect_binary(frame.payload)

    peer = await serve(script)
    socket = await io(peer.url + nsp)
    for event, *args in EVENTS:
        prepared = sioc.prepare(event, *args)
        socket.emit(event, *args)
        socket.emit_prepared(prepared)
        socket.emit_prepared(prepared)
    await peer.played()


async def test_exact_texts(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["a"]')
        await conn.expect_text('42["a",1,null]')
        await conn.expect_text(f'452-["a",{PLACEHOLDER % 0},[{PLACEHOLDER % 1}]]')
        await conn.expect_binary(b"x")
        await conn.expect_binary(b"y")
        await conn.expect_text('42["\\ud83d"]')
        await conn.expect_nothing()

    peer = await serve(script)
    socket = await io(peer.url)
    for packet in (
        sioc.prepare("a"),
        sioc.prepare("a", 1, None),
        sioc.prepare("a", b"x", [b"y"]),
        sioc.prepare("\ud83d"),
    ):
        socket.emit_prepared(packet)
    await peer.played()


def test_a_prepared_event_shows_what_it_is() -> None:
    prepared = sioc.prepare("news", 1, b"x")
    assert (prepared.event, prepared.args) == ("news", (1, b"x"))
    assert "news" in repr(prepared)
    with pytest.raises(AttributeError):
        prepared.event = "other"  # type: ignore[misc]


def test_a_prepared_event_keeps_the_values_it_was_given(offline: sioc.Socket) -> None:
    value = [bytearray(b"before")]
    prepared = sioc.prepare("e", value)
    value[0][:] = b"after, and longer"
    offline.emit_prepared(prepared)
    assert offline.buffered_amount == len(f'451-["e",[{PLACEHOLDER % 0}]]before')


@pytest.mark.parametrize("event", RESERVED)
def test_a_reserved_name_is_not_prepared(event: str) -> None:
    with pytest.raises(sioc.ReservedEventError, match=event):
        sioc.prepare(event)


@pytest.mark.parametrize("args", [(None,), (1,), (b"e",), ()])
def test_prepare_wants_a_name(args: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        sioc.prepare(*args)


def test_a_prepared_event_comes_from_prepare_alone() -> None:
    # Without it there is no text to send: emit_prepared() must not meet such a one.
    with pytest.raises(TypeError, match="prepare"):
        sioc.Prepared()


# What cannot be encoded raises where it is emitted, and leaves nothing.


def cyclic() -> list[Any]:
    """Return a list that contains itself."""
    value: list[Any] = [b"x"]
    value.append(value)
    return value


FAILING: list[tuple[tuple[Any, ...], type[Exception]]] = [
    (("e", object()), TypeError),
    (("e", b"x", [object()]), TypeError),
    (("e", {b"k": 1}), TypeError),
    (("e", "\ud83d", {None: 1}), TypeError),
    (("e", 10**5_000), ValueError),
    (("e", cyclic()), sioc.LimitError),
    (("connect", 1), sioc.ReservedEventError),
    ((1, "e"), TypeError),
    ((None,), TypeError),
]

EMITS: dict[str, Callable[[sioc.Socket, tuple[Any, ...]], object]] = {
    "emit": lambda socket, args: socket.emit(*args),
    "with an ack": lambda socket, args: socket.emit(*args, ack=print),
    "volatile": lambda socket, args: socket.volatile.emit(*args),
    "with a timeout": lambda socket, args: socket.timeout(5).emit(*args, ack=print),
    "prepared": lambda socket, args: socket.emit_prepared(sioc.prepare(*args)),
}


@pytest.mark.parametrize(("args", "error"), FAILING, ids=range(len(FAILING)))
async def test_a_failed_emit_leaves_nothing(
    offline: sioc.Socket, args: tuple[Any, ...], error: type[Exception]
) -> None:
    offline.emit("before")
    size = offline.buffered_amount
    for emit in EMITS.values():
        with pytest.raises(error):
            emit(offline, args)
    with pytest.raises(error):
        await offline.emit_with_ack(*args)
    assert (offline.buffered_amount, offline.acks_pending) == (size, 0)
    offline.emit("after")
    assert offline.buffered_amount == size + len('42["after"]')


async def test_a_failed_emit_takes_no_ack_id(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["e"]')
        await conn.expect_text('421["e"]')
        await conn.expect_nothing()

    peer = await serve(script)
    socket = await io(peer.url)
    socket.emit("e", ack=print)
    for args, error in FAILING:
        with pytest.raises(error):
            socket.emit(*args, ack=print)
    with pytest.raises(TypeError, match="callable"):
        socket.emit("e", ack=5)
    socket.emit("e", ack=print)
    await peer.played()


# What is held, in bytes and packets.


@pytest.mark.parametrize(
    ("args", "chunks"),
    [
        (("a",), ['42["a"]']),
        (("a", "é"), ['42["a","é"]']),
        (("a", b"12345"), [f'451-["a",{PLACEHOLDER % 0}]', b"12345"]),
    ],
)
def test_the_buffered_amount_is_what_will_be_sent(
    offline: sioc.Socket, args: tuple[Any, ...], chunks: list[str | bytes]
) -> None:
    size = sum(len(c if isinstance(c, bytes) else c.encode()) for c in chunks)
    for count in (1, 2, 3):
        offline.emit(*args)
        assert offline.buffered_amount == count * size


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (sioc.Limits(max_send_buffer=3), "max_send_buffer"),
        (sioc.Limits(max_send_bytes=3 * len('42["a"]')), "max_send_bytes"),
    ],
)
async def test_what_is_held_is_bounded(limits: sioc.Limits, name: str) -> None:
    socket = sioc.io(
        "http://127.0.0.1:1", auto_connect=False, force_new=True, limits=limits
    )
    for _ in range(3):
        socket.emit("a")
    size = socket.buffered_amount
    for emit in EMITS.values():
        if emit is EMITS["volatile"]:
            emit(socket, ("a",))  # dropped
            continue
        with pytest.raises(sioc.BufferFullError) as caught:
            emit(socket, ("a",))
        assert caught.value.limit == name
    with pytest.raises(sioc.BufferFullError):
        await socket.emit_with_ack("a")
    assert (socket.buffered_amount, socket.acks_pending) == (size, 0)


def test_the_packet_that_passes_the_bytes_is_refused_whole() -> None:
    socket = sioc.io(
        "http://127.0.0.1:1",
        auto_connect=False,
        force_new=True,
        limits=sioc.Limits(max_send_bytes=100),
    )
    with pytest.raises(sioc.BufferFullError):
        socket.emit("a", b"x" * 100)
    assert socket.buffered_amount == 0
    socket.emit("a", b"x" * 40)
    assert 40 < socket.buffered_amount <= 100


MANY = [b"%d" % number for number in range(11)]


@pytest.mark.parametrize("more_than", [11, 12])
def test_more_attachments_than_a_server_takes_by_default_are_warned_of(
    offline: sioc.Socket, more_than: int
) -> None:
    values = [*MANY, b"more"][:more_than]
    with pytest.warns(RuntimeWarning, match=f"{more_than} attachments.* 10 "):
        offline.emit("many", *values)
    with pytest.warns(RuntimeWarning, match="maxAttachments"):
        sioc.prepare("many", values)
    assert len(offline.send_buffer) == 1


def test_ten_attachments_are_not_warned_of(offline: sioc.Socket) -> None:
    offline.emit("many", *MANY[:10])


def test_a_warning_taken_for_an_error_leaves_nothing_sent(offline: sioc.Socket) -> None:
    with pytest.raises(RuntimeWarning):
        offline.emit("many", *MANY)
    assert (offline.send_buffer, offline.buffered_amount) == ([], 0)


async def test_what_shows_a_warning_may_emit(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["log","warned"]')
        placeholders = ",".join(PLACEHOLDER % number for number in range(11))
        await conn.expect_text(f'4511-["many",{placeholders}]')
        for value in MANY:
            await conn.expect_binary(value)

    peer = await serve(script)
    socket = await io(peer.url)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda *_: socket.emit("log", "warned")
        socket.emit("many", *MANY)
    await peer.played()


def test_the_encoder_of_a_parser_with_and_without_a_hook() -> None:
    packet = sioc.Packet(2, data=["e", set])
    with pytest.raises(TypeError):
        sioc.parsers.json.with_options().Encoder().encode(packet)
    hooked = sioc.parsers.json.with_options(enc_hook=lambda value: value.__name__)
    assert hooked.Encoder().encode(packet) == ['2["e","set"]']

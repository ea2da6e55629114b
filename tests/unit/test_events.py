"""Declared events: what they emit, what they decode, how they refuse."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection


class Player(msgspec.Struct):
    name: str
    score: int = 0


class Game(sioc.Events):
    """The events of a game."""

    @sioc.incoming
    def state(self, tick: int, players: list[Player], note: str = "-") -> None: ...

    @sioc.incoming("ask name")
    def ask_name(self) -> str:
        """Ask who we are."""
        raise NotImplementedError

    @sioc.incoming
    def loose(self, anything) -> None: ...  # type: ignore[no-untyped-def]

    @sioc.outgoing
    def move(self, x: float, y: float = 0.5) -> None: ...

    @sioc.outgoing("room:join")
    def join(self, room: str) -> Player:
        raise NotImplementedError

    @sioc.outgoing
    def pair(self) -> tuple[int, str]:
        raise NotImplementedError


@pytest.fixture
def offline() -> Game:
    return Game(sioc.io("http://127.0.0.1:1", auto_connect=False, force_new=True))


async def test_emitting(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for text in ("[1.0,2.0]", "[1.0,0.5]", "[3.0,4.0]", "[5.0,0.5]", "[6.0,0.5]"):
            await conn.expect_text(f'42["move",{text[1:]}')
        await conn.expect_text('420["move",7.0,0.5]')
        conn.send_text('430["whatever"]')
        await conn.until_end()

    peer = await serve(script)
    game = Game(await io(peer.url))
    game.move.emit(1.0, 2.0)
    game.move.emit(1.0)
    game.move.emit(y=4.0, x=3.0)
    game.socket.emit_prepared(game.move.prepare(5.0))
    await asyncio.sleep(0)
    game.volatile.move.emit(6.0)
    game.volatile.move.emit(6.5)  # the second of a turn
    assert await game.move.emit_with_ack(7.0) is None
    await game.socket.disconnect()
    await peer.played()


async def test_acks_are_typed(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["room:join","lobby"]')
        await conn.expect_text('421["pair"]')
        await conn.expect_text('422["room:join","attic"]')
        conn.send_text('430[{"name":"ada","score":3}]', '431[1,"one"]', "432[5]")
        await conn.until_end()

    game = Game(await io((await serve(script)).url))
    joined, pair, wrong = await asyncio.gather(
        game.join.emit_with_ack("lobby"),
        game.pair.emit_with_ack(),
        game.join.emit_with_ack(room="attic"),
        return_exceptions=True,
    )
    assert joined == Player("ada", 3)
    assert pair == (1, "one")
    assert isinstance(wrong, sioc.ValidationError)


async def test_a_timeout_of_the_view_s(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.until_end()

    game = Game(await io((await serve(script)).url))
    with pytest.raises(sioc.AckTimeoutError):
        await game.timeout(0.02).join.emit_with_ack("lobby")


async def test_listening(
    serve: Serve, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    states = ['42["state",1,[{"name":"a"}]]', '42["state",2,[],"late","surplus"]']

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text(*states, '42["state","no",[]]', '421["ask name"]')
        await conn.expect_text('431["ada"]')
        conn.send_text('42["loose",{"a":1}]')
        await conn.until_end()

    socket = io((await serve(script)).url)
    game = Game(socket)
    seen: list[Any] = []
    done = asyncio.Event()

    @game.state.on
    def state(tick: int, players: list[Player], note: str) -> None:
        seen.append((tick, players, note))

    @game.state.once
    async def first(tick: int, players: list[Player], note: str) -> None:
        seen.append(tick)

    @game.ask_name.on
    async def ask_name() -> str:
        return "ada"

    @game.loose.on
    def loose(anything: Any) -> None:
        seen.append(anything)
        done.set()

    await socket
    await asyncio.wait_for(done.wait(), 5)
    assert sorted(seen, key=repr) == sorted(
        [(1, [Player("a")], "-"), 1, (2, [], "late"), {"a": 1}], key=repr
    )
    assert [type(context["exception"]) for context in loop_errors] == [
        sioc.ValidationError
    ]
    game.state.off(state)
    assert not socket.has_listeners("state")


async def test_streams(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["move",0,0.5]')
        conn.send_text('42["state",1,[]]', '42["loose",7]', '42["state",2,[]]')
        await conn.until_end()

    game = Game(await io((await serve(script)).url))
    async with game.state.stream(maxsize=5) as states:
        loose = asyncio.ensure_future(game.loose.wait_for(timeout=5))
        await asyncio.sleep(0)
        game.move.emit(0)
        assert (await loose).data == 7
        assert (await anext(states)).data == (1, [], "-")
        assert (await anext(states)).data == (2, [], "-")


def test_arguments_that_do_not_fit(offline: Game) -> None:
    move: Any = offline.move
    for args, kwargs in (((), {}), ((1, 2, 3), {}), ((1,), {"z": 1})):
        with pytest.raises(TypeError, match="argument"):
            move.emit(*args, **kwargs)
    assert offline.socket.send_buffer == []


def test_declarations_that_are_none() -> None:
    with pytest.raises(TypeError, match=r"rest: name each argument"):

        class Rest(sioc.Events):
            @sioc.outgoing
            def rest(self, *args: int) -> None: ...

    with pytest.raises(TypeError, match="positional"):

        class Keyword(sioc.Events):
            @sioc.incoming
            def keyword(self, *, a: int) -> None: ...


def test_types_that_cannot_be_found(offline: Game) -> None:
    class Local(msgspec.Struct):
        a: int

    class Hidden(sioc.Events):
        @sioc.incoming
        def hidden(self, a: Local) -> None: ...

    with pytest.raises(TypeError, match=r"Hidden\.hidden: .*'Local'.*known in its mod"):
        Hidden(offline.socket).hidden.on(lambda a: None)


def test_a_declaration_says_what_it_is(offline: Game) -> None:
    assert Game.ask_name.__doc__ == "Ask who we are."
    assert Game.ask_name.declaration.name == "ask name"
    assert repr(offline.join).startswith("<outgoing event 'room:join' of <Socket /")
    assert repr(offline.state).startswith("<incoming event 'state' of <Socket /")

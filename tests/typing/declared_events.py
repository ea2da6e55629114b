"""Events declared as a class: names complete, arguments are checked."""

import msgspec
from typing_extensions import assert_type

import sioc


class Player(msgspec.Struct):
    name: str


class Game(sioc.Events):
    @sioc.incoming
    def state(self, tick: int, players: list[Player]) -> None: ...

    @sioc.incoming
    def score(self, points: float) -> None: ...

    @sioc.incoming("are you there")
    def are_you_there(self) -> bool:
        raise NotImplementedError

    @sioc.outgoing
    def move(self, x: float, y: float = 0.0) -> None: ...

    @sioc.outgoing("room:join")
    def join(self, room: str) -> Player:
        raise NotImplementedError


async def play(socket: sioc.Socket) -> None:
    game = Game(socket)
    game.move.emit(1.0, 2.0)
    game.move.emit(1.0)
    game.move.emit(x=1.0, y=2.0)
    game.volatile.move.emit(1.0)
    assert_type(game.timeout(5), Game)
    assert_type(await game.timeout(5).volatile.join.emit_with_ack("lobby"), Player)
    assert_type(await game.move.emit_with_ack(1.0), None)
    socket.emit_prepared(game.move.prepare(1.0, y=2.0))
    assert_type(game.socket, sioc.Socket)


def refuse_to_emit(game: Game) -> None:
    game.move.emit("left")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    game.move.emit(1.0, 2.0, 3.0)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    game.move.emit(z=1.0)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    game.join.emit()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    game.mvoe.emit(1.0)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    game.state.emit(1, [])  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def listen(game: Game) -> None:
    @game.state.on
    def draw(tick: int, players: list[Player]) -> None: ...

    @game.state.on
    async def store(tick: int, players: list[Player]) -> None: ...

    @game.are_you_there.on
    def here() -> bool:
        return True

    @game.are_you_there.on
    async def soon() -> bool:
        return True

    draw(1, [])
    game.state.on(store, concurrency=1)
    game.state.once(draw)
    game.state.off(draw)
    game.state.off()


def refuse_to_listen(game: Game) -> None:
    def wrong(tick: str, players: list[Player]) -> None: ...

    def few(tick: int) -> None: ...

    game.state.on(wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    game.state.once(few)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    @game.are_you_there.on  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    def answer() -> str:
        return "yes"


async def stream(game: Game) -> None:
    async with game.state.stream(maxsize=10, overflow="error") as states:
        async for event in states:
            assert_type(event.data, tuple[int, list[Player]])
            tick, players = event.data
            assert_type(tick, int)
            assert_type(players[0], Player)
    async for scored in game.score.stream():
        assert_type(scored.data, float)
    assert_type((await game.score.wait_for(timeout=5)).data, float)
    assert_type((await game.state.wait_for()).data, tuple[int, list[Player]])
    async for asked in game.are_you_there.stream():
        assert_type(asked.data, None)
    assert_type((await game.are_you_there.wait_for()).data, None)

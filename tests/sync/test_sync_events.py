"""Declared events with blocking calls: they do what the async ones do, on the loop."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import msgspec
import pytest

import sioc
from sioc.testing import PeerProcess


class Player(msgspec.Struct):
    name: str
    score: int = 0


class Declarations:
    """What both classes have."""

    @sioc.incoming
    def echo(self, player: Player, likes: int = 7) -> None: ...

    @sioc.incoming("add")
    def add(self, a: int, b: int) -> int:
        raise NotImplementedError

    @sioc.incoming
    def answered(self, answer: int) -> None: ...

    @sioc.outgoing("echo")
    def send(self, player: Player, likes: int = 1) -> None: ...

    @sioc.outgoing("ack")
    def ask(self, player: Player) -> Player:
        raise NotImplementedError

    @sioc.outgoing("ask")
    def have_asked(self, event: str, a: int, b: int) -> None: ...

    @sioc.outgoing
    def sink(self, number: int) -> bool:
        raise NotImplementedError


class Game(Declarations, sioc.sync.Events): ...


class AsyncGame(Declarations, sioc.Events): ...


@pytest.fixture
def game(peer: PeerProcess) -> Iterator[Game]:
    with sioc.sync.io(peer.url) as socket:
        yield Game(socket)


def test_events_go_and_come_back_typed(game: Game) -> None:
    with game.echo.events(timeout=5) as echoes:
        game.send.emit(Player("ada"))
        game.send.emit(player=Player("bob", 2), likes=3)
        game.socket.emit_prepared(game.send.prepare(Player("eve")))
        game.socket.emit("echo", Player("zoe"))  # a default of the declaration
        data = [next(echoes).data for _ in range(4)]
    assert data == [
        (Player("ada"), 1),
        (Player("bob", 2), 3),
        (Player("eve"), 1),
        (Player("zoe"), 7),
    ]


def test_a_stream_ends_and_is_bounded(game: Game) -> None:
    events = game.echo.events(timeout=0.3, maxsize=2, overflow="drop_newest")
    for number in range(4):
        game.send.emit(Player("ada", number))
    assert [player.score for player, _ in (e.data for e in events)] == [0, 1]
    assert events.dropped == 2


def test_acks_are_typed(game: Game) -> None:
    assert game.ask.call(Player("ada", 5)) == Player("ada", 5)
    assert game.timeout(5).ask.emit_with_ack(Player("bob")) == Player("bob")
    with pytest.raises(sioc.AckTimeoutError):
        game.timeout(0.05).sink.call(1)
    with pytest.raises(sioc.ValidationError):
        game.ask.call("no player")  # type: ignore[arg-type]


def test_arguments_that_do_not_fit_the_declaration(game: Game) -> None:
    with pytest.raises(TypeError, match="player"):
        game.send.emit()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="too many"):
        game.ask.call(Player("ada"), 1)  # type: ignore[call-arg]


def test_listeners_run_on_the_loop_and_answer(game: Game) -> None:
    calls: queue.Queue[tuple[str, int, int]] = queue.Queue()

    @game.add.on
    def add(a: int, b: int) -> int:
        calls.put((threading.current_thread().name, a, b))
        return a + b

    with game.answered.events(timeout=5) as answers:
        game.have_asked.emit("add", 40, 2)
        assert next(answers).data == 42
    assert calls.get(timeout=5) == ("sioc", 40, 2)
    game.add.off(add)
    once = game.add.once(lambda a, b: a * b)
    assert once(2, 3) == 6
    assert len(game.socket.socket.listeners("add")) == 1
    game.add.off()
    assert not game.socket.socket.has_listeners("add")


def test_waiting_for_one(game: Game) -> None:
    threading.Timer(0.05, game.send.emit, [Player("ada")]).start()
    assert game.echo.wait_for(timeout=5).data == (Player("ada"), 1)
    with pytest.raises(TimeoutError):
        game.echo.wait_for(timeout=0.05)


def test_volatile_emits_are_dropped_while_not_connected(game: Game) -> None:
    game.socket.disconnect()
    game.volatile.send.emit(Player("lost"))
    game.send.emit(Player("held"))
    with game.echo.events(timeout=5) as echoes:
        game.socket.connect()
        assert next(echoes).data == (Player("held"), 1)


def test_one_class_of_declarations_serves_both(game: Game) -> None:
    other = AsyncGame(game.socket.socket)
    assert other.ask is not game.ask
    assert repr(game.ask) == f"<blocking {other.ask!r}>"
    assert repr(game.echo) == f"<blocking {other.echo!r}>"
    assert Game.ask.__doc__ == Declarations.ask.__doc__

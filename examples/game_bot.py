"""A game bot: its events declared once, known to the editor and the type checker.

A server to try it with:  python -m sioc.testing --port 3000
"""

import sys

import msgspec

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"


class Player(msgspec.Struct):
    name: str
    x: float
    y: float


class Room(msgspec.Struct):
    name: str
    places: int = 4


class Game(sioc.Events):
    """What the game and its clients tell each other."""

    @sioc.incoming
    def state(self, turn: int, players: list[Player]) -> None: ...

    @sioc.incoming("your turn")
    def your_turn(self, seconds: float) -> str:
        """Ask for a move; the acknowledgement is the move."""
        raise NotImplementedError

    @sioc.outgoing
    def move(self, dx: float, dy: float = 0.0) -> None: ...

    @sioc.outgoing("room:join")
    def join(self, room: Room) -> Room:
        """Join a room; the acknowledgement is the room as it is then."""
        raise NotImplementedError


def play_server(socket: sioc.Socket) -> None:
    """Have the test peer say what a game would say."""
    ada, bob = Player("ada", 0, 0), Player("bob", 3, 4)
    socket.emit("flood", 1, "state", 1, [ada, bob])


def ask_for_a_move(socket: sioc.Socket) -> None:
    """Have the test peer ask what a game would ask."""
    socket.emit("ask", "your turn", 0.5)


async def main() -> None:
    async with sioc.io(URL) as socket:
        game = Game(socket)

        @game.your_turn.on
        def choose(seconds: float) -> str:
            print(f"my turn, {seconds} s to choose")
            return "north"

        room = await game.timeout(5).join.emit_with_ack(Room("lobby"))
        print(f"joined {room.name} with {room.places} places")

        # Declared, so it can be misspelled in no place: game.stat is an error.
        async with game.state.stream() as states, socket.stream("answered") as answers:
            play_server(socket)
            turn, players = (await anext(states)).data
            for player in players:
                print(f"turn {turn}: {player.name} is at {player.x}, {player.y}")
            ask_for_a_move(socket)
            print("I went", (await anext(answers)).data)

        # Old news in the next turn: dropped rather than sent late.
        game.volatile.move.emit(1.0, dy=-0.5)


sioc.run(main())

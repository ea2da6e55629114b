"""The price of an ack callback: registered by an emit, resolved by the answer.

sioc's emits are encoded into the buffer of a connection that never writes, and its
answers are read from their text; python-socketio's table of callbacks is used alone,
which spares it both.
"""

import asyncio
import contextlib
from collections.abc import Callable

import pytest
import socketio  # type: ignore[import-untyped]
from pytest_benchmark.fixture import BenchmarkFixture

import sioc
from sioc._buffer import WriteBuffer
from sioc._router import Router
from sioc._session import Session
from sioc._wire import Wire
from sioc.listening import Listening

ROUNDS = 50
PACKETS = 1_000
MOST_BYTES = 1 << 30
JOIN = b'0{}\x1e40{"sid":"socket"}'


class Joined(Session):
    """An Engine.IO session without a transport."""

    def _on_first_packet(self, _packet: bytes) -> None:
        self._begin(300.0, 300.0)


class Namespace(Listening):
    """A namespace that is connected when the peer says so."""

    def __init__(self, *_args: object) -> None:
        super().__init__()

    def _on_control(self, _kind: int, _data: object) -> None:
        self._open()


def ignore(_answer: int) -> None:
    pass


def own(pending: int) -> Callable[[], object]:
    """Return what has sioc register an ack and resolve the oldest pending one."""
    wire = Wire(sioc.Limits(max_pending_acks=pending + 1))
    wire.bind()
    router = Router(wire)
    namespace = Namespace("/", wire, None, 0)
    router._attach(namespace)
    session = Joined(router)
    outlet = WriteBuffer(wire.loop, MOST_BYTES, MOST_BYTES)
    session._use(outlet)
    wire.open(outlet)
    namespace._join()
    session._feed_payload(bytearray(JOIN))
    for _ in range(pending):
        namespace.emit("tick", 1, ack=ignore)
    # One is checked first, and pytest-benchmark ends with another.
    count = ROUNDS * PACKETS + 2
    answers = iter([bytearray(b"43%d[1]" % number) for number in range(count)])

    def turn() -> int:
        namespace.emit("tick", 1, ack=ignore)
        session._feed_payload(next(answers))
        return namespace.acks_pending

    return turn


def theirs(pending: int) -> Callable[[], object]:
    """Return what has python-socketio do the same."""
    client = socketio.AsyncClient(handle_sigint=False)
    for _ in range(pending):
        client._generate_ack_id("/", ignore)

    def turn() -> int:
        number = client._generate_ack_id("/", ignore)
        with contextlib.suppress(StopIteration):
            client._handle_ack("/", number - pending, [1]).send(None)
        # One of the entries is the counter.
        return len(client.callbacks["/"]) - 1

    return turn


@pytest.mark.parametrize("pending", [0, 10_000])
@pytest.mark.parametrize("library", [own, theirs], ids=["sioc", "python-socketio"])
def test_ack(
    benchmark: BenchmarkFixture,
    library: Callable[[int], Callable[[], object]],
    pending: int,
) -> None:
    async def measure() -> None:
        turn = library(pending)
        assert turn() == pending
        benchmark.pedantic(turn, rounds=ROUNDS, iterations=PACKETS)

    benchmark.group = f"ack, {pending:,} pending"
    asyncio.run(measure())

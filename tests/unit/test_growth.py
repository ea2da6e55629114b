"""What must not take longer the more there is of it, by counting operations."""

from __future__ import annotations

from typing import ClassVar

import pytest

import sioc

MANY = 2_000


class Counted:
    """A listener that counts how often one of them is compared with another."""

    compared: ClassVar[int] = 0

    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, value: int) -> None:
        pass

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return isinstance(other, Counted) and other.number == self.number


class Unhashable:
    __hash__ = None  # type: ignore[assignment]

    def __call__(self, value: int) -> None:
        pass

    def __eq__(self, other: object) -> bool:
        return self is other


@pytest.mark.parametrize("backwards", [False, True])
def test_removing_listeners_one_by_one(backwards: bool) -> None:
    emitter = sioc.EventEmitter()
    for number in range(MANY):
        emitter.on("tick", Counted(number))
    Counted.compared = 0
    numbers = list(range(MANY))
    for number in reversed(numbers) if backwards else numbers:
        emitter.off("tick", Counted(number))
    assert not emitter.has_listeners("tick")
    # Equal ones and not the same: found by hash, then compared once more.
    assert Counted.compared <= 3 * MANY


def test_many_listeners_keep_their_order() -> None:
    emitter = sioc.EventEmitter()
    numbers = [number % 150 for number in range(300)]
    for number in numbers:
        emitter.on("tick", Counted(number))
    for number in range(0, 150, 3):
        emitter.off("tick", Counted(number))
    wanted = [n for i, n in enumerate(numbers) if i >= 150 or n % 3]
    emitter.on("tick", Counted(1000))
    assert [listener.number for listener in emitter.listeners("tick")] == [  # type: ignore[attr-defined]
        *wanted,
        1000,
    ]


def test_many_listeners_without_a_hash() -> None:
    emitter = sioc.EventEmitter()
    listeners = [Unhashable() for _ in range(100)]
    for listener in listeners:
        emitter.on("tick", listener)
    emitter.off("tick", listeners[70]).off("tick", Unhashable())
    assert emitter.listeners("tick") == listeners[:70] + listeners[71:]


def test_many_catch_alls_put_first() -> None:
    socket = sioc.io("http://127.0.0.1:1", auto_connect=False, force_new=True)
    listeners = [Counted(number) for number in range(100)]
    for listener in listeners:
        socket.prepend_any(listener)
    socket.off_any(listeners[0]).off_any(Counted(60))
    socket.prepend_any(listeners[0])
    del listeners[60]
    assert socket.listeners_any() == [listeners[0], *reversed(listeners[1:])]

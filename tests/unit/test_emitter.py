"""The emitter: registering listeners, removing them, and the object itself."""

from __future__ import annotations

import gc
import logging
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from sioc import EventEmitter


class Calls(list[Any]):
    """What was called, in order."""

    def listener(self, name: str) -> Callable[..., None]:
        """Return a listener that notes its name."""
        return lambda: self.append(name)


@pytest.fixture
def emitter() -> EventEmitter:
    return EventEmitter()


@pytest.fixture
def calls() -> Calls:
    return Calls()


# Registration.


def test_listeners_are_called_in_the_order_of_registration(
    emitter: EventEmitter, calls: Calls
) -> None:
    for name in "cab":
        emitter.on("e", calls.listener(name))
    emitter.emit("e")
    emitter.emit("e")
    assert calls == [*"cab", *"cab"]


def test_events_do_not_mix(emitter: EventEmitter, calls: Calls) -> None:
    names = ["", "e", "E", "e ", "é", "1", "error", "connect", "newListener"]
    for name in names:
        emitter.on(name, calls.listener(name))
    for name in names:
        emitter.emit(name)
    emitter.emit("nobody listens")
    assert calls == names


def test_emit_hands_over_every_argument(emitter: EventEmitter, calls: Calls) -> None:
    emitter.on("e", lambda *args: calls.append(args))
    values = (None, 0, "", [], {}, b"x", object())
    emitter.emit("e")
    emitter.emit("e", *values)
    assert calls == [(), values]


def test_the_same_function_registered_twice_is_called_twice(
    emitter: EventEmitter, calls: Calls
) -> None:
    listener = calls.listener("a")
    emitter.on("e", listener).on("e", listener)
    emitter.emit("e")
    assert calls == ["a", "a"]
    emitter.off("e", listener).emit("e")
    assert calls == ["a", "a", "a"]


def test_once_is_called_once(emitter: EventEmitter, calls: Calls) -> None:
    emitter.once("e", calls.listener("once"))
    emitter.emit("e")
    emitter.emit("e")
    assert calls == ["once"]
    assert not emitter.has_listeners("e")


def test_a_once_listener_is_gone_before_it_is_called(emitter: EventEmitter) -> None:
    seen: list[bool] = []
    emitter.once("e", lambda: seen.append(emitter.has_listeners("e")))
    emitter.emit("e")
    assert seen == [False]


def test_a_once_listener_that_raises_is_gone(emitter: EventEmitter) -> None:
    def fail() -> None:
        raise KeyError("listener")

    emitter.once("e", fail)
    logging.disable()
    try:
        emitter.emit("e")
    finally:
        logging.disable(logging.NOTSET)
    assert not emitter.has_listeners("e")


def test_on_and_once_are_decorators(emitter: EventEmitter, calls: Calls) -> None:
    @emitter.on("e")
    def always() -> None:
        calls.append("always")

    @emitter.once("e")
    def once() -> None:
        calls.append("once")

    emitter.emit("e")
    emitter.emit("e")
    assert calls == ["always", "once", "always"]
    always()  # the decorator returns the function itself
    assert emitter.listeners("e") == [always]


def test_a_decorator_may_be_kept_and_used_again(
    emitter: EventEmitter, calls: Calls
) -> None:
    register = emitter.on("e")
    assert not emitter.has_listeners("e")
    for name in "ab":
        register(calls.listener(name))
    emitter.emit("e")
    assert calls == ["a", "b"]


def test_every_change_returns_the_emitter(emitter: EventEmitter) -> None:
    assert emitter.on("e", print) is emitter
    assert emitter.once("e", print) is emitter
    assert emitter.off("e", print) is emitter
    assert emitter.off("e") is emitter
    assert emitter.off("nothing", print) is emitter
    assert emitter.off() is emitter


@pytest.mark.parametrize("fn", [1, "print", [], object()])
def test_a_listener_must_be_callable(emitter: EventEmitter, fn: Any) -> None:
    for register in (emitter.on, emitter.once):
        with pytest.raises(TypeError, match="callable"):
            register("e", fn)
        with pytest.raises(TypeError, match="callable"):
            register("e")(fn)
    assert not emitter.has_listeners("e")


@pytest.mark.parametrize("event", [None, 1, b"e", object()])
def test_an_event_is_named_by_text(emitter: EventEmitter, event: Any) -> None:
    for method in (emitter.on, emitter.once):
        with pytest.raises(TypeError):
            method(event, print)
    for method in (emitter.emit, emitter.listeners, emitter.has_listeners):
        with pytest.raises(TypeError):
            method(event)


# Removal.


def test_off_removes_the_first_registration_only(
    emitter: EventEmitter, calls: Calls
) -> None:
    a, b = calls.listener("a"), calls.listener("b")
    emitter.on("e", a).on("e", b).on("e", a)
    emitter.off("e", a).emit("e")
    assert calls == ["b", "a"]


def test_off_finds_a_once_listener_by_its_function(
    emitter: EventEmitter, calls: Calls
) -> None:
    listener = calls.listener("a")
    emitter.once("e", listener).on("e", listener)
    emitter.off("e", listener)
    emitter.emit("e")
    emitter.emit("e")
    assert calls == ["a", "a"]


def test_off_finds_a_bound_method(emitter: EventEmitter, calls: Calls) -> None:
    emitter.on("e", calls.append)
    emitter.off("e", calls.append)
    emitter.emit("e", 1)
    assert calls == []


def test_off_an_event_or_everything(emitter: EventEmitter, calls: Calls) -> None:
    for event in ("a", "b", "c"):
        emitter.on(event, calls.listener(event)).once(event, calls.listener(event))
    emitter.off("a")
    for event in ("a", "b", "c"):
        emitter.emit(event)
    assert calls == ["b", "b", "c", "c"]
    emitter.off()
    for event in ("a", "b", "c"):
        emitter.emit(event)
        assert not emitter.has_listeners(event)
    assert len(calls) == 4


def test_off_a_function_needs_its_event(emitter: EventEmitter, calls: Calls) -> None:
    emitter.on("a", print)
    with pytest.raises(TypeError, match="name the event that <built-in function print"):
        emitter.off(fn=print)
    assert emitter.listeners("a") == [print]


def test_off_what_was_never_on(emitter: EventEmitter, calls: Calls) -> None:
    emitter.off("e").off("e", print).off()
    emitter.on("e", calls.listener("a")).off("e", print)
    emitter.emit("e")
    assert calls == ["a"]


def test_listeners_are_the_functions_in_order(emitter: EventEmitter) -> None:
    assert emitter.listeners("e") == []
    emitter.on("e", print).once("e", repr).on("e", print)
    assert emitter.listeners("e") == [print, repr, print]
    emitter.listeners("e").clear()
    assert emitter.listeners("e") == [print, repr, print]


def test_has_listeners(emitter: EventEmitter) -> None:
    assert not emitter.has_listeners("e")
    emitter.on("e", print).on("e", repr)
    emitter.off("e", print)
    assert emitter.has_listeners("e")
    assert not emitter.has_listeners("E")
    emitter.off("e", repr)
    assert not emitter.has_listeners("e")


class Counted:
    """A listener that counts how often any of its kind is compared."""

    comparisons = 0

    def __call__(self) -> None: ...

    def __eq__(self, other: object) -> bool:
        Counted.comparisons += 1
        return self is other

    __hash__ = object.__hash__


@pytest.mark.parametrize("order", [1, -1], ids=["oldest first", "newest first"])
def test_removing_thousands_one_by_one_is_not_quadratic(
    emitter: EventEmitter, order: int
) -> None:
    count = 2_000
    listeners = [Counted() for _ in range(count)]
    for listener in listeners:
        emitter.on("e", listener)
    Counted.comparisons = 0
    for listener in listeners[::order]:
        emitter.off("e", listener)
    assert not emitter.has_listeners("e")
    assert Counted.comparisons <= 20 * count


# The object.


def test_a_subclass_has_its_own_arguments(calls: Calls) -> None:
    class Door(EventEmitter):
        def __init__(self, name: str, *, wide: bool) -> None:
            self.name = name
            self.wide = wide

    door = Door("front", wide=True)
    door.on("open", lambda: calls.append(door.name)).emit("open")
    assert calls == ["front"]


def test_an_emitter_in_a_cycle_is_collected() -> None:
    class Owner:
        def __init__(self) -> None:
            self.emitter = EventEmitter()
            self.emitter.on("e", self.listen).once("e", lambda: self.listen())
            self.emitter.emit("e")

        def listen(self) -> None: ...

    owner = Owner()
    dead = [weakref.ref(owner), weakref.ref(owner.emitter)]
    del owner
    gc.collect()
    assert [ref() for ref in dead] == [None, None]


def test_a_listener_that_was_removed_is_let_go(emitter: EventEmitter) -> None:
    class Listener:
        def __call__(self) -> None: ...

    listeners = [Listener() for _ in range(3)]
    dead = [weakref.ref(listener) for listener in listeners]
    emitter.on("e", listeners[0]).once("e", listeners[1]).on("e", listeners[2])
    emitter.off("e", listeners[0]).emit("e")
    emitter.off("e")
    listeners.clear()
    gc.collect()
    assert [ref() for ref in dead] == [None] * 3

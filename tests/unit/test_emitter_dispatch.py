"""The dispatch of an event: what a change of the listeners meanwhile means (0.5.3)."""

from __future__ import annotations

import subprocess
import sys
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


def test_a_listener_removed_during_the_dispatch_still_runs(
    emitter: EventEmitter, calls: Calls
) -> None:
    last = calls.listener("last")

    def first() -> None:
        calls.append("first")
        emitter.off("e", last)

    emitter.on("e", first).on("e", last)
    emitter.emit("e")
    assert calls == ["first", "last"]
    emitter.emit("e")
    assert calls == ["first", "last", "first"]


@pytest.mark.parametrize("remove", [lambda e: e.off("e"), lambda e: e.off()])
def test_all_listeners_removed_during_the_dispatch_still_run(
    emitter: EventEmitter, calls: Calls, remove: Callable[[EventEmitter], Any]
) -> None:
    emitter.on("e", lambda: remove(emitter))
    emitter.on("e", calls.listener("on")).once("e", calls.listener("once"))
    emitter.emit("e")
    emitter.emit("e")
    assert calls == ["on", "once"]
    assert not emitter.has_listeners("e")


def test_a_listener_added_during_the_dispatch_waits_for_the_next(
    emitter: EventEmitter, calls: Calls
) -> None:
    emitter.once("e", lambda: emitter.on("e", calls.listener("new")))
    emitter.emit("e")
    assert calls == []
    emitter.emit("e")
    assert calls == ["new"]


def test_an_event_registered_anew_during_its_dispatch(
    emitter: EventEmitter, calls: Calls
) -> None:
    def renew() -> None:
        emitter.off("e").on("e", calls.listener("new"))

    emitter.on("e", renew).on("e", calls.listener("old"))
    emitter.emit("e")
    assert calls == ["old"]
    emitter.emit("e")
    assert calls == ["old", "new"]


def test_every_dispatch_has_a_snapshot_of_its_own(
    emitter: EventEmitter, calls: Calls
) -> None:
    depth = 0

    def nest() -> None:
        nonlocal depth
        depth += 1
        if depth <= 3:
            emitter.on("e", calls.listener(str(depth)))
            emitter.emit("e")
        calls.append("|")

    emitter.on("e", nest)
    emitter.emit("e")
    # Depth 4 sees the listeners 1 to 3, depth 3 those that were there when it began ...
    assert calls == [*"|123", *"|12", *"|1", "|"]
    calls.clear()
    emitter.emit("e")
    assert calls == [*"|123"]


def test_a_once_listener_runs_once_however_dispatches_nest(
    emitter: EventEmitter, calls: Calls
) -> None:
    def again() -> None:
        if not calls:
            calls.append("again")
            emitter.emit("e")

    emitter.on("e", again).once("e", calls.listener("once"))
    emitter.emit("e")
    assert calls == ["again", "once"]


def test_a_once_listener_may_register_itself_again(
    emitter: EventEmitter, calls: Calls
) -> None:
    def listener() -> None:
        calls.append("a")
        emitter.once("e", listener)

    emitter.once("e", listener)
    for _ in range(3):
        emitter.emit("e")
    assert calls == ["a"] * 3
    assert emitter.listeners("e") == [listener]


def test_thousands_of_once_listeners_in_one_dispatch(
    emitter: EventEmitter, calls: Calls
) -> None:
    for number in range(5_000):
        emitter.once("e", lambda number=number: calls.append(number))
    emitter.emit("e")
    emitter.emit("e")
    assert calls == list(range(5_000))


def test_what_stops_the_program_stops_the_dispatch(
    emitter: EventEmitter, calls: Calls
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    emitter.once("e", interrupt).on("e", calls.listener("a"))
    with pytest.raises(KeyboardInterrupt):
        emitter.emit("e")
    assert calls == []
    # A snapshot is taken as before.
    emitter.once("e", lambda: emitter.on("e", calls.listener("new")))
    emitter.emit("e")
    assert calls == ["a"]


FORWARDING = """
import logging
from functools import partial
from sioc import EventEmitter
logging.disable()
one, two = EventEmitter(), EventEmitter()
one.on("e", partial(two.emit, "e"))
two.on("e", {back})
one.emit("e")
"""


@pytest.mark.parametrize("back", ["partial(one.emit, 'e')", "lambda: one.emit('e')"])
def test_emitters_that_forward_to_each_other_do_not_crash(back: str) -> None:
    # An error of the program's; it must not take the interpreter with it.
    code = FORWARDING.format(back=back)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode >= 0

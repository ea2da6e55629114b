"""The state machines: what their tables say of the life of each part."""

from __future__ import annotations

import pytest

from sioc import state
from sioc.state import ENGINE, MANAGER, SOCKET, Machine, Table

TABLES = {"engine": ENGINE, "manager": MANAGER, "socket": SOCKET}
FIRST = {"engine": "opening", "manager": "closed", "socket": "idle"}


def states(table: Table) -> set[str]:
    """Return every state a table names."""
    return {origin for origin, _ in table} | set(table.values())


def reachable(table: Table, first: str) -> set[str]:
    """Return the states that can be come to."""
    found, pending = {first}, [first]
    while pending:
        current = pending.pop()
        for (origin, _), target in table.items():
            if origin == current and target not in found:
                found.add(target)
                pending.append(target)
    return found


@pytest.mark.parametrize("name", TABLES)
def test_every_state_can_be_come_to(name: str) -> None:
    assert reachable(TABLES[name], FIRST[name]) == states(TABLES[name])


@pytest.mark.parametrize("name", ["manager", "socket"])
def test_every_state_can_be_left(name: str) -> None:
    # Manager and Socket may be opened again for ever; an engine ends.
    table = TABLES[name]
    for first in states(table):
        assert FIRST[name] in reachable(table, first)


def test_an_engine_ends_once() -> None:
    for first in states(ENGINE):
        assert "closed" in reachable(ENGINE, first)
    assert not [event for origin, event in ENGINE if origin == "closed"]


def test_a_machine_follows_its_table() -> None:
    for table in TABLES.values():
        for (origin, event), target in table.items():
            machine = Machine(table, origin)
            assert machine.can(event)
            assert machine.apply(event) == target
            assert machine.state == target


@pytest.mark.parametrize("name", TABLES)
def test_what_is_not_in_the_table_cannot_happen(name: str) -> None:
    table = TABLES[name]
    events = {event for _, event in table} | {"unheard of", ""}
    for origin in states(table):
        for event in events:
            if (origin, event) in table:
                continue
            machine = Machine(table, origin)
            assert not machine.can(event)
            with pytest.raises(KeyError):
                machine.apply(event)
            assert machine.state == origin


def test_two_machines_of_a_table_are_apart() -> None:
    one, two = Machine(SOCKET, "idle"), Machine(SOCKET, "idle")
    one.apply("connect")
    assert (one.state, two.state) == ("waiting", "idle")


def lives(table: Table, first: str, *events: str) -> str:
    """Return the state after some events."""
    machine = Machine(table, first)
    for event in events:
        machine.apply(event)
    return machine.state


@pytest.mark.parametrize(
    ("events", "last"),
    [
        (("connect", "ask", "accepted"), "connected"),
        (("connect", "ask", "accepted", "lost"), "waiting"),
        (("connect", "ask", "lost", "ask", "accepted"), "connected"),
        (("connect", "ask", "refused"), "idle"),
        # A refused auth function: CONNECT was never sent.
        (("connect", "refused"), "idle"),
        (("connect", "ask", "accepted", "disconnect"), "idle"),
        # Q37: the answer to a CONNECT nobody waits for any more.
        (("connect", "ask", "disconnect", "accepted"), "idle"),
        (("connect", "ask", "disconnect", "connect", "accepted"), "connected"),
        (("connect", "ask", "disconnect", "connect", "disconnect"), "abandoned"),
        (("connect", "ask", "disconnect", "lost"), "idle"),
    ],
)
def test_lives_of_a_socket(events: tuple[str, ...], last: str) -> None:
    assert lives(SOCKET, "idle", *events) == last


@pytest.mark.parametrize(
    ("events", "last"),
    [
        (("open", "opened"), "open"),
        (("open", "failed", "wait", "attempt", "opened"), "open"),
        (("open", "failed", "wait", "attempt", "failed", "wait"), "waiting"),
        (("open", "opened", "lost", "wait", "attempt", "opened"), "open"),
        (("open", "opened", "close"), "closed"),
        (("open", "close"), "closed"),
        (("open", "failed", "wait", "close"), "closed"),
        (("open", "failed", "wait", "attempt", "close"), "closed"),
        (("open", "failed", "give up"), "closed"),
        # A listener may decide what follows a loss.
        (("open", "opened", "lost", "close"), "closed"),
        (("open", "failed", "open", "opened"), "open"),
        # Q4: open() while waiting is an attempt of its own.
        (("open", "failed", "wait", "open", "opened"), "open"),
    ],
)
def test_lives_of_a_manager(events: tuple[str, ...], last: str) -> None:
    assert lives(MANAGER, "closed", *events) == last


@pytest.mark.parametrize(
    ("events", "last"),
    [
        (("handshake", "close", "end"), "closed"),
        (("handshake", "end"), "closed"),
        (("end",), "closed"),
    ],
)
def test_lives_of_an_engine(events: tuple[str, ...], last: str) -> None:
    assert lives(ENGINE, "opening", *events) == last


def test_the_engine_s_states_are_the_public_ones() -> None:
    assert states(ENGINE) == {"opening", "open", "closing", "closed"}
    assert {name for name in vars(state) if name.isupper()} == {
        "ENGINE",
        "MANAGER",
        "SOCKET",
        "UPGRADE",
    }

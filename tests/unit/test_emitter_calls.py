"""How the emitter calls a listener: arity, what it raises, what it returns."""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from sioc import EventEmitter

Errors = list[dict[str, Any]]
Call = Callable[..., None]

seen: list[Any] = []


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


@pytest.fixture
def emitter() -> EventEmitter:
    return EventEmitter()


# Arity: as many arguments as the listener can take. Each notes what it was given.


def none() -> None:
    seen.append(())


def one(a: Any) -> None:
    seen.append((a,))


def two(a: Any, b: Any) -> None:
    seen.append((a, b))


def only_positional(a: Any, b: Any, /) -> None:
    seen.append((a, b))


def defaults(a: Any, b: Any = "b", c: Any = "c") -> None:
    seen.append((a, b, c))


def rest(a: Any, *args: Any) -> None:
    seen.append((a, *args))


def keywords(a: Any, *, k: Any = "k", **more: Any) -> None:
    seen.append((a, k, more))


def anything(*args: Any, **kwargs: Any) -> None:
    seen.append((args, kwargs))


def passing(fn: Call) -> Call:
    @functools.wraps(fn)
    def wrapper(a: Any) -> None:
        fn(a, "added")

    return wrapper


class Methods:
    def bound(self, a: Any) -> None:
        seen.append((a,))

    @classmethod
    def of_class(cls, a: Any) -> None:
        seen.append((a,))

    @staticmethod
    def static(a: Any) -> None:
        seen.append((a,))

    def __call__(self, a: Any) -> None:
        seen.append((a,))


class Made:
    def __init__(self, a: Any) -> None:
        seen.append((a,))


METHODS = Methods()

# A listener, and what it notes of the arguments 1, 2, 3.
LISTENERS = [
    pytest.param(none, (), id="none"),
    pytest.param(one, (1,), id="one"),
    pytest.param(two, (1, 2), id="two"),
    pytest.param(only_positional, (1, 2), id="only positional"),
    pytest.param(defaults, (1, 2, 3), id="defaults"),
    pytest.param(rest, (1, 2, 3), id="rest"),
    pytest.param(keywords, (1, "k", {}), id="keywords"),
    pytest.param(anything, ((1, 2, 3), {}), id="anything"),
    pytest.param(lambda a: seen.append((a,)), (1,), id="lambda"),
    pytest.param(METHODS.bound, (1,), id="bound method"),
    pytest.param(METHODS.of_class, (1,), id="class method"),
    pytest.param(METHODS.static, (1,), id="static method"),
    pytest.param(METHODS, (1,), id="callable object"),
    pytest.param(Made, (1,), id="class"),
    pytest.param(seen.append, 1, id="builtin method"),
    pytest.param(functools.partial(two, "p"), ("p", 1), id="partial"),
    pytest.param(functools.partial(two, b="p"), (1, "p"), id="partial by keyword"),
    pytest.param(functools.partial(METHODS.bound), (1,), id="partial of a method"),
    pytest.param(passing(two), (1, "added"), id="decorated"),
    pytest.param(functools.cache(one), (1,), id="cached"),
    pytest.param(staticmethod(one), (1,), id="static method object"),
]


@pytest.mark.parametrize(("listener", "expected"), LISTENERS)
def test_surplus_arguments_are_dropped(
    emitter: EventEmitter, listener: Call, expected: Any
) -> None:
    emitter.on("e", listener).emit("e", 1, 2, 3)
    assert seen == [expected]


@pytest.mark.parametrize("register", [EventEmitter.on, EventEmitter.once])
def test_defaults_stand_in_for_missing_arguments(
    emitter: EventEmitter, register: Callable[..., Any]
) -> None:
    register(emitter, "e", defaults)
    register(emitter, "e", rest)
    emitter.emit("e", 1)
    assert seen == [(1, "b", "c"), (1,)]


def test_each_listener_gets_as_many_as_it_takes(emitter: EventEmitter) -> None:
    for listener in (two, none, rest, one, two):
        emitter.on("e", listener)
    emitter.emit("e", 1, 2, 3)
    assert seen == [(1, 2), (), (1, 2, 3), (1,), (1, 2)]


@pytest.mark.parametrize(
    ("listener", "args", "words"),
    [
        (one, (), "sent 0 arguments, the listener needs 1"),
        (two, (1,), "sent 1 argument, the listener needs 2"),
        (two, (), "sent 0 arguments, the listener needs 2"),
        (defaults, (), "sent 0 arguments, the listener needs 1"),
        (rest, (), "sent 0 arguments, the listener needs 1"),
        (METHODS.bound, (), "sent 0 arguments, the listener needs 1"),
        (Made, (), "sent 0 arguments, the listener needs 1"),
        (functools.partial(two, 1), (), "sent 0 arguments, the listener needs 1"),
    ],
)
@pytest.mark.parametrize("register", [EventEmitter.on, EventEmitter.once])
async def test_missing_arguments_are_reported_in_words(
    emitter: EventEmitter,
    loop_errors: Errors,
    register: Callable[..., Any],
    listener: Call,
    args: tuple[Any, ...],
    words: str,
) -> None:
    register(emitter, "e", listener)
    emitter.on("e", anything)
    emitter.emit("e", *args)
    assert seen == [(args, {})]
    (context,) = loop_errors
    assert isinstance(context["exception"], TypeError)
    assert words in str(context["exception"])
    assert context["listener"] == listener


async def test_a_type_error_inside_a_listener_is_its_own(
    emitter: EventEmitter, loop_errors: Errors
) -> None:
    def listener(a: Any) -> None:
        two(a)  # type: ignore[call-arg]

    emitter.on("e", listener).emit("e", 1)
    assert "missing 1 required positional argument" in str(loop_errors[0]["exception"])


# What a listener raises.


@pytest.mark.parametrize(
    "error", [ValueError("bad"), asyncio.CancelledError(), StopIteration(), OSError(5)]
)
async def test_an_exception_is_reported_and_goes_no_further(
    emitter: EventEmitter, loop_errors: Errors, error: BaseException
) -> None:
    def fail() -> None:
        raise error

    emitter.on("e", none).once("e", fail).on("e", fail).on("e", none)
    emitter.emit("e")
    assert seen == [(), ()]
    assert [context["exception"] for context in loop_errors] == [error, error]
    for context in loop_errors:
        assert context["event"] == "e"
        assert context["listener"] is fail
        assert context["emitter"] is emitter
        assert "fail" in context["message"]
        assert "'e'" in context["message"]


async def test_a_report_shows_a_strange_event_name_as_a_literal(
    emitter: EventEmitter, loop_errors: Errors
) -> None:
    def fail() -> None:
        raise ValueError

    name = "new\nline \x1b[31m"
    emitter.on(name, fail).emit(name)
    assert repr(name) in loop_errors[0]["message"]
    assert "\n" not in loop_errors[0]["message"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_is_not_caught(
    emitter: EventEmitter, error: type[BaseException]
) -> None:
    def stop() -> None:
        raise error

    emitter.on("e", stop).on("e", none)
    with pytest.raises(error):
        emitter.emit("e")
    assert seen == []


def test_without_a_loop_an_exception_is_logged(
    emitter: EventEmitter, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ValueError("bad")

    emitter.on("e", fail).on("e", none).emit("e")
    assert seen == [()]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("sioc", logging.ERROR)
    assert "fail" in record.message
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ValueError)


def test_without_a_loop_a_coroutine_listener_is_an_error_and_no_more(
    emitter: EventEmitter, caplog: pytest.LogCaptureFixture
) -> None:
    async def listener() -> None:
        seen.append("ran")

    emitter.on("e", listener).on("e", none)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        emitter.emit("e")
        gc.collect()
    assert seen == [()]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    # Nobody can await it: it is closed, not left to the garbage collector.
    assert [str(warning.message) for warning in caught] == []


# Coroutine listeners.


async def test_a_coroutine_listener_runs_as_a_task(emitter: EventEmitter) -> None:
    done = asyncio.Event()

    async def listener(a: Any) -> None:
        seen.append(a)
        await asyncio.sleep(0)
        seen.append(asyncio.current_task())
        done.set()

    emitter.on("e", listener).emit("e", 1, 2)
    await asyncio.wait_for(done.wait(), 5)
    assert seen[0] == 1
    assert seen[1] is not asyncio.current_task()


async def test_coroutine_listeners_start_in_the_order_of_events(
    emitter: EventEmitter,
) -> None:
    done = asyncio.Event()

    async def listener(number: int) -> None:
        seen.append(number)
        await asyncio.sleep(0)
        if number == 9:
            done.set()

    emitter.on("e", listener)
    for number in range(10):
        emitter.emit("e", number)
    await asyncio.wait_for(done.wait(), 5)
    assert seen == list(range(10))


class AsyncCallable:
    async def __call__(self, a: Any) -> None:
        seen.append(a)


async def plain_coroutine(a: Any) -> None:
    seen.append(a)


@pytest.mark.parametrize(
    "listener",
    [
        AsyncCallable(),
        functools.partial(plain_coroutine),
        lambda a: plain_coroutine(a),
        lambda a: asyncio.ensure_future(plain_coroutine(a)),
    ],
    ids=["callable object", "partial", "lambda", "future"],
)
async def test_whatever_can_be_awaited_is(
    emitter: EventEmitter, listener: Callable[..., Any]
) -> None:
    emitter.on("e", listener).emit("e", 1)
    # None, where tasks are eager and the coroutine does not wait.
    started = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.wait_for(asyncio.gather(*started), timeout=5)
    assert seen == [1]


async def test_a_running_coroutine_is_held(emitter: EventEmitter) -> None:
    done = asyncio.Event()
    inner: list[weakref.ref[asyncio.Future[None]]] = []

    async def listener() -> None:
        # Nothing but the task refers to this future.
        future = asyncio.get_running_loop().create_future()
        inner.append(weakref.ref(future))
        await future
        done.set()

    emitter.once("e", listener).emit("e")
    await asyncio.sleep(0)
    gc.collect()
    future = inner[0]()
    assert future is not None
    future.set_result(None)
    del future
    await asyncio.wait_for(done.wait(), 5)


async def test_an_exception_of_a_coroutine_is_reported(
    emitter: EventEmitter, loop_errors: Errors
) -> None:
    error = ValueError("bad")

    async def fail() -> None:
        await asyncio.sleep(0)
        raise error

    emitter.on("e", fail).emit("e")
    while not loop_errors:
        await asyncio.sleep(0)
    (context,) = loop_errors
    assert context["exception"] is error
    assert (context["event"], context["listener"]) == ("e", fail)


async def test_a_cancelled_coroutine_is_no_error(emitter: EventEmitter) -> None:
    started = asyncio.Event()
    tasks: list[asyncio.Task[None] | None] = []

    async def listener() -> None:
        tasks.append(asyncio.current_task())
        started.set()
        await asyncio.Event().wait()

    emitter.on("e", listener).emit("e")
    await asyncio.wait_for(started.wait(), 5)
    (task,) = tasks
    assert task is not None
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("value", [None, 0, 1, "x", [], object(), print])
async def test_any_other_result_is_ignored(emitter: EventEmitter, value: Any) -> None:
    emitter.on("e", lambda: value).on("e", none).emit("e")
    assert seen == [()]

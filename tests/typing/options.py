"""The options: every one of them is typed, and what is none is refused."""

import ssl
from typing import Any

import sioc
from sioc.typing import Options


def everything() -> None:
    sioc.io(
        "http://localhost:3000",
        force_new=True,
        multiplex=False,
        auth={"token": "abc"},
        ack_timeout=5,
        retries=3,
        auto_connect=False,
        reconnection=True,
        reconnection_attempts=3,
        reconnection_delay=1,
        reconnection_delay_max=5.0,
        randomization_factor=0.5,
        timeout=20,
        path="/socket.io",
        add_trailing_slash=True,
        query={"room": "a", "page": 1, "verbose": True},
        transports=["websocket"],
        timestamp_requests=None,
        timestamp_param="t",
        force_base64=False,
        extra_headers={"X-Request-Id": "abc"},
        protocols=("a", "b"),
        ssl=ssl.create_default_context(),
        proxy="socks5://localhost:1080",
        limits=sioc.Limits.small(),
        close_timeout=5,
        on_exception=lambda exception, context: print(exception, context["event"]),
        retry_on_reject=lambda error: error.message == "busy",
    )


class Lines:
    """A parser, as a class; one with attributes or a module will do as well."""

    class Encoder:
        def encode(self, packet: sioc.Packet) -> list[str]:
            return [str(packet.data)]

    class Decoder(sioc.EventEmitter):
        def add(self, chunk: str | bytes) -> None: ...

        def destroy(self) -> None: ...


def parsers() -> None:
    sioc.io("http://localhost", parser=Lines)
    sioc.io("http://localhost", parser=Lines())
    sioc.io("http://localhost", parser=sioc.parsers.msgpack)
    sioc.io("http://localhost", parser=sioc.parsers.json.with_options())


async def token() -> dict[str, str]:
    return {"token": "abc"}


def report(exception: BaseException, context: dict[str, Any]) -> None: ...


def functions() -> None:
    sioc.io("http://localhost", auth=token, extra_headers=token, query=token)
    sioc.io("http://localhost", auth=lambda: None, query=lambda: {"page": 1})
    sioc.io("http://localhost", on_exception=report, ssl=False, timeout=None)


def shared(socket: sioc.Socket) -> None:
    options: Options = {"path": "/chat", "transports": ("websocket",)}
    sioc.io("http://localhost", **options)
    sioc.Manager("http://localhost", path="/chat").socket("/", ack_timeout=3)


def refuse() -> None:
    # One line for each kind of mistake.
    sioc.io("a", pth="/")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    sioc.io("a", timeout="20")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sioc.io("a", path=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sioc.io("a", ssl=True)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sioc.io("a", transports=["poling"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    sioc.io("a", auth="abc")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sioc.io("a", query=[("a", "b")])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sioc.io("a", proxy=("host", 1080))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sioc.io("a", reconnection=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sioc.io("a", on_exception=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sioc.io("a", parser=sioc.Packet)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sioc.io("a", limits=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sioc.Manager("a", auth={})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    sioc.Manager("a").socket("/", path="/")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    sioc.Limits(max_deph=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

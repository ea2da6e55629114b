"""The errors: what each one knows, and by which names it can be caught."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import assert_type

import sioc


async def handle(socket: sioc.Socket) -> None:
    try:
        await socket
    except sioc.UnsupportedServerError as error:
        assert_type(error.message, str)
    except sioc.ConnectError as error:
        assert_type(error.data, Any)
        assert_type(error.status, int | None)
        assert_type(error.headers, Mapping[str, str] | None)
        if error.stage == "dns":
            print(error.message)
    except sioc.DisconnectedError as error:
        assert_type(error.reason, str | None)


async def emit(socket: sioc.Socket) -> None:
    try:
        await socket.emit_with_ack("question", timeout=5)
    except sioc.BufferFullError as error:
        assert_type(error.limit, str)
        assert_type(error.value, float)
    except sioc.ReservedEventError as error:
        assert_type(error.event, str)
    except sioc.SocketIOError:
        raise


# Code that knows only the builtins catches them as well.
timeout: type[TimeoutError] = sioc.AckTimeoutError
lost: type[ConnectionError] = sioc.DisconnectedError
broken: type[ConnectionError] = sioc.TransportError
malformed: type[ValueError] = sioc.LimitError
reserved: type[ValueError] = sioc.ReservedEventError
invalid: type[Exception] = sioc.ValidationError
roots: list[type[sioc.SocketIOError]] = [sioc.ConnectError, sioc.ParseError]

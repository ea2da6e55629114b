"""From Engine.IO messages to namespaces: one look-up a packet."""

from typing import Any

from typing_extensions import Self, disjoint_base

from sioc._emitter import EventEmitter
from sioc._objects import ObjectChannel
from sioc._wire import Wire
from sioc.observer import Observer

@disjoint_base
class Router(EventEmitter):
    """Route packets to the namespaces of one Manager.

    Args:
        wire: What the namespaces share.
    """

    def __new__(cls, wire: Wire, *args: Any, **kwargs: Any) -> Self: ...
    @property
    def wire(self) -> Wire:
        """What the namespaces share."""

    def _observe_packets(self, observer: Observer | None) -> None:
        """Have the observer told of packets and acks from now on; None: nobody.

        Args:
            observer: Whom to tell.
        """

    def _attach(self, channel: ObjectChannel) -> None:
        """Route a namespace's packets to this channel."""

    def _trust(self) -> None:
        """The peer is alive after all: send what was held on suspicion."""

    def _reset(self) -> None:
        """Forget a packet that is not complete: its connection is over (5.5.7)."""

    def _check_attachments(self) -> None:
        """Report the packet whose attachments did not come in time."""

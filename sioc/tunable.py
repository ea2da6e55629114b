"""The options of a Manager that may be set at run time, as properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sioc.backoff import Backoff
from sioc.options import check_option

if TYPE_CHECKING:
    from sioc.options import Settings


def _option(name: str, doc: str, example: object) -> Any:
    """Make a property for an option that may be set at run time."""
    doc = f"{doc}\n\nExample:\n    >>> manager.{name} = {example!r}"

    def get(self: Tunable) -> Any:
        return getattr(self.opts, name)

    def change(self: Tunable, value: Any) -> None:
        setattr(self.opts, name, check_option(name, value))
        self._apply_options()

    return property(get, change, doc=doc)


class Tunable:
    """The half of a Manager that is set at run time.

    Attributes:
        opts: The options.
    """

    __slots__ = ()

    opts: Settings

    reconnection: bool = _option(
        "reconnection", "Whether a lost connection is made again.", False
    )
    reconnection_attempts: int | None = _option(
        "reconnection_attempts", "Attempts per outage; None for no end.", 10
    )
    reconnection_delay: float = _option(
        "reconnection_delay", "Seconds before the first one.", 0.5
    )
    reconnection_delay_max: float = _option(
        "reconnection_delay_max", "Most seconds between.", 30.0
    )
    randomization_factor: float = _option(
        "randomization_factor", "Jitter, from 0 to 1.", 0.3
    )
    timeout: float | None = _option(
        "timeout", "Seconds one attempt may take; None for no limit.", 10.0
    )

    slow_listener_duration: float | None = _option(
        "slow_listener_duration",
        "Seconds a listener may block; None for no limit.",
        0.1,
    )

    def new_backoff(self) -> Backoff:
        """Return the delays that the options ask for."""
        return Backoff(
            self.opts.reconnection_delay,
            self.opts.reconnection_delay_max,
            self.opts.randomization_factor,
        )

    def _tune(self, backoff: Backoff) -> None:
        """Have delays follow the options from now on."""
        backoff.minimum = self.opts.reconnection_delay
        backoff.maximum = self.opts.reconnection_delay_max
        backoff.jitter = self.opts.randomization_factor

    def _apply_options(self) -> None:
        """Have what was set take effect."""
        raise NotImplementedError

"""The options of a Manager that may be set at run time, as properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sioc.options import check_option

if TYPE_CHECKING:
    from sioc.options import Settings


def _option(name: str, doc: str) -> Any:
    """Make a property for an option that may be set at run time."""

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

    opts: Settings

    reconnection: bool = _option(
        "reconnection", "Whether a lost connection is made again."
    )
    reconnection_attempts: int | None = _option(
        "reconnection_attempts", "Attempts per outage; None for no end."
    )
    reconnection_delay: float = _option(
        "reconnection_delay", "Seconds before the first one."
    )
    reconnection_delay_max: float = _option(
        "reconnection_delay_max", "Most seconds between."
    )
    randomization_factor: float = _option(
        "randomization_factor", "Jitter, from 0 to 1."
    )
    timeout: float | None = _option(
        "timeout", "Seconds one attempt may take; None for no limit."
    )

    slow_listener_duration: float | None = _option(
        "slow_listener_duration", "Seconds a listener may block; None for no limit."
    )

    def _apply_options(self) -> None:
        """Have what was set take effect."""
        raise NotImplementedError

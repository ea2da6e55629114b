def begin() -> None:
    """Count from here."""

def end(name: bytes) -> None:
    """Count to here, and write what was counted under this name."""

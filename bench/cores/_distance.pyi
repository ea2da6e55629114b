class Flag:
    """What two threads pass to and fro. It lies on side 0 first."""

    def play(self, side: int, times: int) -> None:
        """Wait until it lies on this side and push it to the other, so many times."""

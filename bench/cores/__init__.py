"""The two cores of a run: kept awake, and how far they are apart."""

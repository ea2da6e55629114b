"""UTF-8, and a bound of nesting, in one pass over a text."""

def scan_text(text: bytes, begin: int = 0) -> int:
    """Scan what is left of a text from there on, as all that comes in is scanned.

    Returns:
        At most how many "[" and "{" it holds; -1: it is not UTF-8.
    """

def count_text(text: bytes, begin: int = 0, *, wide: bool = True) -> int:
    """Scan a text in vectors, however short it is.

    Args:
        text: The text; at least 32 bytes are scanned.
        begin: Where in it to begin.
        wide: Whether to use the widest vectors that there are.

    Returns:
        The same.
    """

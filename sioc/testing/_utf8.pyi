"""The check that RFC 6455 asks of text; for compiled code only."""

"""A tour of sioc with a live view: `make demo`, or `python -m examples.demo [URL]`."""

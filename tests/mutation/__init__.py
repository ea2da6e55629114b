"""Mutants: sioc with one limit or check taken away, which the tests must notice."""

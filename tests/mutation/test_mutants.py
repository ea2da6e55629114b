"""The mutants fit the source: what each changes is there, and so are its tests."""

from __future__ import annotations

from mutation.mutants import ROOT, load

MUTANTS = load()


def test_the_mutants_fit() -> None:
    """Some may have lost their line to a change; `make mutation` names them."""
    paths = {mutant.path for mutant in MUTANTS}
    sources = {path: (ROOT / path).read_text("utf-8") for path in paths}
    fitting = [mutant for mutant in MUTANTS if mutant.fits(sources[mutant.path])]
    assert len(fitting) >= 100


def test_their_tests_exist() -> None:
    tests = {test for mutant in MUTANTS for test in mutant.tests}
    assert not [test for test in tests if not (ROOT / test).exists()]


def test_no_mutant_is_there_twice() -> None:
    assert len(set(MUTANTS)) == len(MUTANTS)

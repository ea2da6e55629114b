"""Versions are fixed in one place, and agree with what pyproject.toml promises."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent.parent
LISTS = sorted((ROOT / ".ci" / "requirements").glob("*.txt"))


def requirements(path: Path) -> list[Requirement]:
    """Return what a requirements file asks for itself."""
    lines = re.findall(r"^[A-Za-z].*$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return [Requirement(line) for line in lines]


def pinned() -> dict[str, str]:
    """Return the version that the lists fix for each package."""
    return {
        requirement.name.lower(): specifier.version
        for path in LISTS
        for requirement in requirements(path)
        for specifier in requirement.specifier
    }


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_every_version_is_fixed(path: Path) -> None:
    loose = [
        str(requirement)
        for requirement in requirements(path)
        if not re.fullmatch(r"==[\d.]+((b|\.post)\d+)?", str(requirement.specifier))
    ]
    assert not loose


def test_no_package_is_fixed_twice_differently() -> None:
    every = [(r.name.lower(), str(r.specifier)) for p in LISTS for r in requirements(p)]
    assert len(set(every)) == len(dict(every))


def test_fixed_versions_are_allowed_ones(project: dict[str, Any]) -> None:
    promised = project["project"]["dependencies"] + project["build-system"]["requires"]
    versions = pinned()
    refused = [
        line
        for line in promised
        if not Requirement(line).specifier.contains(
            versions[Requirement(line).name.lower()]
        )
    ]
    assert not refused


# The last versions with advisories that concern a client.
UNSAFE = {"aiohttp": "3.14.2", "picows": "2.3.0"}


@pytest.mark.parametrize("name", UNSAFE)
def test_no_version_with_known_holes_is_allowed(
    project: dict[str, Any], name: str
) -> None:
    promised = map(Requirement, project["project"]["dependencies"])
    (allowed,) = (r.specifier for r in promised if r.name == name)
    assert not allowed.contains(UNSAFE[name])

"""The reference pages name what there is, with the defaults that it has."""

import ast
import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, get_args

import pytest

import sioc
from sioc import exceptions, options, typing
from sioc.engine import Engine

DOCS = Path(__file__).parent.parent.parent / "docs"

# The defaults that stand in no dataclass.
FACTORY = {"force_new": False, "multiplex": True}

# Public for the compiled half and for the Manager, not for programs.
INNER = {
    sioc.Socket: {"offset", "wire"},
    sioc.Manager: {"awaits_answers", "new_backoff", "observer", "opts", "wire"},
    Engine: {
        "check_heartbeat",
        "fail",
        "heartbeat_rtt",
        "last_inbound",
        "open",
        "pause_reading",
        "router",
        "wait_ended",
        "when_ended",
    },
}


def text(name: str) -> str:
    """Return the text of a page."""
    return (DOCS / f"{name}.md").read_text("utf-8")


def rows(name: str) -> list[list[str]]:
    """Return the cells of the rows of all tables whose first cell is one code word."""
    found = []
    for line in text(name).splitlines():
        _, *cells = [cell.strip() for cell in line.split("|")]
        if line.startswith("| `") and re.fullmatch(r"`\w+`", cells[0]):
            found.append([cells[0].strip("`"), *cells[1:-1]])
    return found


def default_of(name: str) -> Any:
    """Return the default of an option."""
    if name in FACTORY:
        return FACTORY[name]
    for kind in (options.Settings, options.SocketSettings):
        for field in fields(kind):
            if field.name == name:
                factory = field.default_factory
                return field.default if factory is MISSING else factory()
    raise KeyError(name)


def test_every_option_is_listed() -> None:
    listed = [row[0] for row in rows("options")]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(typing.Options.__annotations__)


@pytest.mark.parametrize("row", rows("options"), ids=lambda row: row[0])
def test_an_option_has_the_default_listed(row: list[str]) -> None:
    name, _, default, _ = row
    if name == "limits":
        assert default == "`Limits()`"
        assert default_of(name) == sioc.Limits()
    else:
        assert ast.literal_eval(default.strip("`")) == default_of(name)


def test_what_is_said_to_be_missing_is_missing() -> None:
    _, missing = text("options").split("## Not in this version")
    names = re.findall(r"`([a-z_]+)`", missing.split("They raise")[0])
    assert len(names) >= 5
    for name in names:
        with pytest.raises(TypeError, match=name):
            options.split({name: None})


def test_every_limit_is_listed() -> None:
    assert [row[0] for row in rows("limits")] == list(sioc.Limits.__struct_fields__)


@pytest.mark.parametrize("row", rows("limits"), ids=lambda row: row[0])
def test_a_limit_has_the_values_listed(row: list[str]) -> None:
    name, default, small, *_ = row
    assert float(default) == getattr(sioc.Limits(), name)
    assert float(small) == getattr(sioc.Limits.small(), name)


ERRORS = {row[0]: row[1] for row in rows("errors") if row[0].endswith("Error")}


def test_every_error_is_listed() -> None:
    assert ERRORS.keys() == set(exceptions.__all__) - {"SocketIOError", "Stage"}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_also_what_is_listed(name: str) -> None:
    error = getattr(exceptions, name)
    ours = (exceptions.SocketIOError, exceptions.ValidationError)
    bases = [base.__name__ for base in error.__bases__ if base not in ours]
    if name == "ValidationError":
        assert ERRORS[name] == ""
    else:
        assert re.findall(r"`(\w+)`", ERRORS[name]) == bases


def test_every_stage_is_listed() -> None:
    _, table = text("errors").split("| `stage` |")
    listed = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert sorted(listed) == sorted(get_args(exceptions.Stage))


def test_every_disconnect_reason_is_listed() -> None:
    listed = re.findall(r"^\| `([a-z ]+)` \|", text("lifecycle"), re.MULTILINE)
    reasons = set(get_args(typing.DisconnectReason))
    assert {reason for reason in listed if " " in reason} == reasons


def public(kind: type) -> set[str]:
    """Return the public members of a class, those of its bases included."""
    return {name for name in dir(kind) if not name.startswith("_")}


def section(title: str) -> str:
    """Return a section of the API page."""
    return text("api").split(f"## {title}\n")[1].split("\n## ")[0]


def named(page: str) -> set[str]:
    """Return the words that stand in code."""
    return set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", page))))


def test_every_public_name_is_listed() -> None:
    assert set(sioc.__all__) <= named(section("Module `sioc`"))


@pytest.mark.parametrize("kind", INNER, ids=lambda kind: kind.__name__)
def test_every_public_member_is_listed(kind: type) -> None:
    words = named(section(kind.__name__))
    members = public(kind) - public(sioc.EventEmitter) - INNER[kind]
    assert members <= words


def test_every_counter_is_listed() -> None:
    assert set(sioc.Stats.__struct_fields__) <= named(section("Manager"))


def examples(name: str) -> str:
    """Return the Python code of a page."""
    return "\n".join(re.findall(r"```python\n(.*?)```", text(name), re.DOTALL))


@pytest.mark.parametrize("kind", [*INNER, sioc.EventEmitter, sioc.Stream, sioc.Event])
def test_every_public_member_has_an_example(kind: type) -> None:
    used = set(re.findall(r"\.(\w+)", examples("reference")))
    assert public(kind) - INNER.get(kind, set()) <= used

"""docs/states.md shows the tables of sioc/state.py as they are."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from sioc import state

DOCS = Path(__file__).parent.parent.parent / "docs"
TABLES = {
    name: table
    for name, table in vars(state).items()
    if isinstance(table, dict) and name.isupper()
}


@pytest.fixture(scope="module")
def drawing() -> ModuleType:
    """Import docs/draw_states.py."""
    spec = importlib.util.spec_from_file_location("draw", DOCS / "draw_states.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sections() -> dict[str, str]:
    """Return the parts of the page by their titles."""
    parts = re.split(r"^## (.+)$", (DOCS / "states.md").read_text("utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def transitions(section: str) -> dict[tuple[str, str], str]:
    """Read a diagram back into a table."""
    arrows = re.findall(r"^ +(\w+) --> (\w+): (.+)$", section, re.MULTILINE)
    return {
        (source, event): target
        for source, target, events in arrows
        for event in events.split(" / ")
    }


def test_the_page_is_up_to_date(drawing: ModuleType) -> None:
    page = (DOCS / "states.md").read_text("utf-8")
    assert page == drawing.page(), "run: python docs/draw_states.py"


def test_every_table_has_its_diagram() -> None:
    assert {title.upper() for title in sections()} == TABLES.keys()


@pytest.mark.parametrize("title", ["Socket", "Manager", "Engine"])
def test_a_diagram_has_the_transitions_of_its_table(title: str) -> None:
    assert transitions(sections()[title]) == TABLES[title.upper()]


@pytest.mark.parametrize("title", ["Socket", "Manager", "Engine"])
def test_nothing_is_explained_that_does_not_exist(
    drawing: ModuleType, title: str
) -> None:
    (chart,) = [chart for chart in drawing.CHARTS if chart.title == title]
    table = TABLES[title.upper()]
    assert chart.states.keys() == {state for state, _ in table} | set(table.values())
    assert chart.events.keys() == {event for _, event in table}

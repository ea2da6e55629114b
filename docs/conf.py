"""How Sphinx makes a site of the pages here and of those they link to: `make docs`.

The repository is the source folder, so that links between pages are the same on the
site and on a code host.
"""

from __future__ import annotations

import re
from typing import Any

import sioc

project = "sioc"
project_copyright = "The sioc developers"
version = release = sioc.__version__

extensions = ["myst_parser", "sphinxcontrib.mermaid"]
include_patterns = ["docs/**.md", "bench/README.md", "examples/README.md", "*.md"]
root_doc = "docs/index"

html_theme = "furo"
html_title = f"sioc {version}"

myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 4
nitpicky = True


def add_contents(_app: Any, page: str, source: list[str]) -> None:
    """Have the site list the pages in the order of the index, and every report."""
    if page == root_doc:
        links = re.findall(r"\]\(([\w./-]+\.md)\)", source[0])
        source[0] += "\n".join(["\n```{toctree}", ":hidden:", "", *links, "```"])
    elif page == "docs/reports/README":
        source[0] += "\n".join(["\n```{toctree}", ":glob:", "", "20*", "```"])


def setup(app: Any) -> None:
    """Connect what is above; Sphinx calls this."""
    app.connect("source-read", add_contents)

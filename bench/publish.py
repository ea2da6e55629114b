"""Put a result into the documents: `python bench/publish.py RESULT [SECOND]`.

RESULT is a JSON file of bench/results/. Its tables and charts go between the markers in
docs/performance.md, a short table into README.md. SECOND, another run of the same
commit, stands beside it in the table of targets. What was published before is removed.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from charts import CHARTS
from machine import ROOT
from report import rate, spread
from targets import TARGETS

PERFORMANCE = ROOT / "docs" / "performance.md"
README = ROOT / "README.md"
CHARTS_FOLDER = ROOT / "docs" / "charts"
PEERS = ("bun", "node", "python-socketio")
SHORT = {
    "receive tick": "receive an event of 8 fields",
    "emit tick": "emit one",
    "acks, 64 in flight": "acknowledgements, 64 at a time",
}


def marked(text: str, name: str, content: str) -> str:
    """Return the text with what stands between two markers replaced.

    Raises:
        ValueError: There are no such markers.
    """
    before, found, rest = text.partition(f"<!-- {name} -->\n")
    _, ended, after = rest.partition(f"<!-- end of {name} -->")
    if not found or not ended:
        raise ValueError(f"no markers <!-- {name} --> and <!-- end of {name} -->")
    return f"{before}{found}{content.strip()}\n{ended}{after}"


def reached(result: dict[str, Any]) -> dict[str, list[float]]:
    """Return the ratios of each target, of every pass."""
    found = {title: [ratio] for title, ratio in result["ratios"].items()}
    for target in TARGETS:
        title, name = target.against
        over = result["measures"].get(target.title, {}).get("sioc")
        under = result["measures"].get(title, {}).get(name)
        if over and under:
            pairs = zip(over["values"], under["values"], strict=False)
            found[target.text] = [a / b for a, b in pairs]
    return found


def target_table(first: dict[str, Any], second: dict[str, Any] | None) -> str:
    """Return the targets and what was reached, as Markdown."""
    runs = [reached(result) for result in (first, second) if result is not None]
    lines = [
        "| target | aim |" + " reached |" + " second run |" * (len(runs) - 1),
        "| --- | ---: |" + " ---: |" * len(runs),
    ]
    for target in TARGETS:
        sign = "≤" if target.at_most else "≥"
        cells = []
        for run in runs:
            ratios = run.get(target.text, [])
            if not ratios:
                cells.append("-")
                continue
            missed = "" if target.reached(median(ratios)) else ", missed"
            cells.append(f"{median(ratios):.2f}{spread(ratios)}{missed}")
        lines.append(f"| {target.text} | {sign} {target.aim:g} | {' | '.join(cells)} |")
    return "\n".join(lines)


def short_table(result: dict[str, Any]) -> str:
    """Return the few lines of the README."""
    lines = [
        "| | sioc | Bun | Node.js | python-socketio |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for title, words in SHORT.items():
        by_name = result["measures"][title]
        cells = [rate(by_name["sioc"]["median"])]
        for name in PEERS:
            pairs = zip(
                by_name["sioc"]["values"], by_name[name]["values"], strict=False
            )
            ratio = median(own / other for own, other in pairs)
            cells.append(f"{rate(by_name[name]['median'])} ({ratio:.1f} times)")
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join(lines)


def page(path: Path, first: dict[str, Any], second: dict[str, Any] | None) -> str:
    """Copy the charts; return the part of docs/performance.md that shows them."""
    tables = path.with_suffix(".md").read_text()
    head, measures, _targets, *rest = tables.split("\n\n")
    heading = ", ".join(line for line in head.splitlines() if line)
    legend = [part for part in rest if part.startswith("Bold:")]
    crowds = [part for part in rest if part.startswith("| connections")]
    CHARTS_FOLDER.mkdir(exist_ok=True)
    charts = []
    for name in CHARTS:
        chart = path.with_name(f"{path.stem}-{name}.png")
        if chart.exists():
            shutil.copy(chart, CHARTS_FOLDER / f"{name}.png")
            charts.append(f"![{name}](charts/{name}.png)")
    parts = [heading, measures, *legend, *crowds, *charts]
    return "\n\n".join([*parts, target_table(first, second)])


def charts_of(results: set[str]) -> set[str]:
    """Return the stems of the charts of some results."""
    return {f"{stem}-{name}" for stem in results for name in CHARTS}


def main() -> int:
    """Write the documents and remove what was published before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", type=Path)
    parser.add_argument("second", type=Path, nargs="?")
    chosen = parser.parse_args()
    first = json.loads(chosen.result.read_text())
    second = json.loads(chosen.second.read_text()) if chosen.second else None
    for document, name, content in (
        (PERFORMANCE, "results", page(chosen.result.resolve(), first, second)),
        (README, "speed", short_table(first)),
    ):
        document.write_text(marked(document.read_text(), name, content))
        print(f"written: {document}", file=sys.stderr)
    kept = {path.stem for path in (chosen.result, chosen.second) if path}
    folder = chosen.result.resolve().parent
    command = ("git", "-C", str(folder), "ls-files", ".")
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if name[0].isdigit() and name.split(".")[0] not in kept | charts_of(kept):
            (folder / name).unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

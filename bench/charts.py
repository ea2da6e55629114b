"""Charts of a result: `python bench/charts.py bench/results/<name>.json`."""

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

LABEL_WIDTH = 22
"""Characters; a longer title goes on in the next line."""

CHARTS = {
    "receive": ("events per second", ("receive small", "receive tick", "receive doc")),
    "listeners": (
        "events per second",
        (
            "receive tick",
            "receive tick, 10 listeners",
            "receive tick, nobody listening",
        ),
    ),
    "emit": ("events per second", ("emit small", "emit tick", "emit doc")),
    "acks": ("acks per second", ("acks, 64 in flight",)),
    "special": (
        "events per second",
        ("receive tick into a Struct", "emit tick, prepared"),
    ),
    "tls": ("events per second", ("TLS: receive tick", "TLS: emit tick")),
    "polling": ("acks per second", ("polling: acks, 64 in flight",)),
    "round-trip": (
        "seconds, less is better",
        (
            "ack, one at a time, awaited",
            "blob 64 kB, echo",
            "TLS: ack, awaited",
            "polling: ack, awaited",
        ),
    ),
}


def draw(results: dict[str, Any], beside: Path) -> list[Path]:
    """Draw a chart a group of measures; return where they were written.

    Nothing is drawn without matplotlib, which only `make bench` installs.
    """
    try:
        import matplotlib as mpl
    except ImportError:
        return []
    mpl.use("agg")
    from matplotlib import pyplot

    written = []
    for name, (unit, titles) in CHARTS.items():
        measures = {t: results["measures"].get(t) for t in titles}
        known = {title: figures for title, figures in measures.items() if figures}
        contenders = list(dict.fromkeys(n for f in known.values() for n in f))
        if not contenders:
            continue
        figure, axes = pyplot.subplots(figsize=(7, 3.2), layout="constrained")
        width = 0.8 / len(contenders)
        for place, contender in enumerate(contenders):
            bars = [
                (i + place * width, figures[contender]["median"])
                for i, figures in enumerate(known.values())
                if contender in figures
            ]
            axes.bar(*zip(*bars, strict=True), width=width, label=contender)
        labels = [textwrap.fill(title, LABEL_WIDTH) for title in known]
        axes.set_xticks([i + 0.4 - width / 2 for i in range(len(known))], labels)
        axes.set_ylabel(unit)
        axes.set_yscale("log")
        axes.legend(
            fontsize="small",
            ncols=len(contenders),
            loc="upper center",
            bbox_to_anchor=(0.5, 1.18),
        )
        path = beside.with_name(f"{beside.stem}-{name}.png")
        figure.savefig(path, dpi=110)
        pyplot.close(figure)
        written.append(path)
    return written


if __name__ == "__main__":
    source = Path(sys.argv[1])
    for chart in draw(json.loads(source.read_text()), source):
        print(chart)

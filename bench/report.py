"""From samples to figures: medians, ratios to the floor, and the table of them."""

from statistics import median, quantiles
from typing import Any

from measures import MEASURES, Measure
from rounds import DISTURBED_SHARE, Result
from targets import TARGETS

WAITED_SHARE = 0.9
"""Below this share of a core a contender was not what limited its rate."""

Figures = dict[str, Any]
Samples = dict[str, dict[str, dict[int, Result]]]
Failures = dict[str, dict[str, str]]
"""Measure title -> contender -> why the contender itself cannot do it."""

BY_TITLE = {measure.title: measure for measure in MEASURES}


def seconds(result: Result) -> float:
    """Return what a job took, less the time that others had the contender's core.

    What it waited of its own accord, or for the server, remains.
    """
    return float(result["seconds"] - max(result["held_up"], 0.0))


def values(samples: Samples, title: str, name: str) -> dict[int, float]:
    """Return pass -> figure: seconds if the measure is a latency, else a rate."""
    latency = BY_TITLE[title].latency
    return {
        number: result["p50"] if latency else result["count"] / seconds(result)
        for number, result in samples.get(title, {}).get(name, {}).items()
    }


def ratios(
    samples: Samples, over: tuple[str, str], under: tuple[str, str]
) -> list[float]:
    """Return the ratio of two (title, contender), of each pass that has both.

    A ratio is taken within a pass: what slows one pass down slows both its sides.
    """
    numerators, denominators = values(samples, *over), values(samples, *under)
    return [
        numerators[number] / denominators[number]
        for number in numerators
        if number in denominators
    ]


def figures(measure: Measure, samples: Samples) -> dict[str, Figures]:
    """Return contender -> its figures."""
    by_name = {}
    for name, by_pass in samples.get(measure.title, {}).items():
        results = by_pass.values()
        single = list(values(samples, measure.title, name).values())
        floor = measure.reference or measure.title, "floor"
        to_floor = ratios(samples, (measure.title, name), floor)
        by_name[name] = {
            "median": median(single),
            "values": single,
            "ratio": median(to_floor) if to_floor else None,
            "ratios": to_floor,
            "core": median(r["cpu"] / seconds(r) for r in results),
            "disturbed": median(r["disturbed"] for r in results),
            "count": max(r["count"] for r in results),
        }
        if measure.latency:
            by_name[name]["p99"] = median(r["p99"] for r in results)
    return by_name


def table(
    measures: list[Measure],
    samples: Samples,
    names: list[str],
    failures: Failures,
) -> str:
    """Return the figures as Markdown."""
    lines = [
        "| measure | " + " | ".join(names) + " |",
        "| --- |" + " ---: |" * len(names),
    ]
    for measure in measures:
        by_name = figures(measure, samples)
        failing = failures.get(measure.title, {})
        cells = [
            "fails" if name in failing else cell(measure, name, by_name.get(name))
            for name in names
        ]
        lines.append(f"| {measure.title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cell(measure: Measure, name: str, figure: Figures | None) -> str:
    """Return one figure: the median, then the ratio to the floor and its spread."""
    if figure is None:
        return "-"
    if measure.latency:
        text = f"{figure['median'] * 1e6:,.1f} µs"
    else:
        text = rate(figure["median"])
        if figure["core"] < WAITED_SHARE:
            text += " \\*"
    if figure["disturbed"] > DISTURBED_SHARE:
        text += " \\!"
    if name != "floor" and figure["ratio"] is not None:
        text += f" · **{figure['ratio']:.2f}**{spread(figure['ratios'])}"
    return text


def spread(many: list[float]) -> str:
    """Return in brackets where four in five of them lie, nothing of a single one."""
    if len(many) == 1:
        return ""
    tenths = quantiles(many, n=10, method="inclusive")
    return f" ({tenths[0]:.2f}-{tenths[-1]:.2f})"


def rate(per_second: float) -> str:
    """Return a rate with three digits that count."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if per_second >= size:
            return f"{per_second / size:#.3g} {unit}/s".replace(". ", " ")
    return f"{per_second:.3g} /s"


def target_table(samples: Samples, others: dict[str, float]) -> str:
    """Return what sioc aims at beside what it reached, as Markdown.

    Args:
        samples: of the rounds.
        others: ratios that were measured apart, by the text of their target.
    """
    lines = ["| target | aim | reached | |", "| --- | ---: | ---: | --- |"]
    for target in TARGETS:
        if target.apart:
            reached = [others[target.title]] if target.title in others else []
        else:
            reached = ratios(samples, (target.title, "sioc"), target.against)
        if not reached:
            continue
        sign = "≤" if target.at_most else "≥"
        verdict = "yes" if target.reached(median(reached)) else "**no**"
        lines.append(
            f"| {target.text} | {sign} {target.aim:g} "
            f"| **{median(reached):.2f}**{spread(reached)} | {verdict} |"
        )
    return "\n".join(lines)


def legend(failures: Failures) -> str:
    """Return what the signs of the table mean, and why a contender fails."""
    reasons = [
        f"Fails: {name}, {title}: {reason}."
        for title, by_name in failures.items()
        for name, reason in by_name.items()
    ]
    return "\n".join([LEGEND, *reasons])


LEGEND = f"""\
Bold: the ratio to the floor, median of the passes; in brackets where four in five lay.
Rates (/s): more is better. Round trips (µs, median): less is better.
\\*: used less than {WAITED_SHARE:.0%} of its core; something else set the pace.
\\!: disturbed; others had its cores for more than {DISTURBED_SHARE:.0%} of the time, or
the host had moved the two cores apart."""

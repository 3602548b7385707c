"""The level and the power of tests: what share of samples each rejects, as samples grow."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import kstest

from vmi.report import writers
from vmi.report.blocks import Block, File, Part, Prose
from vmi.report.numbers import Numbers
from vmi.report.panels import KEY, TRUTH, by_task, nothing
from vmi.report.style import Looks, legend, method_key, styled
from vmi.report.tables import DASH, Cell, Table
from vmi.statistics import wilson

__all__ = ["LEVELS", "PART", "levels", "shares"]

LEVELS = (0.01, 0.05, 0.1)
SHOWN = 0.05
CELL = ["task", "method", "size"]
HELD = (
    "Shares of samples that are rejected, with Wilson's 95% interval. A level is bold where all of "
    "its interval lies above what it should be: the test rejects what is true. KS is the p-value, "
    "by Kolmogorov and Smirnov, of p being even from 0 to 1, as it is under independence. Each "
    "test is shown at the largest N that it takes, and not at all where it does not apply."
)
CAPTION = (
    "The share of samples that a test rejects at .05, with Wilson's 95% interval. The dashed line "
    "is the level: above it a test rejects what is true, and what such a test rejects elsewhere is "
    "no power."
)


def shares(records: pd.DataFrame) -> pd.DataFrame:
    """Returns what the p-values of each cell come to.

    Columns: task, method, size; null (whether x and y are independent given z); n (samples with a
    p-value); rejected, low and high at each of `LEVELS`, "rejected at 0.05" and so on, with
    Wilson's 95% interval; ks, the p-value of Kolmogorov's and Smirnov's test of the p-values being
    even, under the null; seconds of a test.
    """
    rows = records[(records["measure"] == "p-value") & (records["arm"] == "")]
    cells = rows.groupby(CELL, sort=False)
    return pd.DataFrame([dict(zip(CELL, key, strict=True)) | _share(r) for key, r in cells])


def _share(rows: pd.DataFrame) -> dict[str, object]:
    p, null = rows["value"].dropna().to_numpy(), bool(rows["truth"].notna().any())
    found: dict[str, object] = {"null": null, "n": len(p)}
    for level in LEVELS:
        hits = int((p <= level + 1e-12).sum())
        low, high = wilson(hits, len(p))
        share = hits / len(p) if len(p) else np.nan
        found |= {f"rejected at {level:g}": share, f"low at {level:g}": low}
        found[f"high at {level:g}"] = high
    found["ks"] = kstest(p, "uniform").pvalue if null and len(p) else np.nan
    return found | {"seconds": rows["seconds"].mean()}


def _levels(numbers: Numbers) -> Iterator[Block]:
    found = shares(numbers.records)
    for null, title in ((True, "Level, under independence"), (False, "Power, under dependence")):
        some = found[found["null"] == null]
        if len(some):
            stem = "levels" if null else "powers"
            shown = {"tasks": len(numbers.suite.tasks)}  # all, in one of the two
            yield numbers.plot(stem, title, CAPTION, levels, numbers, some, **shown)
    yield Prose(HELD)
    table = _table(numbers, _largest(found[found["n"] > 0]))
    yield table
    yield from writers.files(numbers.where.tables, "headline", [table], found)
    yield File(numbers.where.tables / "headline.txt", writers.plain(table))


def _largest(found: pd.DataFrame) -> pd.DataFrame:
    """The rows of the largest sample of each task and method."""
    return found[found["size"] == found.groupby(["task", "method"])["size"].transform("max")]


def _table(numbers: Numbers, found: pd.DataFrame) -> Table:
    word = numbers.suite.kind.method.word
    head = ["task", "truth", word, "N", *(f"rejected at {level:g}" for level in LEVELS)]
    table = Table(numbers.suite.title, [*head, "KS", "s a test"], labels=3)
    for _, row in found.iterrows():
        names = numbers.name("tasks", row["task"]), numbers.name("methods", row["method"])
        truth = "independent" if row["null"] else "dependent"
        cells = [_rejected(row, level) for level in LEVELS]
        ks = _number(row["ks"], 3), _number(row["seconds"], 3)
        labels = names[0], truth, names[1], f"{row['size']:,}"
        table.rows.append([*map(Cell, labels), *cells, *map(Cell, ks)])
    return table


def _rejected(row: pd.Series, level: float) -> Cell:
    """A share with its interval; bold where a level is not held."""
    low, high = row[f"low at {level:g}"], row[f"high at {level:g}"]
    text = f"{row[f'rejected at {level:g}']:.3f} [{low:.3f}, {high:.3f}]"
    return Cell(text, bool(row["null"]) and low > level)


def _number(value: float, places: int) -> str:
    return f"{value:.{places}f}" if np.isfinite(value) else DASH


@styled()
def levels(numbers: Numbers, found: pd.DataFrame) -> Figure:
    """Plots the share that each test rejects at .05 against the size of the sample, by task."""
    tasks = [task for task in numbers.suite.tasks if task in set(found["task"])]
    titles = [numbers.name("tasks", task) for task in tasks]
    figure, axes = by_task(titles, "rejected at .05", width=2.9, height=2.2, sharey=True)
    for axis, task in zip(axes, tasks, strict=True):
        _panel(axis, found[found["task"] == task], numbers.looks)
    legend(figure, method_key(numbers.looks, ms=6) | {"level": KEY["truth"]})
    return figure


def _panel(axis: Axes, rows: pd.DataFrame, looks: Looks) -> None:
    shift = np.geomspace(0.96, 1.04, max(2, len(looks)))  # or intervals hide each other
    rows = rows[rows["n"] > 0]
    for place, (method, look) in zip(shift, looks.items(), strict=False):
        one = rows[rows["method"] == method].sort_values("size")
        share = one[f"rejected at {SHOWN:g}"]
        ends = share - one[f"low at {SHOWN:g}"], one[f"high at {SHOWN:g}"] - share
        style = {"color": look.colour, "marker": look.marker, "ls": look.line, "lw": 1.4}
        style |= {"ms": 5, "mec": "white", "elinewidth": 1.2}
        if len(one):
            axis.errorbar(place * one["size"], share, np.abs(np.array(ends)), **style)
    if rows.empty:
        nothing(axis)
        return
    axis.axhline(SHOWN, **TRUTH)
    axis.set_xscale("log")
    sizes = sorted(set(rows["size"]))
    axis.set_xticks(sizes, list(map(str, sizes)))
    axis.minorticks_off()
    axis.set_ylim(-0.03, 1.03)


PART = Part("Level and power", _levels, lambda numbers: "p-value" in set(numbers.have))

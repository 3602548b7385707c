"""The numbers of a report, which its parts are made from."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from vmi.cards import Card
from vmi.errors import reading
from vmi.records import EARLIER
from vmi.report.blocks import Plot
from vmi.report.style import COLOURS, Looks, looks, many
from vmi.report.summary import complete, largest, summarise
from vmi.stages.where import Where
from vmi.suites.kinds import Noun
from vmi.suites.suite import Suite

__all__ = ["Numbers"]

# What figures have room for; tables hold everything.
ROWS = 48  # of each side, as the rows or the columns of a map
ROOM = 144  # rows of methods, in all panels of a figure together

HISTORY = ["task", "method", "seed", "step", "term", "value"]
STATUS = ["task", "method", "seed", "steps", "seconds", "engine", "error"]


@dataclass(frozen=True)
class Numbers:
    """What a report is made from: a suite, its records and the files beside them.

    Attributes:
        suite: The suite.
        where: Its results folder.
        rows: The records as they were read.
    """

    suite: Suite
    where: Where
    rows: pd.DataFrame

    @cached_property
    def records(self) -> pd.DataFrame:
        """The records with a row for each number that is missing, parts included."""
        return complete(self.rows, self.suite)

    @cached_property
    def bare(self) -> pd.DataFrame:
        """The same, where a measure without a number has one row, its parts none."""
        return complete(self.rows, self.suite, parts=False)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Each cell over its seeds; see `vmi.report.summary.summarise`."""
        return summarise(self.records)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The cells of the largest size, of the methods as they are."""
        return largest(self.summary[self.summary["arm"] == ""])

    @cached_property
    def shown(self) -> pd.DataFrame:
        """Those that figures have room for: of the first tasks and methods of the suite."""
        return self._first(self.cells)

    @cached_property
    def seeds(self) -> pd.DataFrame:
        """The records of those cells."""
        return self._first(largest(self.records[self.records["arm"] == ""]))

    def _first(self, rows: pd.DataFrame) -> pd.DataFrame:
        tasks = list(self.suite.tasks)[:ROWS]
        return rows[rows["task"].isin(tasks) & rows["method"].isin(list(self.looks))]

    @cached_property
    def panels(self) -> list[str]:
        """The tasks that have a panel of their own, with a row for each method that is shown."""
        most = ROOM // max(len(COLOURS), len(self.looks))
        return list(self.suite.tasks)[:most]

    @cached_property
    def have(self) -> list[str]:
        """The measures of which the cells have any number."""
        return list(dict.fromkeys(self.cells.loc[self.cells["n"] > 0, "measure"]))

    @cached_property
    def headline(self) -> list[str]:
        """The measures that are shown first, of those that have a number if any has.

        Those that the suite says, or whose cards ask for it, or else the first five there are.
        """
        there = self.have or list(dict.fromkeys(self.cells["measure"]))
        named = [m for m in self.suite.headline if m in there]
        return named or [m for m in there if "/" not in m][:5]

    @cached_property
    def history(self) -> pd.DataFrame:
        """The finite terms of training that are shown: task, method, seed, step, term, value."""
        path = self.where.history
        with reading(path):
            frame = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=HISTORY)
            frame = frame.rename(columns=EARLIER)
            shown = frame["task"].isin(self.panels) & frame["method"].isin(list(self.looks))
            return frame[shown & np.isfinite(frame["value"].astype(float))]

    @cached_property
    def trainings(self) -> pd.DataFrame:
        """What became of every seed that was trained: steps, seconds, engine and error."""
        frames = [
            _status(cell.status).assign(task=t, method=m)
            for t in self.suite.tasks
            for m in self.suite.methods
            for cell in self.where.cells(t, m)
            if cell.status.exists()
        ]
        if not frames:
            return pd.DataFrame({name: pd.Series(dtype=object) for name in STATUS})
        rows = pd.concat(frames, ignore_index=True).fillna({"error": ""})
        return rows[rows["seed"].isin(self.suite.seeds)]  # others are left of earlier runs

    @cached_property
    def looks(self) -> Looks:
        """How each method that figures show looks in them: the first of the suite."""
        names = {method: self.name("methods", method) for method in self.suite.methods}
        found = looks(names, self.suite.groups, self.suite.variants)
        return dict(list(found.items())[:ROWS])

    @cached_property
    def columns(self) -> dict[str, Looks]:
        """The looks of the methods of each variant, the variants as they first appear."""
        found: dict[str, Looks] = {}
        for method, look in self.looks.items():
            found.setdefault(self.suite.variants[method], {})[method] = look
        return found

    @property
    def grouped(self) -> bool:
        """Whether some groups are of several methods: an experiment with its controls."""
        groups = self.suite.groups
        return 1 < len(set(groups.values())) < len(groups)

    @property
    def sized(self) -> str:
        """The size that figures show, in words; "" where tasks come in one size."""
        size = self.cells["size"].max()
        return f", N = {size:,}" if size else ""

    def has(self, *measures: str) -> bool:
        """Returns whether all of some measures have any number."""
        return set(measures) <= set(self.have)

    def whole(self, part: re.Pattern) -> str:
        """Returns what `part` catches of the first measure that matches it and has a number."""
        return next((match[1] for match in map(part.fullmatch, self.have) if match), "")

    def name(self, side: str, name: str) -> str:
        """Returns what a person reads of one of the "tasks", "methods", "arms" or "measures"."""
        return self.suite.card(side, name).name

    def names(self, side: str, names: Any) -> str:
        """Returns the same of several, with commas between."""
        return ", ".join(self.name(side, name) for name in names)

    def label(self, measure: str) -> str:
        """Returns what a person reads of a measure, with the unit of its numbers: `rate [nats]`."""
        card = self.suite.card("measures", measure)
        units = self.summary.loc[self.summary["measure"] == measure, "unit"]
        return _labelled(card.name, units.max() or card.unit)

    def term(self, name: str) -> str:
        """Returns what a person reads of a term of training, which the methods' cards know."""
        noun = self.suite.kind.method.registry
        cards = (noun.card(entry[noun.kind]) for entry in self.suite.methods.values())
        found = next((c.parts[name] for c in cards if name in c.parts), Card(name=name))
        return _labelled(found.name, found.unit)

    def plot(
        self,
        stem: str,
        title: str,
        caption: str,
        make: Callable[..., Figure],
        *args,
        what: str = "",
        tasks: int | None = None,
    ) -> Plot:
        """Creates the block of a figure that a function of these arguments plots.

        For those who cannot see it, `what` says what it shows where its title does not. `tasks` is
        how many of them it shows at most; as many as have a panel, if left out.
        """
        what = f" ({what})" if what else ""
        kind = self.suite.kind
        named = f"{self._named('methods', kind.method)} on {self._named('tasks', kind.task)}"
        alt = f"{title}{what} for {named}; the tables hold the numbers"
        caption += self._left_out(len(self.looks), len(self.panels) if tasks is None else tasks)
        return Plot(stem.replace("/", "-"), title, caption, alt, lambda: make(*args))

    def _named(self, side: str, noun: Noun) -> str:
        """The names of one side of the suite's grid, or how many they are where they are many."""
        names = getattr(self.suite, side)
        return noun.counted(len(names)) if many(names) else self.names(side, names)

    def _left_out(self, methods: int, tasks: int) -> str:
        """What to say of a figure that has no room for all methods or all tasks."""
        kind, suite = self.suite.kind, self.suite
        sides = ((kind.task, len(suite.tasks), tasks), (kind.method, len(suite.methods), methods))
        cut = [f"the first {shown} of {noun.counted(n)}" for noun, n, shown in sides if shown < n]
        return f" Shown: {' and '.join(cut)}; the tables hold all." if cut else ""


def _status(path: Path) -> pd.DataFrame:
    with reading(path, path.parent):  # the folder of the cohort
        return pd.read_csv(path, dtype={"engine": str, "error": str})[STATUS[2:]]


def _labelled(name: str, unit: str) -> str:
    return f"{name} [{unit}]" if unit else name

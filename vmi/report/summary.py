"""The cells of a suite: the mean of each over its seeds, and what became of every seed."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vmi.registry import row_name
from vmi.statistics import student_interval

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["CELL", "NO_RECORD", "complete", "largest", "summarise"]

CELL = ["task", "method", "arm", "size", "measure"]
NO_RECORD = "no record was written"
NOT_FINITE = "the number is not finite"
BINARISED = {"dynamic": "dynamically binarised", "static": "statically binarised", "none": ""}

# A row without a record, but for where it belongs.
MISSING = {"value": np.nan, "ceiling": np.nan, "seconds": np.nan, "state": "failed"}
MISSING |= dict.fromkeys(("unit", "bound", "convention", "warning"), "")
MISSING |= {"binarisation": "none", "error": NO_RECORD}


def complete(records: pd.DataFrame, suite: "Suite", *, parts: bool = True) -> pd.DataFrame:
    """Returns the records in the order of the suite, with a row for each number that has none.

    A measure that failed leaves one row; with `parts`, its parts get that row too, so that no cell
    of a table is silently empty. A cell of the suite's grid without any row is one that failed.

    Raises:
        ValueError: A cell has two rows of one seed.
    """
    _check_once(records)
    lost = (records["state"] == "value") & ~np.isfinite(records["value"].astype(float))
    error = records["error"].mask(lost & (records["error"] == ""), NOT_FINITE)
    records = records.assign(error=error, state=records["state"].mask(lost, "failed"))
    records = _append(records, _unwritten(records, suite))
    records = _append(records, _unwritten_parts(records)) if parts else records
    ranks = {
        "task": _ranks(records["task"], suite.tasks),
        "method": _ranks(records["method"], suite.methods),
        "arm": _ranks(records["arm"], ["", *suite.arms]),
        "size": records["size"],
        "measure": _ranks(_base(records["measure"]), suite.rows_of("measures")),
        "part": _ranks(records["measure"], ()),
        "seed": records["seed"],
    }
    order = pd.DataFrame(ranks).sort_values(list(ranks), kind="stable").index
    return records.loc[order].reset_index(drop=True)


def summarise(records: pd.DataFrame) -> pd.DataFrame:
    """Summarises each cell over its seeds, in the order in which the cells appear.

    Columns: task, method, arm, size, measure; mean, low and high (its 95% interval by Student's t,
    `vmi.statistics.student_interval`), n (seeds with a number), truth, bias (mean - truth), spread
    (standard deviation over seeds); failed and inapplicable (seeds without a number), warned (seeds
    with a warning), failure, exclusion and warning (why); unit, bound, ceiling, binarisation,
    convention; seconds (of one seed, on average). An estimator's own standard error plays no part.

    Raises:
        ValueError: A cell has two rows of one seed.
    """
    _check_once(records)
    cell = records.groupby(CELL, sort=False).ngroup()
    cells = records.loc[~records.duplicated(CELL), CELL].reset_index(drop=True)
    good, failed, inapplicable = (
        records["state"] == state for state in ("value", "failed", "not applicable")
    )

    def of(column: str, rows: pd.Series):
        return records[column].where(rows).groupby(cell)

    def first(column: str) -> pd.Series:
        return of(column, good & (records[column] != "")).first().fillna("")

    def joined(column: str, rows: pd.Series) -> pd.Series:
        texts = records.loc[rows & (records[column] != ""), column].groupby(cell).unique()
        return texts.str.join("; ").reindex(cells.index, fill_value="")

    mean, spread, n = of("value", good).mean(), of("value", good).std(), good.groupby(cell).sum()
    low, high = student_interval(mean, spread / np.sqrt(n), n)
    truth = records["truth"].groupby(cell).first()
    return cells.assign(
        **{"mean": mean, "low": low, "high": high, "n": n, "truth": truth, "bias": mean - truth},
        spread=spread,
        failed=failed.groupby(cell).sum(),
        inapplicable=inapplicable.groupby(cell).sum(),
        warned=(good & (records["warning"] != "")).groupby(cell).sum(),
        failure=joined("error", failed),
        exclusion=joined("error", inapplicable),
        warning=joined("warning", good),
        unit=first("unit"),
        bound=first("bound"),
        ceiling=of("ceiling", good).max(),
        binarisation=first("binarisation").replace(BINARISED),
        convention=first("convention"),
        seconds=records["seconds"].groupby(cell).mean(),
    )


def largest(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows of the largest sample size."""
    return frame[frame["size"] == frame["size"].max()]


def _check_once(records: pd.DataFrame) -> None:
    """Two numbers of one seed would count as two seeds."""
    keys = [*CELL, "seed"]
    again = records.loc[records.duplicated(keys), keys]
    if len(again):
        named = ", ".join(f"{key} {value}" for key, value in again.iloc[0].items() if value != "")
        raise ValueError(f"more than one record of {named}")


def _base(measures: pd.Series) -> pd.Series:
    return measures.str.partition("/")[0]


def _ranks(names: pd.Series, order) -> pd.Series:
    return names.map({name: i for i, name in enumerate(dict.fromkeys([*order, *names]))})


def _append(records: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([records, more], ignore_index=True) if len(more) else records


def _unwritten(records: pd.DataFrame, suite: "Suite") -> pd.DataFrame:
    """Returns a failed row for each measure of the suite that wrote nothing for some seed."""
    sides = ["task", "method", "arm", "size", "measure", "seed"]
    of = {"task": suite.tasks, "method": suite.methods, "size": suite.sizes, "seed": suite.seeds}
    refined = list(map(row_name, suite.of_prior))
    by_arm = {"": suite.rows_of("measures")} | {arm: refined for arm in suite.arms}
    grids = []
    for arm, measures in by_arm.items():
        values = of | {"arm": [arm], "measure": measures}
        grids.append(pd.MultiIndex.from_product([values[side] for side in sides], names=sides))
    wanted = grids[0].append(grids[1:])
    have = records.assign(measure=_base(records["measure"]))[sides]
    frame = wanted[~wanted.isin(pd.MultiIndex.from_frame(have))].to_frame(index=False)
    truths = records.groupby(["task", "measure"])["truth"].first()
    places = pd.MultiIndex.from_frame(frame[["task", "measure"]])
    return frame.assign(**MISSING, truth=truths.reindex(places).to_numpy(dtype=float))


def _unwritten_parts(records: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows without a number again, once for each part of their measure."""
    names = pd.Series(records["measure"].unique(), dtype=object)
    parts = pd.DataFrame({"measure": _base(names), "part": names})
    parts = parts[parts["measure"] != parts["part"]]
    bad = records[records["state"] != "value"]
    copies = bad.merge(parts, on="measure").drop(columns="measure")
    copies = copies.rename(columns={"part": "measure"})
    key = [*CELL, "seed"]
    have = pd.MultiIndex.from_frame(records[key])
    return copies[~pd.MultiIndex.from_frame(copies[key]).isin(have)][list(records)]

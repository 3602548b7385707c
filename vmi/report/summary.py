"""Statistics over seeds: a mean, its 95% bootstrap interval, and what became of every cell."""

import math
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import bootstrap
from scipy.stats import t as student

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["CELL", "NO_RECORD", "complete", "interval", "largest", "paired", "summarise"]

CELL = ["task", "method", "arm", "size", "measure"]
RESAMPLES = 5000
AT_ONCE = 7  # seeds
NO_RECORD = "no record was written"
NOT_FINITE = "the number is not finite"
BINARISED = {"dynamic": "dynamically binarised", "static": "statically binarised", "none": ""}

# A row without a record, but for where it belongs.
MISSING = {"value": np.nan, "ceiling": np.nan, "seconds": np.nan, "state": "failed"}
MISSING |= dict.fromkeys(("arm", "unit", "bound", "convention", "warning"), "")
MISSING |= {"binarisation": "none", "error": NO_RECORD}


def interval(values: np.ndarray, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Returns the 95% percentile bootstrap interval of the mean along the last axis.

    One value has no spread, so its interval is NaN. The percentile method is used because it
    never leaves the range of the values and is defined for constant ones, where BCa is not. With
    few seeds it is too narrow; with two it is just the two values.

    Args:
        values: `(..., n)` numbers, one a seed.
        seed: Of the resampling; the same values give the same interval.

    Example:
        >>> low, high = interval(np.array([2.0, 2.0, 2.0]))
        >>> float(low), float(high)
        (2.0, 2.0)
    """
    values = np.asarray(values, dtype=float)
    if values.shape[-1] < 2:
        nothing = np.full(values.shape[:-1], np.nan)
        return nothing, nothing
    found = bootstrap(
        (values,),
        np.mean,
        axis=-1,
        method="percentile",
        n_resamples=RESAMPLES,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return found.low, found.high


def paired(left: np.ndarray, right: np.ndarray) -> tuple[float, float, float]:
    r"""Returns the mean of left - right over pairs, with its 95% interval by Student's t.

    .. math:: \bar d \mp t_{.975,\,n-1}\, s_d / \sqrt n

    The percentile bootstrap of `interval` covers too little with five seeds (of n = 5 normal
    differences about 84%, not 95%), which would have claims hold, or fail, that are open; t is
    exact for normal differences of any number. One pair has no interval: it is NaN. Pairs that all
    differ by the same have one of no width, which is exact: a difference is that of the decimals
    which the records write, so that .4 - .3 is .1.

    Args:
        left: (n,) finite numbers, one a seed.
        right: (n,) those of the same seeds.

    Example:
        >>> paired(np.array([0.4, 0.7]), np.array([0.3, 0.6]))
        (0.1, 0.1, 0.1)
    """
    pairs = zip(left, right, strict=True)
    d = np.array([float(_decimal(a) - _decimal(b)) for a, b in pairs])
    if not len(d):
        return np.nan, np.nan, np.nan
    # Sums around the median are exact for equal differences, in any order of seeds.
    middle = float(np.median(d))
    mean = middle + math.fsum(d - middle) / len(d)
    if len(d) < 2:
        return mean, np.nan, np.nan
    error = math.sqrt(math.fsum((d - mean) ** 2) / (len(d) - 1) / len(d))
    half = float(student.ppf(0.975, len(d) - 1)) * error
    return mean, mean - half, mean + half


def _decimal(number: float) -> Decimal:
    return Decimal(str(float(number)))


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
        "arm": _ranks(records["arm"], ()),
        "size": records["size"],
        "measure": _ranks(_base(records["measure"]), suite.rows_of("measures")),
        "part": _ranks(records["measure"], ()),
        "seed": records["seed"],
    }
    order = pd.DataFrame(ranks).sort_values(list(ranks), kind="stable").index
    return records.loc[order].reset_index(drop=True)


def summarise(records: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Summarises each cell over its seeds, in the order in which the cells appear.

    Columns: task, method, arm, size, measure; mean, low and high (its 95% bootstrap interval), n
    (seeds with a number), truth, bias (mean - truth), spread (standard deviation over seeds);
    failed and inapplicable (seeds without a number), warned (seeds with a warning), failure,
    exclusion and warning (why); unit, bound, ceiling, binarisation, convention; seconds (of one
    seed, on average). An estimator's own standard error plays no part.

    Raises:
        ValueError: A cell has two rows of one seed.
    """
    _check_once(records)
    cells, groups = (
        zip(*records.groupby(CELL, sort=False), strict=True) if len(records) else ((), ())
    )
    values = [_values(rows) for rows in groups]
    found = zip(cells, groups, values, _intervals(values, seed).tolist(), strict=True)
    return pd.DataFrame(
        [dict(zip(CELL, cell, strict=True)) | _cell(*of, *ends) for cell, *of, ends in found]
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


def _values(rows: pd.DataFrame) -> np.ndarray:
    return rows.loc[rows["state"] == "value", "value"].to_numpy(dtype=float)


def _intervals(values: list[np.ndarray], seed: int) -> np.ndarray:
    """The interval of each cell, (C, 2); those of as many seeds, up to `AT_ONCE`, together.

    Of more, numpy adds a row in another order when it stands among others, which is another bit.
    """
    ends, groups = np.empty((len(values), 2)), {}
    for i, numbers in enumerate(values):
        groups.setdefault((len(numbers), i * (len(numbers) > AT_ONCE)), []).append(i)
    for cells in groups.values():
        ends[cells] = np.transpose(interval(np.stack([values[i] for i in cells]), seed=seed))
    return ends


def _cell(rows: pd.DataFrame, values: np.ndarray, low: float, high: float) -> dict[str, object]:
    good = rows[rows["state"] == "value"]
    mean = values.mean() if len(values) else np.nan
    truth = rows["truth"].iloc[0]
    return {
        "mean": mean,
        "low": low,
        "high": high,
        "n": len(good),
        "truth": truth,
        "bias": mean - truth,
        "spread": values.std(ddof=1) if len(values) > 1 else np.nan,
        "failed": int((rows["state"] == "failed").sum()),
        "inapplicable": int((rows["state"] == "not applicable").sum()),
        "warned": int((good["warning"] != "").sum()),
        "failure": _joined(rows.loc[rows["state"] == "failed", "error"]),
        "exclusion": _joined(rows.loc[rows["state"] == "not applicable", "error"]),
        "warning": _joined(good["warning"]),
        "unit": _first(good["unit"]),
        "bound": _first(good["bound"]),
        "ceiling": good["ceiling"].max(),
        "binarisation": BINARISED.get(how := _first(good["binarisation"]), how),
        "convention": _first(good["convention"]),
        "seconds": rows["seconds"].mean(),
    }


def _joined(reasons: pd.Series) -> str:
    return "; ".join(dict.fromkeys(filter(None, reasons)))


def _first(column: pd.Series) -> str:
    return next((text for text in column if text), "")


def _base(measures: pd.Series) -> pd.Series:
    return measures.str.partition("/")[0]


def _ranks(names: pd.Series, order) -> pd.Series:
    return names.map({name: i for i, name in enumerate(dict.fromkeys([*order, *names]))})


def _append(records: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([records, more], ignore_index=True) if len(more) else records


def _unwritten(records: pd.DataFrame, suite: "Suite") -> pd.DataFrame:
    """Returns a failed row for each measure of the suite that wrote nothing for some seed."""
    keys = ["task", "method", "size", "measure", "seed"]
    have = records.assign(measure=_base(records["measure"]))[keys]
    measures = suite.rows_of("measures")
    wanted = product(suite.tasks, suite.methods, suite.sizes, measures, suite.seeds)
    seen = set(have.itertuples(index=False, name=None))
    frame = pd.DataFrame([cell for cell in wanted if cell not in seen], columns=keys)
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

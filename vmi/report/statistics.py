"""Statistics over seeds: a mean, its 95% bootstrap interval, and what became of every cell."""

import math
from decimal import Decimal
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import bootstrap
from scipy.stats import t as student

from vmi.registry import row_name
from vmi.report.names import binarisation

__all__ = [
    "CELL",
    "NO_RECORD",
    "complete",
    "interval",
    "judge",
    "metric_names",
    "paired",
    "summarise",
]

CELL = ["dataset", "model", "metric"]
RESAMPLES = 5000
NO_RECORD = "no record was written"

_EMPTY = {
    "value": np.nan,
    "ceiling": np.nan,
    "unit": "",
    "bound": "",
    "binarisation": "",
    "convention": "",
}

_NOT_APPLICABLE = "not applicable:"  # how vmi.measure begins the reason of such a row


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


def complete(records: pd.DataFrame, suite, *, parts: bool = True) -> pd.DataFrame:
    """Returns the records in the order of the suite, with a row for each number that has none.

    A metric that failed leaves one row; with `parts`, its parts get that row too, so that no cell
    of a table is silently empty.

    Raises:
        ValueError: A cell has two rows of one seed.
    """
    _check_once(records)
    records = _append(records, _unwritten(records, suite))
    records = _append(records, _unwritten_parts(records)) if parts else records
    base = _base(records["metric"])
    ranks = pd.DataFrame(
        {
            "dataset": _ranks(records["dataset"], suite.datasets),
            "model": _ranks(records["model"], suite.models),
            "metric": _ranks(base, metric_names(suite)),
            "part": _ranks(records["metric"], ()),
            "seed": records["seed"],
        }
    )
    return records.loc[ranks.sort_values(list(ranks), kind="stable").index].reset_index(drop=True)


def metric_names(suite) -> list[str]:
    """Returns the metrics as records name them: a user's `file:name` is a `name` there."""
    return [row_name(metric) for metric in suite.metrics]


def judge(records: pd.DataFrame) -> pd.DataFrame:
    """Returns the records with a column `state`: "value", "failed" or "not applicable".

    A row without a number is not applicable where its reason says so, and only there.
    """
    has = np.isfinite(records["value"].astype(float))
    says = records["error"].str.startswith(_NOT_APPLICABLE)
    state = np.select([has, says], ["value", "not applicable"], "failed")
    return records.assign(state=state)


def summarise(records: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Summarises each cell over its seeds, in the order in which the cells appear.

    Columns: dataset, model, metric, mean, low, high, n (seeds with a number), failed and
    inapplicable (seeds without one), failure and exclusion (why), unit, bound, ceiling,
    binarisation, convention. An estimator's own standard error plays no part.

    Raises:
        ValueError: A cell has two rows of one seed.
    """
    _check_once(records)
    groups = judge(records).groupby(CELL, sort=False)
    rows = [dict(zip(CELL, cell, strict=True)) | _cell(rows, seed) for cell, rows in groups]
    return pd.DataFrame(rows)


def _check_once(records: pd.DataFrame) -> None:
    """Two numbers of one seed would count as two seeds."""
    keys = ["dataset", "model", "seed", "metric"]
    again = records.loc[records.duplicated(keys), keys]
    if len(again):
        named = ", ".join(f"{key} {again.iloc[0][key]}" for key in keys)
        raise ValueError(f"more than one record of {named}")


def _cell(rows: pd.DataFrame, seed: int) -> dict[str, object]:
    good = rows[rows["state"] == "value"]
    values = good["value"].to_numpy(dtype=float)
    low, high = interval(values, seed=seed)
    return {
        "mean": values.mean() if len(values) else np.nan,
        "low": float(low),
        "high": float(high),
        "n": len(good),
        "failed": int((rows["state"] == "failed").sum()),
        "inapplicable": int((rows["state"] == "not applicable").sum()),
        "failure": _reasons(rows, "failed"),
        "exclusion": _reasons(rows, "not applicable"),
        "unit": _first(good["unit"]),
        "bound": _first(good["bound"]),
        "ceiling": good["ceiling"].max(),
        "binarisation": binarisation(_first(good["binarisation"])),
        "convention": _first(good["convention"]),
    }


def _reasons(rows: pd.DataFrame, state: str) -> str:
    errors = rows.loc[rows["state"] == state, "error"].replace("", "the number is not finite")
    return "; ".join(dict.fromkeys(errors))


def _first(column: pd.Series) -> str:
    return next((text for text in column if text), "")


def _base(metrics: pd.Series) -> pd.Series:
    return metrics.str.partition("/")[0]


def _ranks(names: pd.Series, order) -> pd.Series:
    return names.map({name: i for i, name in enumerate(dict.fromkeys([*order, *names]))})


def _append(records: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([records, more], ignore_index=True) if len(more) else records


def _unwritten(records: pd.DataFrame, suite) -> pd.DataFrame:
    """Returns a failed row for each metric of the suite that wrote nothing for some seed."""
    keys = [records["dataset"], records["model"], _base(records["metric"]), records["seed"]]
    have = set(zip(*keys, strict=True))
    wanted = product(suite.datasets, suite.models, metric_names(suite), suite.seeds)
    rows = [cell for cell in wanted if cell not in have]
    frame = pd.DataFrame(rows, columns=[*CELL, "seed"])
    return frame.assign(**_EMPTY, error=NO_RECORD)


def _unwritten_parts(records: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows without a number again, once for each part of their metric."""
    names = pd.Series(records["metric"].unique(), dtype=object)
    parts = pd.DataFrame({"metric": _base(names), "part": names})
    parts = parts[parts["metric"] != parts["part"]]
    bad = records[~np.isfinite(records["value"].astype(float))]
    copies = bad.merge(parts, on="metric").drop(columns="metric").rename(columns={"part": "metric"})
    key = [*CELL, "seed"]
    have = pd.MultiIndex.from_frame(records[key])
    return copies[~pd.MultiIndex.from_frame(copies[key]).isin(have)][list(records)]

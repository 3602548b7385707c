"""What went wrong and what has no meaning: every row without a number, told once."""

import pandas as pd

from vmi.report.manifest import training
from vmi.report.names import display
from vmi.report.statistics import complete, judge, metric_names

__all__ = ["STATES", "troubles"]

STATES = ("failed", "not applicable", "beware")
_KEYS = ["state", "dataset", "model", "reason"]


def troubles(records: pd.DataFrame, suite, results) -> pd.DataFrame:
    """Returns one row for each reason: state, dataset, model, reason, what and seeds.

    The states are "failed", "not applicable" and "beware": a number that has a warning.
    """
    rows = judge(complete(records, suite, parts=False))
    rows = rows[(rows["state"] != "value") | (rows["error"] != "")].rename(
        columns={"metric": "what", "error": "reason"}
    )
    rows["state"] = rows["state"].replace("value", "beware")
    rows["reason"] = rows["reason"].replace("", "the number is not finite")
    rows = pd.concat([_training(results, suite), rows[[*_KEYS, "what", "seed"]]], ignore_index=True)
    groups = rows.groupby(_KEYS, sort=False)
    found = groups.agg(what=("what", set), seeds=("seed", _numbers)).reset_index()
    found["what"] = [_names(names, metric_names(suite)) for names in found["what"]]
    order = found["state"].map({state: i for i, state in enumerate(STATES)})
    return found.loc[order.sort_values(kind="stable").index].reset_index(drop=True)


def _training(results, suite) -> pd.DataFrame:
    rows = training(results, suite)
    rows = rows[rows["error"] != ""].rename(columns={"error": "reason"})
    return rows.assign(state="failed", what="training")[[*_KEYS, "what", "seed"]]


def _names(names: set[str], metrics: list[str]) -> str:
    """A model that failed lacks every metric, which is said in two words."""
    rest = sorted(names - set(metrics))
    if len(metrics) > 1 and names >= set(metrics):
        return ", ".join(["every metric", *map(display, rest)])
    return ", ".join(display(name) for name in [*(m for m in metrics if m in names), *rest])


def _numbers(seeds: pd.Series) -> str:
    return ", ".join(str(int(seed)) for seed in sorted(set(seeds)))

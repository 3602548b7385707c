"""A suite's claims held against its records: a verdict for each claim on each data set."""

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from vmi.report.names import display
from vmi.report.statistics import CELL, judge, paired

__all__ = ["claims", "compared", "overall", "verdict"]

Verdict = Literal["holds", "fails", "undecided"]
Cells = Mapping[tuple[str, str, str], pd.DataFrame]

_COLUMNS = [
    *("id", "sentence", "source", "published", "dataset", "comparison", "unit", "margin"),
    *("effect", "low", "high", "n", "verdict", "note"),
]


def claims(records: pd.DataFrame, suite) -> pd.DataFrame:
    """Holds each claim of a suite against the records, once for each data set it speaks of.

    A seed has the same order of images and comparable noise in every model, so left and right are
    paired by seed. Nothing is corrected for the number of claims.

    Columns: id, sentence, source and published as the suite says them; dataset; comparison, in
    words; unit and margin; effect, the mean of left - right over the n seeds that have both, with
    its 95% interval low to high (`vmi.report.statistics.paired`); verdict (see `verdict`); and
    note, why no verdict could be had, or that a claim which does not hold has an effect of its
    direction all the same, short of the margin; or "".

    Args:
        records: With a row for each number that is missing, as `complete` gives them: its error is
            in the note.
        suite: Its claims in full, as `vmi.suites.suite.Suite.claims` gives them.
    """
    cells = dict(iter(judge(records).groupby(CELL)))
    units = records[records["unit"] != ""].groupby("metric")["unit"].first().to_dict()
    rows = [
        _held(claim, dataset, cells, units)
        for claim in suite.claims
        for dataset in claim["datasets"]
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def verdict(
    low: float, high: float, relation: Literal["above", "below", "within"], margin: float
) -> Verdict:
    """Returns what a 95% interval of an effect says of a claim on it.

    "above" claims effect > margin, "below" effect < -margin, "within" -margin <= effect <= margin.
    It holds where the whole interval lies there, fails where the whole interval lies elsewhere,
    and is undecided where the interval reaches into both or is NaN. An interval that ends at the
    margin leaves "above" and "below" undecided. With a negative margin "above" is a test of
    non-inferiority: not less by more than that.
    """
    if relation == "below":
        return verdict(-high, -low, "above", margin)
    if relation == "within":
        holds, fails = -margin <= low and high <= margin, low > margin or high < -margin
    else:
        holds, fails = low > margin, high < margin
    return "holds" if holds else "fails" if fails else "undecided"


def overall(rows: pd.DataFrame) -> str:
    """Returns the verdict that the data sets of one claim share, or else the verdict on each."""
    found: dict[str, list[str]] = {}
    for dataset, said in zip(rows["dataset"], rows["verdict"], strict=True):
        found.setdefault(said, []).append(dataset)
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{said} on {' and '.join(names)}" for said, names in found.items())


def compared(claim: Mapping[str, Any], unit: str = "") -> str:
    """Returns the comparison of a claim in words.

    Example:
        >>> side = {"model": "vmi-vae", "metric": "mig"}
        >>> compared({"left": side, "is": "above", "right": 0.5, "margin": -0.1})
        'MIG of VMI-VAE is not more than 0.1 below 0.5'
    """
    left, right, margin = claim["left"], claim["right"], claim["margin"]
    first = f"{display(left['metric'])} of {display(left['model'])}"
    return f"{first} {_relation(claim['is'], margin, unit)} {_second(left, right, unit)}"


def _relation(relation: str, margin: float, unit: str) -> str:
    size = _amount(abs(margin), unit)
    if relation == "within":
        return f"is within {size} of" if margin else "equals"
    other = {"above": "below", "below": "above"}[relation]
    if margin == 0:
        return f"is {relation}"
    return f"is more than {size} {relation}" if margin > 0 else f"is not more than {size} {other}"


def _second(left: Mapping[str, str], right: Mapping[str, str] | float, unit: str) -> str:
    if not isinstance(right, Mapping):
        return _amount(right, unit)
    if right["metric"] == left["metric"]:
        return f"that of {display(right['model'])}"
    if right["model"] == left["model"]:
        return f"its {display(right['metric'])}"
    return f"{display(right['metric'])} of {display(right['model'])}"


def _amount(number: float, unit: str) -> str:
    return f"{number:.12g} {unit}".strip().replace("-", "\N{MINUS SIGN}")


def _held(claim: Mapping[str, Any], dataset: str, cells: Cells, units: Mapping[str, str]) -> dict:
    """One row: a claim on one data set."""
    unit = units.get(claim["left"]["metric"], "")
    pairs, lack = _pairs(claim, dataset, cells)
    effect, low, high = paired(pairs["left"], pairs["right"])
    said = verdict(low, high, claim["is"], claim["margin"])
    return {key: claim[key] for key in ("id", "sentence", "source", "published", "margin")} | {
        "dataset": dataset,
        "comparison": compared(claim, unit),
        "unit": unit,
        "effect": effect,
        "low": low,
        "high": high,
        "n": len(pairs),
        "verdict": said,
        "note": lack or _short(said, low, high, claim["is"], claim["margin"]),
    }


def _short(said: Verdict, low: float, high: float, relation: str, margin: float) -> str:
    """What to say of an effect that surely has the claim's direction, but not the claim's size."""
    towards = {"above": low > 0, "below": high < 0}.get(relation, False)
    if said == "holds" or margin <= 0 or not towards:
        return ""
    return f"{relation} 0, but {'perhaps ' * (said == 'undecided')}by less than the margin"


def _pairs(claim: Mapping[str, Any], dataset: str, cells: Cells) -> tuple[pd.DataFrame, str]:
    """The numbers of both sides by seed, of the seeds that have both; and why they are too few."""
    nothing = pd.DataFrame({"left": [], "right": []})
    sides = {key: claim[key] for key in ("left", "right") if isinstance(claim[key], Mapping)}
    rows = {key: cells.get((dataset, s["model"], s["metric"])) for key, s in sides.items()}
    for key, side in sides.items():
        if rows[key] is None:
            return nothing, f"no records of {display(side['metric'])} of {display(side['model'])}"
    values = {key: cell[cell["state"] == "value"] for key, cell in rows.items()}
    if len(units := {unit for cell in values.values() for unit in cell["unit"]}) > 1:
        return nothing, f"its sides have different units: {_named(units)}"
    pairs = pd.DataFrame({key: cell.set_index("seed")["value"] for key, cell in values.items()})
    pairs = pairs.dropna() if "right" in sides else pairs.assign(right=float(claim["right"]))
    return pairs, _too_few(len(pairs), rows)


def _too_few(n: int, rows: Mapping[str, pd.DataFrame]) -> str:
    if n >= 2:
        return ""
    lost = pd.concat(rows.values()).query("state != 'value'")["error"]
    errors = "; ".join(filter(None, dict.fromkeys(lost)))
    seeds = "one seed alone has" if n else "no seed has"
    return f"{seeds} a number on each side" + (f": {errors}" if errors else "")


def _named(units: set[str]) -> str:
    return " and ".join(sorted(unit or "none" for unit in units))

"""A suite's claims held against its records: a verdict for each claim on each data set."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from vmi.report.tables import excluded
from vmi.statistics import Difference, Share, Verdict, holm, p_value, paired, verdict
from vmi.suites.claims import TRUTH

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["claims", "compared", "overall"]

Side = Mapping[str, Any]
Cells = Mapping[tuple[str, str, str, int, str], pd.DataFrame]

_COLUMNS = [
    *("id", "sentence", "source", "published", "by_construction", "task", "comparison", "unit"),
    *("margin", "effect", "low", "high", "d_z", "n", "p", "p_holm", "verdict", "adjusted", "note"),
]
LEVEL = 0.05
PLACE = ["method", "arm", "size", "measure"]


def claims(records: pd.DataFrame, suite: "Suite") -> pd.DataFrame:
    """Holds each claim of a suite against the records, once for each task it speaks of.

    A seed has the same order of images, or the same sample, and comparable noise for every method,
    so left and right are paired by seed.

    Columns: id, sentence, source, published and by_construction as the suite says them; task;
    comparison, in words; unit and margin; effect, the mean of left - right over the n seeds that
    have both, with its 95% interval low to high and its size d_z (`vmi.statistics.paired`); p, and
    p_holm, adjusted for all that are not by construction (`vmi.statistics.p_value`, `holm`);
    verdict, and adjusted, what is left of it at p_holm < .05 (`vmi.statistics.verdict`); and note,
    why no verdict could be had, or what is sure of an effect all the same; or "".

    Args:
        records: With a row for each number that is missing, as `complete` gives them: its error is
            in the note.
        suite: Its claims in full, as `vmi.suites.suite.Suite.claims` gives them.
    """
    cells = dict(iter(records.groupby(["task", *PLACE])))
    units = records[records["unit"] != ""].groupby("measure")["unit"].first().to_dict()
    rows = [
        _held(claim, task, cells, units, suite) for claim in suite.claims for task in claim["tasks"]
    ]
    found = pd.DataFrame(rows, columns=_COLUMNS)
    apart = found["by_construction"].astype(bool)
    found["p_holm"] = holm(found["p"].mask(apart))
    left = found["verdict"].where(found["p_holm"] < LEVEL, "undecided")
    return found.assign(adjusted=left.mask(apart, "not counted"))


def overall(rows: pd.DataFrame, column: str = "verdict") -> str:
    """Returns the verdict that the tasks of one claim share, or else the verdict on each."""
    found: dict[str, list[str]] = {}
    for task, each in zip(rows["task"], rows[column], strict=True):
        found.setdefault(each, []).append(task)
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{each} on {' and '.join(tasks)}" for each, tasks in found.items())


def compared(claim: Mapping[str, Any], suite: "Suite", unit: str = "") -> str:
    """Returns the comparison of a claim in words, e.g. "MIG of VMI-VAE is above that of VAE"."""
    left, margin = claim["left"], claim["margin"]
    relation = _relation(claim["is"], margin, unit)
    first = f"{_measure(left, suite)} of {_method(left, suite)}"
    return f"{first} {relation} {_second(left, claim['right'], suite, unit)}"


def _measure(side: Side, suite: "Suite") -> str:
    return suite.card("measures", side["measure"]).name


def _method(side: Side, suite: "Suite") -> str:
    arm = f" with {suite.card('arms', side['arm']).name}" if side["arm"] else ""
    size = f" from {side['size']:,} samples" if len(suite.sizes) > 1 else ""
    task = f" of {suite.card('tasks', side['task']).name}" if side["task"] else ""
    return suite.card("methods", side["method"]).name + arm + size + task


def _relation(relation: str, margin: float, unit: str) -> str:
    size = _amount(abs(margin), unit)
    if relation == "within":
        return f"is within {size} of" if margin else "equals"
    other = {"above": "below", "below": "above"}[relation]
    if margin == 0:
        return f"is {relation}"
    return f"is more than {size} {relation}" if margin > 0 else f"is not more than {size} {other}"


def _second(left: Side, right: Side | float | str, suite: "Suite", unit: str) -> str:
    if right == TRUTH:
        return "the truth"
    if not isinstance(right, Mapping):
        return _amount(right, unit)
    if right["measure"] == left["measure"]:
        return f"that of {_method(right, suite)}"
    if all(right[key] == left[key] for key in ("method", "arm", "size", "task")):
        return f"its {_measure(right, suite)}"
    return f"{_measure(right, suite)} of {_method(right, suite)}"


def _amount(number: float, unit: str) -> str:
    return f"{number:.12g} {unit}".strip().replace("-", "\N{MINUS SIGN}")


def _held(
    claim: Mapping[str, Any], task: str, cells: Cells, units: Mapping[str, str], suite: "Suite"
) -> dict[str, Any]:
    """One row: a claim on one task."""
    unit = units.get(claim["left"]["measure"], "")
    pairs, lack = _pairs(claim, task, cells, suite)
    difference = _difference(claim, pairs, suite)
    low, high = difference.interval
    found = verdict(low, high, claim["is"], claim["margin"])
    said = ("id", "sentence", "source", "published", "by_construction", "margin")
    return {key: claim[key] for key in said} | {
        "task": task,
        "comparison": compared(claim, suite, unit),
        "unit": unit,
        "effect": difference.mean,
        "low": low,
        "high": high,
        "d_z": difference.size,
        "n": difference.n,
        "p": p_value(difference, claim["is"], claim["margin"]),
        "verdict": found,
        "note": lack or _short(found, low, high, claim["is"], claim["margin"]),
    }


def _difference(
    claim: Mapping[str, Any], pairs: pd.DataFrame, suite: "Suite"
) -> Difference | Share:
    """What a claim's sides differ by: a share of seeds less a number, or the mean of pairs."""
    of_trials = suite.card("measures", claim["left"]["measure"]).of_trials
    if of_trials and not isinstance(claim["right"], Mapping | str) and len(pairs):
        return Share(int(pairs["left"].sum()), len(pairs), float(claim["right"]))
    return paired(pairs["left"], pairs["right"])


def _short(found: Verdict, low: float, high: float, relation: str, margin: float) -> str:
    """What to say of an effect that surely has the claim's direction, but not the claim's size.

    And of a claim of equality that is not shown: no difference seen is no equality.
    """
    if relation == "within" and found == "undecided" and low <= 0 <= high:
        return "not shown to differ, nor to be as near as the margin"
    towards = {"above": low > 0, "below": high < 0}.get(relation, False)
    if found == "holds" or margin <= 0 or not towards:
        return ""
    return f"{relation} 0, but {'perhaps ' * (found == 'undecided')}by less than the margin"


def _pairs(
    claim: Mapping[str, Any], task: str, cells: Cells, suite: "Suite"
) -> tuple[pd.DataFrame, str]:
    """The numbers of both sides by seed, of the seeds that have both; and why they are too few."""
    nothing = pd.DataFrame({"left": [], "right": []})
    sides = {key: claim[key] for key in ("left", "right") if isinstance(claim[key], Mapping)}
    places = {k: (side["task"] or task, *(side[p] for p in PLACE)) for k, side in sides.items()}
    rows = {key: cells.get(place) for key, place in places.items()}
    for key, side in sides.items():
        if rows[key] is None:
            return nothing, f"no records of {_measure(side, suite)} of {_method(side, suite)}"
    values = {key: cell[cell["state"] == "value"] for key, cell in rows.items()}
    if len(units := {unit or "none" for cell in values.values() for unit in cell["unit"]}) > 1:
        return nothing, f"its sides have different units: {' and '.join(sorted(units))}"
    columns = {key: cell.set_index("seed")["value"] for key, cell in values.items()}
    if claim["right"] == TRUTH:
        columns["right"] = values["left"].set_index("seed")["truth"]
    elif "right" not in sides:
        columns["right"] = float(claim["right"])
    pairs = pd.DataFrame(columns).dropna()
    if claim["right"] == TRUTH and len(values["left"]) > len(pairs) == 0:
        return nothing, "the truth is not known"
    return pairs, _too_few(len(pairs), rows)


def _too_few(n: int, rows: Mapping[str, pd.DataFrame]) -> str:
    if n >= 2:
        return ""
    lost = pd.concat(rows.values()).query("state != 'value'")
    reasons = lost["error"].mask(lost["state"] == "not applicable", lost["error"].map(excluded))
    errors = "; ".join(filter(None, dict.fromkeys(reasons)))
    seeds = "one seed alone has" if n else "no seed has"
    return f"{seeds} a number on each side" + (f": {errors}" if errors else "")

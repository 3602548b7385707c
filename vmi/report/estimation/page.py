"""The page of a suite of estimators."""

from pathlib import Path

import pandas as pd

from vmi.report.estimation import claims, tables
from vmi.report.gallery import Plan, embed
from vmi.report.names import display
from vmi.report.page import environment

__all__ = ["page"]


def page(
    results: Path,
    suite,
    summary: pd.DataFrame,
    overall: pd.DataFrame,
    known: pd.DataFrame,
    made: dict,
    figures: list[Plan],
) -> str:
    """Returns the report as one self-contained HTML page."""
    template = environment().get_template("estimation.html")
    return template.render(
        suite=suite,
        made=made,
        headline=tables.headline(overall, suite.title),
        best=claims.near_truth(overall),
        figures=[(f, embed(results / "figures" / f"{f.stem}.png", lossless=True)) for f in figures],
        tables=tables.by_task(summary),
        conventions=_conventions(summary),
        known=tables.known_answers(known) if len(known) else None,
        troubles=_troubles(summary),
    )


def _conventions(summary: pd.DataFrame) -> dict[str, str]:
    said = summary[summary["convention"] != ""].drop_duplicates("estimator")
    return dict(zip(said["estimator"], said["convention"], strict=True))


def _troubles(summary: pd.DataFrame) -> list[dict[str, str]]:
    """One row for each estimator and reason: on which tasks and at which sizes."""
    rows = summary[summary["reason"] != ""]
    groups = rows.groupby(["estimator", "reason"], sort=False)
    return [
        {
            "estimator": display(estimator),
            "reason": reason,
            "tasks": ", ".join(dict.fromkeys(map(display, part["task"]))),
            "sizes": ", ".join(f"{n:,}" for n in sorted(set(part["n"]))),
        }
        for (estimator, reason), part in groups
    ]

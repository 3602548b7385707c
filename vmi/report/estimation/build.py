"""Everything a report of estimators is made of, from the files of a results folder."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from vmi.records import read
from vmi.report import writers
from vmi.report.estimation import tables
from vmi.report.estimation.gallery import plans
from vmi.report.estimation.page import page
from vmi.report.estimation.statistics import cells, overall
from vmi.report.manifest import manifest
from vmi.report.style import save

__all__ = ["build"]


def build(results: Path, suite) -> None:
    """Writes tables/, figures/, manifest.json and report.html of a suite of estimators."""
    records = read(results / "records.csv")
    summary = cells(records, suite)
    totals = overall(summary)
    known = _optional(results / "verify.csv", pd.read_csv)
    _tables(results / "tables", suite, summary, totals)
    figures = plans(summary, totals, _optional(results / "ladder.csv", read))
    for plan in figures:
        save(plan.draw(), results / "figures" / plan.stem)
    made = manifest(results, records, suite)
    writers.write(results / "manifest.json", json.dumps(made, indent=2, ensure_ascii=False) + "\n")
    writers.write(
        results / "report.html", page(results, suite, summary, totals, known, made, figures)
    )


def _tables(folder: Path, suite, summary: pd.DataFrame, totals: pd.DataFrame) -> None:
    main = tables.headline(totals, suite.title)
    writers.save_tables(folder, main, tables.by_task(summary))
    totals.to_csv(folder / "headline.csv", index=False)
    summary.to_csv(folder / "complete.csv", index=False)


def _optional(path: Path, reader: Callable[[Path], pd.DataFrame]) -> pd.DataFrame:
    return reader(path) if path.exists() else pd.DataFrame()

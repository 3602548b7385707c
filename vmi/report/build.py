"""Everything a report is made of, from the files of a results folder and from nothing else."""

import json
from pathlib import Path

import pandas as pd

from vmi.records import read
from vmi.report import writers
from vmi.report.claims import claims
from vmi.report.gallery import plans
from vmi.report.manifest import manifest
from vmi.report.page import page
from vmi.report.statistics import complete, summarise
from vmi.report.style import save
from vmi.report.tables import families, headline
from vmi.report.troubles import troubles
from vmi.report.verdicts import document

__all__ = ["build"]

_HISTORY = ["dataset", "model", "seed", "step", "term", "value"]


def build(results: Path, suite) -> None:
    """Writes tables/, figures/, claims.md, manifest.json and report.html of a suite."""
    records = read(results / "records.csv")
    whole = complete(records, suite)
    claimed = claims(whole, suite)
    summary = summarise(whole)
    trouble = troubles(records, suite, results)
    _tables(results / "tables", suite, summary, trouble)
    _claims(results, suite, claimed)
    figures = plans(whole, summary, _history(results), suite)
    (results / "figures").mkdir(exist_ok=True)  # the workflow awaits it, with figures or without
    for plan in figures:
        save(plan.draw(), results / "figures" / plan.stem)
    made = manifest(results, records, suite)
    writers.write(results / "manifest.json", json.dumps(made, indent=2, ensure_ascii=False) + "\n")
    writers.write(
        results / "report.html", page(results, suite, summary, trouble, claimed, made, figures)
    )


def _tables(folder: Path, suite, summary: pd.DataFrame, trouble: pd.DataFrame) -> None:
    main = headline(summary, suite.title)
    writers.save_tables(folder, main, families(summary))
    summary[summary["metric"].isin(main.metrics)].to_csv(folder / "headline.csv", index=False)
    summary.to_csv(folder / "complete.csv", index=False)
    trouble.to_csv(folder / "troubles.csv", index=False)


def _claims(results: Path, suite, claimed: pd.DataFrame) -> None:
    """What an earlier report said of claims that the suite no longer makes must not stay."""
    text, table = results / "claims.md", results / "tables" / "claims.csv"
    if not suite.claims:
        text.unlink(missing_ok=True)
        table.unlink(missing_ok=True)
        return
    writers.write(text, document(claimed, suite.title))
    claimed.to_csv(table, index=False)


def _history(results: Path) -> pd.DataFrame:
    path = results / "history.csv"
    return pd.read_csv(path) if path.exists() else pd.DataFrame(columns=_HISTORY)

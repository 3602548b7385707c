"""The report of a suite: tables, figures and one page, from records and from nothing else."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["headline_text", "print_headline", "report"]


def report(suite: "Suite", results: Path | None = None) -> None:
    """Writes everything a reader wants of a suite into its results folder.

    That is `report.html`, `manifest.json`, `tables/` (Markdown, LaTeX, CSV) and `figures/`
    (PNG, SVG), and `claims.md` where the suite makes claims.

    Args:
        suite: The suite.
        results: The folder with records.csv and, where there are any, the other files that
            `vmi.stages.where` names; where the suite's results lie if left out.
    """
    from vmi.report.build import build  # seconds of imports that print_headline does not need
    from vmi.report.inputs import intact, seal
    from vmi.stages.where import Where, where

    here = where(suite) if results is None else Where(Path(results))
    read = intact(suite, here)
    build(suite, here)
    seal(suite, here, read)


def headline_text(results: Path) -> str:
    """Returns the headline table as the report wrote it for a terminal; `*` marks the best."""
    return (Path(results) / "tables" / "headline.txt").read_text(encoding="utf-8")


def print_headline(results: Path) -> None:
    """Prints the headline table, and on a line of its own the path of the page."""
    print(headline_text(results))
    print(Path(results) / "report.html")

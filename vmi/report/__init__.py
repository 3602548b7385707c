"""The report of a suite: tables, figures and one page, from records and from nothing else."""

from pathlib import Path

__all__ = ["headline_text", "print_headline", "report"]


def report(results: Path, suite) -> None:
    """Writes everything a reader wants of a suite into its results folder.

    That is `report.html`, `manifest.json`, `tables/` (Markdown, LaTeX, CSV) and `figures/`
    (PNG, SVG), and `claims.md` where the suite makes claims.

    Args:
        results: The folder with records.csv, and where they exist history.csv, train/, data/ and
            pictures/.
        suite: The facts of the suite: name, title, description, seeds, and what it runs: datasets,
            models and metrics, or tasks, estimators and sizes.
    """
    # Seconds of imports that print_headline does not need.
    if suite.tasks:
        from vmi.report.estimation.build import build
    else:
        from vmi.report.build import build

    build(Path(results), suite)


def headline_text(results: Path) -> str:
    """Returns the headline table as the report wrote it for a terminal; `*` marks the best."""
    return (Path(results) / "tables" / "headline.txt").read_text(encoding="utf-8")


def print_headline(results: Path) -> None:
    """Prints the headline table, and on a line of its own the path of the page."""
    print(headline_text(results))
    print(Path(results) / "report.html")

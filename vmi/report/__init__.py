"""The report of a suite: tables, figures and one page, from records and from nothing else."""

from pathlib import Path

__all__ = ["headline_text", "print_headline", "report"]


def report(results: Path, suite) -> None:
    """Writes everything a reader wants of a suite into its results folder.

    That is `report.html`, `manifest.json`, `tables/` (Markdown, LaTeX, CSV) and `figures/`
    (PNG, SVG).

    Args:
        results: The folder with records.csv, and where they exist history.csv, train/, data/ and
            pictures/.
        suite: The facts of the suite: name, title, description, datasets, models, seeds, metrics.
    """
    from vmi.report.build import build  # seconds of imports that headline_text does not need

    build(Path(results), suite)


def headline_text(results: Path) -> str:
    """Returns the headline table as aligned text for a terminal; `*` marks the best mean."""
    from vmi.records import read
    from vmi.report.statistics import summarise
    from vmi.report.tables import headline
    from vmi.report.writers import plain

    records = read(Path(results) / "records.csv")
    names = ", ".join(dict.fromkeys(records["suite"].dropna()))
    return plain(headline(summarise(records), f"{names}: mean [95% interval over seeds]"))


def print_headline(results: Path) -> None:
    """Prints the headline table, and on a line of its own the path of the page."""
    print(headline_text(results))
    print(Path(results) / "report.html")

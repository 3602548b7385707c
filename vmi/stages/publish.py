"""What is committed of a suite's results, and how a checkout takes it back.

Published cells hold all that a report needs of a model but its weights and codes, so that a
baseline can be added to published results without training the others again.
"""

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from vmi.errors import UserError
from vmi.stages import provenance
from vmi.suites.suite import Suite

__all__ = ["publish", "restore"]

REPORT = (
    "records.csv",
    "manifest.json",
    "report.html",
    "claims.md",
    "verify.csv",
    "ladder.csv",
    "tables",
    "figures",
)
CELLS = ("data", "train", "records", "pictures")
LEFT_OUT = shutil.ignore_patterns("*.svg", ".snakemake_timestamp")


def publish(suite: Suite, cells: bool = False) -> None:
    """Copies a suite's report to results/published, and its cells where asked.

    Raises:
        UserError: There is nothing to publish.
    """
    made, target = _made(suite), _published(suite)
    wanted = [(made / name, target / name) for name in REPORT]
    wanted += [(made / name, target / "cells" / name) for name in CELLS if cells]
    there = [(source, place) for source, place in wanted if source.exists()]
    if not there:
        raise UserError(f"{made} holds no results")
    for source, place in there:
        _replace(source, place)


def restore(suite: Suite) -> None:
    """Takes back the published cells that this code and this suite would make again.

    The workflow then trains and measures what is left, and goes on from what was taken back.

    Raises:
        UserError: No cells are published, or there are results already, which might be of other
            code.
    """
    cells, results = _published(suite) / "cells", _made(suite)
    if not cells.is_dir():
        raise UserError(f"no cells of suite {suite.name!r} are published")
    if any((results / name).exists() for name in CELLS):
        raise UserError(f"{results} holds results already: remove it, or work in a new checkout")
    taken = list(_current(suite, cells))
    for path in taken:
        _replace(cells / path, results / path)
    _of_one_age(results / path for path in taken)
    trained = sum(path.parts[0] == "train" for path in taken)
    print(
        f"took back {trained} of the {len(suite.datasets) * len(suite.models)} cells of the suite"
    )


def _current(suite: Suite, cells: Path) -> Iterator[Path]:
    """The published paths, below `cells`, that are as they would be made now."""
    yield from (path.relative_to(cells) for path in (cells / "data").glob("*.json"))
    for dataset in suite.datasets:
        for model in suite.models:
            made = provenance.of_training(suite, dataset, model)
            place = Path(dataset, model)
            cohorts = [
                note.parent
                for note in sorted((cells / "train" / place).glob("*/made.json"))
                if provenance.agrees(note, made)
            ]
            for cohort in cohorts:
                yield cohort.relative_to(cells)
                yield from _measured(suite, cells, place / cohort.name)
            if cohorts:
                yield from _shown(suite, cells, place)


def _measured(suite: Suite, cells: Path, cohort: Path) -> Iterator[Path]:
    for family in suite.families():
        yield from _records(cells, cohort / family, provenance.of_evaluation(suite, family))


def _shown(suite: Suite, cells: Path, place: Path) -> Iterator[Path]:
    """What is of all of a model's seeds, or of its first."""
    yield from _records(cells, place / "seeds", provenance.of_comparison(suite))
    pictures = cells / "pictures" / place
    if provenance.agrees(pictures / "made.json", provenance.of_pictures(suite)):
        yield pictures.relative_to(cells)


def _records(cells: Path, stem: Path, made: provenance.Provenance) -> Iterator[Path]:
    """Records and their provenance, if it is this one; the stem is that of their files."""
    names = [Path("records", stem.parent, f"{stem.name}.{ending}") for ending in ("json", "csv")]
    if provenance.agrees(cells / names[0], made):
        yield from names


def _replace(source: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(source, place, ignore=LEFT_OUT)
    else:
        shutil.copyfile(source, place)


def _of_one_age(paths: Iterable[Path]) -> None:
    """Snakemake makes anew what is older than what it is made from, and nothing here is."""
    now = time.time()
    for path in paths:
        for each in (path, *path.rglob("*")):
            os.utime(each, (now, now))


def _made(suite: Suite) -> Path:
    return Path("results", suite.name)


def _published(suite: Suite) -> Path:
    return Path("results", "published", suite.name)

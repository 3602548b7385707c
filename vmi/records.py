"""Tidy rows: one row per number, with all that says where the number comes from."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from vmi import __version__
from vmi.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Record", "join", "read", "write", "write_csv"]

NAN = float("nan")


@dataclass(frozen=True)
class Record:
    """One row of records.csv: an estimate, where it belongs and what it took.

    Attributes:
        metric: The metric's name, `metric/part` where it has parts.
        low: The lower end of the 95% interval of the estimator's own error.
        high: The upper end.
        truth: The exact value, where it is known on paper, or NaN.
        binarisation: How the images became bits: "none", "dynamic" or "static".
        seconds: How long the whole metric took, its parts together.
        version: The version of this package.
        (the others as in `Estimate`)
    """

    suite: str
    dataset: str
    model: str
    seed: int
    metric: str
    value: float
    stderr: float = NAN
    low: float = NAN
    high: float = NAN
    unit: str = ""
    bound: str = ""
    ceiling: float = NAN
    truth: float = NAN
    ess: float = NAN
    binarisation: str = "none"
    n: int = 0
    seconds: float = NAN
    convention: str = ""
    error: str = ""
    version: str = field(default=__version__)

    @classmethod
    def of(cls, where: tuple[str, str, str, int], metric: str, made: Estimate, **about) -> "Record":
        """Creates the row of an estimate: suite, dataset, model and seed, and the metric's name.

        Args:
            where: Suite, dataset, model, seed.
            metric: As it was called; of a user's own `file:name` the name stands in the row.
            made: The estimate; its part follows the name after a slash.
            about: The columns that an estimate does not know: binarisation, truth, seconds.
        """
        numbers = {key: value for key, value in vars(made).items() if key != "part"}
        low, high = made.interval
        return cls(*where, made.called(metric), **numbers, low=low, high=high, **about)


COLUMNS = tuple(f.name for f in fields(Record))


FLOATS = ("value", "stderr", "low", "high", "ceiling", "truth", "ess", "seconds")


INTEGERS = ("seed", "n")


def write(records: Iterable[Record], path: Path) -> None:
    """Writes rows as CSV; floats keep every digit, so reading them back gives the same bits."""
    write_csv(path, COLUMNS, map(astuple, records))


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Writes rows under a header; a number that is not there is an empty cell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(["" if cell != cell else cell for cell in row] for row in rows)


def read(*paths: Path) -> "pd.DataFrame":
    """Reads rows from one or many files into one frame; empty text is "", a missing number NaN."""
    import pandas as pd  # only the report reads, and only there are the seconds of its import owed

    texts = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in paths]
    frame = pd.concat(texts, ignore_index=True)
    # Through Python's own float, as pandas' parser keeps all digits in its newest versions only.
    numbers = {name: frame[name].replace("", "nan").map(float) for name in FLOATS}
    return frame.assign(**numbers, **{name: frame[name].astype(int) for name in INTEGERS})


def join(inputs: Iterable[Path], output: Path, seeds: Sequence[int]) -> None:
    """Joins CSV files of the same columns into one, letter by letter: the rows of some seeds."""
    header, rows, wanted = (), [], set(map(str, seeds))
    for path in inputs:
        with path.open(newline="") as file:
            header, *more = csv.reader(file)
        rows += [row for row in more if row[header.index("seed")] in wanted]
    write_csv(output, header, rows)

"""Tidy rows: one row per number, with all that says where the number comes from."""

import csv
from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vmi.errors import reading
from vmi.estimate import Estimate, State
from vmi.version import __version__

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Place", "Record", "join", "kept_rows", "read", "write", "write_csv"]

NAN = float("nan")


class Place(NamedTuple):
    """Where a number belongs in the grid of a suite.

    Attributes:
        suite: The suite's name.
        task: What was given: a data set, a pair of known information, a graph.
        method: What answered: a model, an estimator, a learner.
        arm: The second stage that refined the method; "" for the method as it is.
        size: How many samples were drawn of the task; 0 where the task comes in one size.
        seed: Of everything random.
    """

    suite: str
    task: str
    method: str
    arm: str = ""
    size: int = 0
    seed: int = 0


@dataclass(frozen=True)
class Record:
    """One row of records.csv: a number, where it belongs and what it took.

    Attributes:
        measure: What was measured, `measure/part` where it has parts.
        state: "value", or why there is none: "not applicable" or "failed".
        low: The value less 1.96 stderr: spread, not bias, so that it need not cover the truth.
        high: The value plus 1.96 stderr.
        truth: The exact value, where it is known on paper, or NaN.
        binarisation: How the images became bits: "none", "dynamic" or "static".
        seconds: How long the whole measure took, its parts together.
        warning: What to beware of in a value.
        error: Why there is no value.
        version: The version of this package.
        (the first six as in `Place`, the others as in `vmi.estimate.Estimate`)
    """

    suite: str
    task: str
    method: str
    arm: str
    size: int
    seed: int
    measure: str
    value: float
    state: State = "value"
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
    warning: str = ""
    error: str = ""
    version: str = field(default=__version__)

    @classmethod
    def of(cls, place: Place, measure: str, made: Estimate, **about) -> "Record":
        """Creates the row of an estimate.

        Args:
            place: Where it belongs.
            measure: As it was called; of a user's own `file:name` the name stands in the row.
            made: The estimate; its part follows the name after a slash.
            about: The columns that an estimate does not know: binarisation, truth, seconds.
        """
        numbers = {key: value for key, value in vars(made).items() if key != "part"}
        low, high = made.interval
        return cls(*place, made.called(measure), **numbers, low=low, high=high, **about)


COLUMNS = tuple(f.name for f in fields(Record))
FLOATS = ("value", "stderr", "low", "high", "ceiling", "truth", "ess", "seconds")
INTEGERS = ("size", "seed", "n")


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
    """Reads rows from one or many files into one frame; empty text is "", a missing number NaN.

    Files of earlier versions are read as well: their columns are renamed (`EARLIER`).
    """
    import pandas as pd  # only the report reads, and only there are the seconds of its import owed

    return pd.concat(map(_read, paths), ignore_index=True)


def _read(path: Path) -> "pd.DataFrame":
    import pandas as pd

    with reading(path):
        text = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame = _renewed(text)[list(COLUMNS)]
        # Through Python's own float: pandas' parser keeps all digits in its newest versions only.
        numbers = {name: frame[name].replace("", "nan").map(float) for name in FLOATS}
        return frame.assign(**numbers, **{name: frame[name].astype(int) for name in INTEGERS})


def kept_rows(path: Path, measured: Collection[tuple[str, str]]) -> list[Record]:
    """Reads the rows of some measures of arms, with all their parts; none where there is no file.

    Args:
        path: The file.
        measured: Pairs of an arm and a measure.
    """
    if not (measured and path.is_file()):
        return []
    with reading(path, path.parent), path.open(newline="") as file:
        found = csv.DictReader(file)
        rows = [row for row in found if (row["arm"], _whole(row["measure"])) in measured]
        return [Record(**{key: _typed(key, text) for key, text in row.items()}) for row in rows]


def _whole(measure: str) -> str:
    """The name of a measure without that of its part."""
    return measure.partition("/")[0]


def _typed(column: str, text: str) -> str | int | float:
    if column in FLOATS:
        return float(text or "nan")
    return int(text) if column in INTEGERS else text


def join(
    inputs: Iterable[Path],
    output: Path,
    seeds: Collection[int],
    measures: Collection[str] | None = None,
) -> None:
    """Joins CSV files of the same columns into one, letter by letter.

    Args:
        inputs: The files.
        output: The file.
        seeds: Whose rows are wanted.
        measures: Which rows are, with all of their parts; of files without measures, all.
    """
    header, rows, wanted = (), [], set(map(str, seeds))
    for path in inputs:
        with reading(path, path.parent), path.open(newline="") as file:
            header, *more = csv.reader(file)
            seed = header.index("seed")
            measure = header.index("measure") if measures is not None else seed
            if any(len(row) != len(header) for row in more):
                raise ValueError("a row is cut short")
        rows += [
            row
            for row in more
            if row[seed] in wanted and (measures is None or _whole(row[measure]) in measures)
        ]
    write_csv(output, header, rows)


# Up to version 0.1: the names of columns, and how an error began that was not a failure.
EARLIER = {"dataset": "task", "model": "method", "metric": "measure"}
NOT_APPLICABLE, BEWARE = "not applicable: ", "beware: "


def _renewed(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Rows of an earlier version in today's columns.

    There, only the rows of estimators had a truth, and their n was the size of the sample; a
    warning and the kind of a failure stood in the wording of the error.
    """
    if "metric" not in frame:
        return frame
    frame = frame.rename(columns=EARLIER)
    has = ~frame["value"].isin(["", "inf", "-inf"])
    excluded = ~has & frame["error"].str.startswith(NOT_APPLICABLE)
    state = has.map({True: "value", False: "failed"}).mask(excluded, "not applicable")
    error = frame["error"].str.removeprefix(NOT_APPLICABLE).mask(has, "")
    error = error.mask(~has & (error == ""), "the number is not finite")
    warning = frame["error"].str.removeprefix(BEWARE).where(has, "")
    size = frame["n"].where(frame["truth"] != "", "0")
    return frame.assign(arm="", size=size, state=state, warning=warning, error=error)

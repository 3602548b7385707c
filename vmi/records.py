"""Tidy rows: one row per number, with all that says where the number comes from."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Literal

import pandas as pd

from vmi import __version__

__all__ = ["COLUMNS", "Estimate", "Record", "read", "write"]

NAN = float("nan")


@dataclass(frozen=True)
class Estimate:
    """A number with what a reader must know of it.

    Attributes:
        value: The number.
        stderr: The estimator's own standard error, NaN where it has none. Never the spread over
            seeds.
        unit: "nats", or "" for a score, a count or a share.
        bound: What the number is of the truth: "exact", "lower", "upper" or "" (neither).
        ceiling: The most that a perfect code could score, or NaN.
        n: How many images (or pairs) the number was computed from.
        part: Which part of a metric with several numbers, e.g. "rate" of `elbo`; "" for the whole.
        error: Why there is no number, or what to beware of; "" where all is well.
    """

    value: float
    stderr: float = NAN
    unit: str = ""
    bound: Literal["exact", "lower", "upper", ""] = ""
    ceiling: float = NAN
    n: int = 0
    part: str = ""
    error: str = ""


@dataclass(frozen=True)
class Record:
    """One row of records.csv: an estimate, where it belongs and what it took.

    Attributes:
        metric: The metric's name, `metric/part` where it has parts.
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
    unit: str = ""
    bound: str = ""
    ceiling: float = NAN
    binarisation: str = "none"
    n: int = 0
    seconds: float = NAN
    error: str = ""
    version: str = field(default=__version__)


COLUMNS = tuple(f.name for f in fields(Record))
_TEXT = {name: str for name in ("unit", "bound", "error", "binarisation", "version", "model")}


def write(records: Iterable[Record], path: Path) -> None:
    """Writes rows as CSV; floats keep every digit, so reading them back gives the same bits."""
    frame = pd.DataFrame([asdict(record) for record in records], columns=list(COLUMNS))
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False)


def read(*paths: Path) -> pd.DataFrame:
    """Reads rows from one or many files into one frame; empty text is "", a missing number NaN."""
    frames = [pd.read_csv(p, dtype=_TEXT, float_precision="round_trip") for p in paths]
    frame = pd.concat(frames, ignore_index=True)
    return frame.fillna({name: "" for name in _TEXT})

"""`vmi.load`: the records of a suite that is done."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from vmi import records
from vmi.errors import UserError, unknown
from vmi.shipped import SHIPPED
from vmi.stages.where import Where, published
from vmi.suites.suite import Suite

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["load"]


def load(results: str | os.PathLike) -> "pd.DataFrame":
    """Returns the records of a suite as a tidy frame, a row a number.

    Args:
        results: Its results folder, or the name of a suite whose results are published.

    Raises:
        UserError: There are no records.

    Example:
        >>> import vmi
        >>> sorted(vmi.load("demo")["task"].unique())
        ['digits', 'sprites']
    """
    places = [Where(Path(results)), Where(SHIPPED / published(Suite(str(results), {})).root)]
    for place in places:
        if place.records.is_file():
            return records.read(place.records)
    if Path(results).is_dir():
        raise UserError(f"{results} holds no {places[0].records.name}")
    known = sorted(path.name for path in places[1].root.parent.glob("*"))
    raise unknown("results", results, known)

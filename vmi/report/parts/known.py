"""What the instruments say where the answer is known on paper."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from vmi.errors import reading
from vmi.report.blocks import Block, Folded, Part, Prose
from vmi.report.numbers import Numbers
from vmi.report.tables import DASH, Cell, Table
from vmi.suites.kinds import KINDS

__all__ = ["PART", "known_answers", "name_of"]

CASES = "Every instrument of this project on cases whose answer is known on paper: vmi verify."


def name_of(name: str) -> str:
    """Returns what a person reads of an instrument, or of a part of one, of whatever kind."""
    whole, _, part = name.partition("/")
    for kind in KINDS.values():
        for registry in (kind.measures, kind.method.registry):
            if registry.knows(whole):
                card = registry[registry.split(whole)[0]]
                return (card.part(whole, part) if part else card.of(whole)).name
    return name


def known_answers(rows: pd.DataFrame) -> Table:
    """Creates the table of the known answers: truth, tolerance and what the instrument said."""
    table = Table("Known answers", ["instrument", "case", "truth", "may be", "got", "holds"])
    for row in rows.itertuples():
        low, high = row.truth - row.below, row.truth + row.above
        cells = [name_of(row.instrument), row.case, f"{row.truth:.5g}", f"{low:.5g} to {high:.5g}"]
        got = f"{row.got:.5g}" if np.isfinite(row.got) else DASH
        table.rows.append([*map(Cell, cells), Cell(got), Cell("yes" if row.holds else "NO")])
    return table


def _known(numbers: Numbers) -> Iterator[Block]:
    with reading(numbers.where.verify):
        table = known_answers(pd.read_csv(numbers.where.verify))
    yield Prose(CASES)
    yield Folded(f"{len(table.rows)} known answers", [table])


PART = Part("Known answers", _known, lambda numbers: numbers.where.verify.exists())

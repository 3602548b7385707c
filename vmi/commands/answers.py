"""`vmi.verify`: what every instrument says where the truth is known."""

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vmi.errors import reason, unknown
from vmi.verify import ROOMS, Case, cases

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Answer", "answers", "checked", "verify"]

# Of verify.csv.
COLUMNS = (
    "instrument",
    "case",
    "truth",
    "below",
    "above",
    "got",
    "holds",
    "seconds",
    "source",
    "error",
)


@dataclass(frozen=True)
class Answer:
    """What an instrument computes where the truth is known.

    Attributes:
        case: The known answer.
        got: What it computes, or NaN.
        seconds: How long it took.
        error: Why it computes nothing.
    """

    case: Case
    got: float
    seconds: float = 0.0
    error: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is near enough to the truth."""
        return not self.error and self.case.holds(self.got)

    @property
    def row(self) -> dict[str, Any]:
        """The answer under `COLUMNS`, and the tolerance as text."""
        known = vars(self.case) | vars(self) | {"case": self.case.name, "holds": self.holds}
        columns = {column: known[column] for column in COLUMNS}
        return columns | {"tolerance": self.case.tolerance}


def verify(*rooms: str) -> "pd.DataFrame":
    """Returns what `vmi.verify` does, whose docstring says more."""
    import pandas as pd  # the command prints without it, and it takes a second

    rows = [answer.row for room in checked(rooms) for answer in answers(room)]
    return pd.DataFrame(rows)


def checked(rooms: Iterable[str]) -> list[str]:
    """Returns the rooms that are named, each once, or all of them.

    Raises:
        UserError: There is no such room.
    """
    named = list(dict.fromkeys(rooms))
    for name in named:
        if name not in ROOMS:
            raise unknown("room", name, ROOMS)
    return named or list(ROOMS)


def answers(room: str) -> list[Answer]:
    """Returns the answers of a room; one that cannot even be asked is wrong."""
    try:
        return [_answer(case) for case in _distinct(cases(room))]
    except Exception as error:  # a broken room must not hide the others
        case = Case(room, "its known answers", math.nan, lambda: math.nan, 0, 0)
        return [Answer(case, math.nan, error=reason(error))]


def _distinct(found: Sequence[Case]) -> Iterator[Case]:
    """Refuses a room that asks nothing, or one thing twice: its count would say too much."""
    if not found:
        raise ValueError("there are none")
    names = [(case.instrument, case.name) for case in found]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} is there twice")
    yield from found


def _answer(case: Case) -> Answer:
    began = time.perf_counter()
    try:
        got, error = float(case.got()), ""
    except Exception as raised:  # a failure is a row; the other cases go on
        got, error = math.nan, reason(raised)
    return Answer(case, got, time.perf_counter() - began, error)

"""`vmi verify`: every instrument against its known answers."""

import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vmi import records
from vmi.commands.show import aligned, number, print_json, say
from vmi.errors import reason, unknown
from vmi.verify import ROOMS, Case, cases

__all__ = ["verify", "write_ladder"]

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
    """What an instrument said to a case.

    Attributes:
        case: The known answer.
        got: What the instrument said, or NaN.
        seconds: How long it took.
        error: Why it said nothing.
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
        """The answer under `COLUMNS`."""
        known = vars(self.case) | vars(self) | {"case": self.case.name, "holds": self.holds}
        return {column: known[column] for column in COLUMNS}

    @property
    def as_json(self) -> dict[str, Any]:
        """The row as the table calls things."""
        row = self.row
        holds = row.pop("holds")
        return {**row, "tolerance": self.case.tolerance, "pass": holds}


def verify(room: Sequence[str], output: Path | None = None, json: bool = False) -> int:
    """Prints what every instrument says where the truth is known; returns 1 if any is wrong.

    Args:
        room: Which parts of the project; all of them if empty.
        output: A CSV file to write the answers to as well.
        json: Print JSON instead of a table.

    Raises:
        UserError: There is no such room.
    """
    for name in room:
        if name not in ROOMS:
            raise unknown("room", name, ROOMS)
    answers = [answer for name in dict.fromkeys(room or ROOMS) for answer in _room(name)]
    if output:
        records.write_csv(output, COLUMNS, (answer.row.values() for answer in answers))
    if json:
        print_json([answer.as_json for answer in answers])
    else:
        say(_table(answers))
        say(f"\n{_total(answers)}")
    return 0 if answers and all(answer.holds for answer in answers) else 1


def write_ladder(output: Path) -> None:
    """Writes the records of the closed-form ladder as CSV."""
    from vmi.verify.ladder import ladder

    records.write(ladder(), output)


def _room(name: str) -> list[Answer]:
    """The answers of a room; one that cannot even be asked is wrong."""
    began, found = time.perf_counter(), []
    try:
        found = [_answer(case) for case in _distinct(cases(name))]
    except Exception as error:  # a broken room must not hide the others
        case = Case(name, "its known answers", math.nan, lambda: math.nan, 0, 0)
        found = [Answer(case, math.nan, error=reason(error))]
    seconds, hold = time.perf_counter() - began, sum(answer.holds for answer in found)
    print(f"vmi: {name}: {hold} of {len(found)} hold ({seconds:.1f} s)", file=sys.stderr)
    return found


def _distinct(found: list[Case]) -> Iterator[Case]:
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


def _table(answers: Sequence[Answer]) -> str:
    return aligned([(_cells(answer), answer.error) for answer in answers], ("instrument", "case"))


def _cells(answer: Answer) -> dict[str, str]:
    return {
        "instrument": answer.case.instrument,
        "case": answer.case.name,
        "truth": number(answer.case.truth),
        "tolerance": answer.case.tolerance,
        "got": number(answer.got) or "-",
        "pass": "yes" if answer.holds else "NO",
    }


def _total(answers: Sequence[Answer]) -> str:
    wrong = [f"{a.case.instrument} ({a.case.name})" for a in answers if not a.holds]
    if not wrong:
        return f"{len(answers)} known answers, all hold"
    return f"{len(answers)} known answers, {len(wrong)} do not hold: {', '.join(wrong)}"
